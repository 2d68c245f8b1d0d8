using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>
/// A first word of the command line that asks for something else than a launch. Called as systemd-nspawn there are
/// none: a container's command may have any name.
/// </summary>
/// <param name="Name">The word.</param>
/// <param name="Help">One line of help.</param>
/// <param name="Options">Options of its own, beside those of a launch.</param>
public sealed record Verb(string Name, string Help, ImmutableArray<Option> Options)
{
    public const string JsonOption = "json";

    /// <summary>What its one operand may be; empty: it takes the options and the command of a launch.</summary>
    public ImmutableArray<string> Operands { get; init; } = [];

    public static readonly Verb Explain = new("explain", "Print what a launch would do, and do not do it",
    [
        new() { Name = JsonOption, Help = "As JSON" },
    ]);

    public static readonly Verb Completion = new("completion", "Print the completion script of a shell", [])
    {
        Operands = CompletionScript.Shells,
    };

    /// <summary>It takes neither options nor command of a launch.</summary>
    public bool Stands { get; init; }

    public static readonly Verb Doctor = new("doctor", "Say what the host or a machine lacks",
    [
        new() { Name = JsonOption, Help = "As JSON" },
    ])
    {
        Stands = true,
    };

    public static readonly ImmutableArray<Verb> All = [Explain, Completion, Doctor];

    /// <summary>Every option that may stand behind the verb.</summary>
    public ImmutableArray<Option> Accepted =>
        [.. Options, .. Operands.IsEmpty && !Stands ? OptionTable.All : OptionTable.All.Where(option => option.Text is not null)];

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
}
