using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>
/// A first word of the command line that asks for something else than a launch. Called as systemd-nspawn there are
/// none: a container's command may have any name.
/// </summary>
/// <param name="Name">The word.</param>
/// <param name="Help">One line of help.</param>
/// <param name="Options">Options of its own.</param>
public sealed record Verb(string Name, string Help, ImmutableArray<Option> Options)
{
    public const string JsonOption = "json";
    public const string UserOption = "user";
    public const string TerminalOption = "tty";
    public const string EnvironmentOption = "env";
    public const string DirectoryOption = "chdir";
    public const string ConditionOption = "for";
    public const string TimeoutOption = "timeout";
    public const string KillOption = "kill";
    public const string FollowOption = "follow";
    public const string LinesOption = "lines";

    public const string StrictOption = "strict";

    public const string TargetOption = "target";
    public const string AllowFailedOption = "allow-failed";
    public const string CheckOption = "check";
    public const string MaxBootTimeOption = "max-boot-time";
    public const string RebootsOption = "reboots";
    public const string MatrixOption = "matrix";
    public const string JobsOption = "jobs";
    public const string TracesOption = "traces";
    public const string MarkdownOption = "markdown";
    public const string RunsOption = "runs";
    public const string SaveBaselineOption = "save-baseline";
    public const string CompareOption = "compare";
    public const string ToleranceOption = "tolerance";
    public const string OutputOption = "output";

    /// <summary>What follows its options in the help.</summary>
    public required string Operands { get; init; }

    /// <summary>It takes the options of a launch beside its own.</summary>
    public bool TakesLaunch { get; init; }

    /// <summary>The words its one operand is out of; empty: none.</summary>
    public ImmutableArray<string> Words { get; init; } = [];

    /// <summary>Its one operand is a path of the host.</summary>
    public bool TakesPath { get; init; }

    /// <summary>It is about machines that run.</summary>
    public bool IsAboutMachines => !TakesLaunch && !TakesPath && Words.IsEmpty;

    /// <summary>So many operands may stand before or between the options.</summary>
    public int Leading { get; init; }

    public static readonly Verb Explain = new("explain", "Print what a launch would do, and do not do it", [Json()])
    {
        Operands = "[OPTION...] [COMMAND [ARGUMENT...]]",
        TakesLaunch = true,
    };

    public static readonly Verb Completion = new("completion", "Print the completion script of a shell", [])
    {
        Operands = string.Join('|', CompletionScript.Shells),
        Words = CompletionScript.Shells,
    };

    public static readonly Verb Check = new("check", "Tell what is wrong with a tree or image",
    [
        Json(),
        new() { Name = StrictOption, Help = "Exit with 1 for warnings too" },
    ])
    {
        Operands = "TREE",
        TakesPath = true,
        Leading = 1,
    };

    public static readonly Verb Test = new("test", "Boot a tree, and say whether it came up well",
    [
        Of(TimeoutOption, null, "TIME", "To have its verdict by (120s)"),
        Of(TargetOption, null, "UNIT", "What is to be reached (default.target)"),
        Of(AllowFailedOption, null, "GLOB", "Units that may fail"),
        Of(CheckOption, null, "COMMAND", "Has to succeed in the machine"),
        Of(MaxBootTimeOption, null, "TIME", "To reach the target in"),
        Of(RebootsOption, null, "NUMBER", "Reboot it so often, and judge each boot"),
        Of(OutputOption, 'o', "FILE", "Write a report; its name says which") with { Offer = Offer.Files },
        Of(MatrixOption, null, "PATH", "Test all images in a directory or list") with { Offer = Offer.Files },
        Of(JobsOption, null, "NUMBER", "So many of them at once"),
        new() { Name = TracesOption, Help = "Report listening sockets and files written" },
        Of(RunsOption, null, "NUMBER", "Boot it so often, each time anew"),
        Of(SaveBaselineOption, null, "FILE", "Keep its times to compare with") with { Offer = Offer.Files },
        Of(CompareOption, null, "FILE", "Fail where it became slower since") with { Offer = Offer.Files },
        Of(ToleranceOption, null, "PERCENT", "By how much it may be slower (20%)"),
    ])
    {
        Operands = "[OPTION...] [-- COMMAND [ARGUMENT...]]",
        TakesLaunch = true,
    };

