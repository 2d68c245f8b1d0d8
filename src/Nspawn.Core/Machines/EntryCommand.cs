using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>What whoever enters a machine executes there, as whom, where and with which environment.</summary>
/// <param name="User">The user of the container.</param>
/// <param name="Directory">Where it starts.</param>
/// <param name="DirectoryIsOptional">It starts elsewhere where that is not there.</param>
/// <param name="Candidates">The first that can be executed.</param>
/// <param name="Environment">All of it.</param>
public sealed record EntryCommand(
    TreeUser User, string Directory, bool DirectoryIsOptional, ImmutableArray<Candidate> Candidates, ImmutableArray<string> Environment)
{
    /// <summary>Variables of the payload's that are about its own process, its user or its console.</summary>
    private static readonly ImmutableArray<string> s_ofPayload =
        ["NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "CREDENTIALS_DIRECTORY", "HOME", "USER", "LOGNAME", "TERM", "COLORTERM", "NO_COLOR"];

    /// <param name="payload">The environment that the payload was started with.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="user">The user it names.</param>
    /// <param name="terminal">The caller's terminal, of which it gets one alike; null: it gets none.</param>
    public static EntryCommand Of(ImmutableArray<string> payload, MachineRequest.Execute request, TreeUser user, string? terminal)
    {
        bool shell = request.Command.IsEmpty;
        string home = user.Home is ['/', ..] ? user.Home : "/";
        string name = user.Name;
        string[] own =
        [
            $"TERM={(string.IsNullOrEmpty(terminal) ? "dumb" : terminal)}", $"HOME={home}", $"USER={name}", $"LOGNAME={name}", "LANG=C.UTF-8",
            .. shell ? (string[])[$"SHELL={Shells(user)[0]}"] : [],
        ];
        ImmutableArray<string> environment = PayloadSteps.Merge(
            [.. payload.Where(variable => !s_ofPayload.Contains(NameOf(variable))), .. own, .. request.Environment]);
        return new EntryCommand(
            user, request.Directory ?? (shell ? home : "/"), request.Directory is null, Programs(request.Command, user, environment), environment);
    }

    private static ImmutableArray<Candidate> Programs(ImmutableArray<string> command, TreeUser user, ImmutableArray<string> environment) =>
        command.IsEmpty ? [.. Shells(user).Select(shell => new Candidate(shell, ["-" + shell[(shell.LastIndexOf('/') + 1)..]]))]
        : command[0].Contains('/') ? [new Candidate(command[0], command)]
        : [.. PayloadSteps.SearchPath(environment, command[0], Verb.EnvironmentOption).Select(directory => new Candidate($"{directory.TrimEnd('/')}/{command[0]}", command))];

    private static string[] Shells(TreeUser user) =>
        [.. ((string[])[user.Shell, "/bin/bash", "/bin/sh"]).Where(shell => shell.StartsWith('/')).Distinct()];

    private static string NameOf(string assignment) => assignment[..assignment.IndexOf('=')];
}
