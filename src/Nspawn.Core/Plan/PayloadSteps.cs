using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>The last steps: where the payload starts, what it is, and everything in its environment.</summary>
internal static class PayloadSteps
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public static IEnumerable<Step> Of(PlanInput input)
    {
        ImmutableArray<string> environment = Environment(input);
        bool shell = IsLoginShell(input);
        if (input.Settings.WorkingDirectory is string directory)
        {
            yield return new ChangeDirectory(directory) { Reason = "--chdir=" };
        }
        else if (shell)
        {
            yield return new ChangeDirectory(Home(input)) { Reason = "a login shell starts at home", Optional = true };
        }

        if (input.Settings.Mode == StartMode.AsPid2)
        {
            // As late as this: a payload that may trace it gains nothing it does not have itself.
            yield return new BecomeStubInit { Reason = "--as-pid2" };
        }

        yield return new Execute([.. Candidates(input, environment)], environment)
        {
            Reason = input.Boots ? "--boot" : shell ? "no command was given: a login shell" : "the command",
        };
    }

    private static bool IsLoginShell(PlanInput input) => !input.Boots && input.Settings.Arguments.IsEmpty;

    private static string Home(PlanInput input) => (input.Tree.User ?? TreeUser.Root).Home is ['/', ..] home ? home : "/";

    private static IEnumerable<Candidate> Candidates(PlanInput input, ImmutableArray<string> environment)
    {
        ImmutableArray<string> arguments = input.Settings.Arguments;
        if (input.Boots)
        {
            return input.Tree.Inits.Select(init => new Candidate(init, [init, .. arguments]));
        }

        if (IsLoginShell(input))
        {
            return Shells(input).Select(shell => new Candidate(shell, ["-" + shell[(shell.LastIndexOf('/') + 1)..]]));
        }

        string command = arguments[0];
        return command.Contains('/')
            ? [new Candidate(command, arguments)]
            : SearchPath(environment, command).Select(directory => new Candidate($"{directory.TrimEnd('/')}/{command}", arguments));
    }

    private static IEnumerable<string> Shells(PlanInput input)
    {
        string own = (input.Tree.User ?? TreeUser.Root).Shell;
        return ((string[])[own, "/bin/bash", "/bin/sh"]).Where(shell => shell.StartsWith('/')).Distinct();
    }

    // A PATH given with --setenv= is searched too; an empty or relative part of it hangs on the working directory, which
    // is no place to search.
    internal static string[] SearchPath(ImmutableArray<string> environment, string command, string option = "setenv")
    {
        string path = environment.First(variable => variable.StartsWith("PATH=", StringComparison.Ordinal));
        string[] directories = [.. path["PATH=".Length..].Split(':').Where(part => part.StartsWith('/'))];
        return directories.Length > 0 ? directories : throw new LaunchException(
            $"cannot execute {command}: {path} names no directory to look in; give the command's whole path, or leave --{option}=PATH= out",
            LaunchException.NotFound);
    }

    /// <summary>All of the payload's environment; nothing of the launcher's own gets in but what the interface names.</summary>
    private static ImmutableArray<string> Environment(PlanInput input)
    {
        HostFacts host = input.Host;
        TreeUser user = input.Tree.User ?? TreeUser.Root;
        string userName = input.Settings.User ?? "root";
        List<string> variables = [$"PATH={DefaultPath}", $"container={host.ContainerService}", .. Terminal(input)];
        if (user.Home.Length > 0)
        {
            variables.Add($"HOME={user.Home}");
        }

        variables.AddRange([$"USER={userName}", $"LOGNAME={userName}", $"container_uuid={input.Uuid:D}"]);
        if (host.ListenFds > 0)
        {
            int payload = input.Settings.Mode == StartMode.AsPid2 ? 2 : 1;
            variables.AddRange([$"LISTEN_FDS={host.ListenFds}", $"LISTEN_PID={payload}"]);
        }

        variables.Add($"NOTIFY_SOCKET={RunHostSteps.Notify}");
        if (!input.Settings.Credentials.IsEmpty)
        {
            variables.Add($"CREDENTIALS_DIRECTORY={RunHostSteps.Credentials}");
        }

        if (!input.Boots)
        {
            variables.Add("LANG=C.UTF-8");
        }

        return Merge([.. variables, .. host.OsReleaseEnvironment, .. input.Settings.Environment]);
    }

    // Only a terminal that somebody looks at is named: systemd asks any other for its size, and waits for the answer.
    private static List<string> Terminal(PlanInput input)
    {
        HostFacts host = input.Host;
        if (input.Console != ConsoleMode.Interactive || host.Term is null or "" or "dumb")
        {
            return ["TERM=dumb"];
        }

        List<string> variables = [$"TERM={host.Term}"];
        if (host.ColorTerm is string colors)
        {
            variables.Add($"COLORTERM={colors}");
        }

        if (host.NoColor is string none)
        {
            variables.Add($"NO_COLOR={none}");
        }

        return variables;
    }

    /// <summary>Later assignments of a name win, in the place of the first.</summary>
    internal static ImmutableArray<string> Merge(IEnumerable<string> assignments)
    {
        List<string> merged = [];
        foreach (string assignment in assignments)
        {
            string name = assignment[..(assignment.IndexOf('=') + 1)];
            int index = merged.FindIndex(other => other.StartsWith(name, StringComparison.Ordinal));
            if (index >= 0)
            {
                merged[index] = assignment;
            }
            else
            {
                merged.Add(assignment);
            }
        }

        return [.. merged];
    }
}