    public static readonly Verb Diff = new("diff", "Boot two trees, and say in what they differ",
    [
        Json(),
        new() { Name = MarkdownOption, Help = "As Markdown" },
        Of(TimeoutOption, null, "TIME", "Each to be up by (120s)"),
        Of(TargetOption, null, "UNIT", "What each has to reach (default.target)"),
        Of(AllowFailedOption, null, "GLOB", "Units that may fail"),
    ])
    {
        Operands = "TREE TREE [OPTION...]",
        TakesLaunch = true,
        Leading = 2,
    };

    public static readonly Verb List = new("list", "Show the machines that run", [Json()]) { Operands = "" };

    public static readonly Verb Exec = new("exec", "Run a command in a machine that runs",
    [
        Of(UserOption, 'u', "USER", "The user of the machine to run it as"),
        new() { Name = TerminalOption, Short = 't', Help = "On a terminal of the machine's" },
        Of(EnvironmentOption, 'E', "NAME[=VALUE]", "Set a variable for it"),
        Of(DirectoryOption, null, "PATH", "Where it starts"),
    ])
    {
        Operands = "MACHINE [--] COMMAND [ARGUMENT...]",
        Leading = 1,
    };

    public static readonly Verb Shell = new("shell", "Open a login shell in a machine that runs", []) { Operands = "[MACHINE [USER]]", Leading = 2 };

    public static readonly Verb Wait = new("wait", "Wait until a machine is so far, or has ended",
    [
        Of(ConditionOption, null, "CONDITION", "ready, exit, or a unit to be active") with { Values = static () => [MachineRequest.Wait.Ready, MachineRequest.Wait.Exit] },
        Of(TimeoutOption, null, "TIME", "No longer than that"),
    ])
    {
        Operands = "MACHINE",
        Leading = 1,
    };

    public static readonly Verb Stop = new("stop", "End a machine",
    [
        Of(TimeoutOption, null, "TIME", "How long it may take to shut down"),
        new() { Name = KillOption, Help = "At once" },
    ])
    {
        Operands = "MACHINE",
        Leading = 1,
    };

    public static readonly Verb Logs = new("logs", "Show the journal of a machine that runs",
    [
        new() { Name = FollowOption, Short = 'f', Help = "Go on with what comes" },
        Of(LinesOption, 'n', "NUMBER", "The last so many lines"),
    ])
    {
        Operands = "MACHINE",
        Leading = 1,
    };

    public static readonly Verb Doctor = new("doctor", "Say what the host or a machine lacks", [Json()])
    {
        Operands = "[MACHINE]",
        Leading = 1,
    };

    public static readonly ImmutableArray<Verb> All = [Explain, Check, Test, Diff, List, Exec, Shell, Wait, Stop, Logs, Doctor, Completion];

    /// <summary>Every option that may stand behind the verb.</summary>
    public ImmutableArray<Option> Accepted =>
        [.. Options, .. TakesLaunch ? OptionTable.All : GeneralOptions.Rows.Where(option => option.Text is not null)];

    /// <summary>The verb a command line starts with; null when it is a launch.</summary>
    public static Verb? Of(ReadOnlySpan<string> args, string programName)
    {
        if (args.IsEmpty || ProgramName.IsSystemdNspawn(programName))
        {
            return null;
        }

        foreach (Verb verb in All)
        {
            if (verb.Name == args[0])
            {
                return verb;
            }
        }

        return null;
    }

    private static Option Json() => new() { Name = JsonOption, Help = "As JSON" };

    private static Option Of(string name, char? letter, string metavar, string help) =>
        new() { Name = name, Short = letter, Form = ArgumentForm.Required, Metavar = metavar, Help = help };
}
