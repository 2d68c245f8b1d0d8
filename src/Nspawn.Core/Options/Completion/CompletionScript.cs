using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>
/// Scripts that teach a shell the option table. They are whole: completing a word starts no program, and needs no
/// library of the shell's beside what comes with it.
/// </summary>
public static class CompletionScript
{
    public static readonly ImmutableArray<string> Shells = ["bash", "zsh", "fish"];

    /// <summary>Where machines are looked for, as the shells' patterns for what is in them.</summary>
    internal const string MachineDirectories = "{/etc,/run,/var/lib,/usr/local/lib,/usr/lib}/machines";

    /// <summary>The files that tell of machines that run; the directory of each is named for one, and for its run.</summary>
    internal const string RunningStates = RunPaths.SystemTop + "/*/" + RunPaths.State;

    public static string Of(string shell) => shell switch
    {
        "bash" => BashCompletion.Script(),
        "zsh" => ZshCompletion.Script(),
        "fish" => FishCompletion.Script(),
        _ => throw new ArgumentOutOfRangeException(nameof(shell), shell, null),
    };

    /// <summary>The words an option's argument may be; empty when they cannot be listed.</summary>
    internal static ImmutableArray<string> Words(Option option) =>
        option.Values is not null ? [.. option.Values()]
        : option.Metavar is { } metavar && metavar.Split('|') is var words && words.Contains("BOOL")
            ? [.. words.SelectMany(word => word == "BOOL" ? (string[])["yes", "no"] : [word])]
        : [];

    /// <summary>The words are but the first half of an assignment.</summary>
    internal static bool WordsAreNames(Option option) => option.Metavar?.StartsWith("NAME=", StringComparison.Ordinal) ?? false;

    /// <summary>Quoted for a POSIX shell, bash or zsh.</summary>
    internal static string Quote(string text) => "'" + text.Replace("'", @"'\''", StringComparison.Ordinal) + "'";

    /// <summary>Verbs behind which comes what a launch takes.</summary>
    internal static IEnumerable<Verb> LaunchVerbs => Verb.All.Where(verb => verb.TakesLaunch);

    /// <summary>Verbs with a single operand out of a list.</summary>
    internal static IEnumerable<Verb> WordVerbs => Verb.All.Where(verb => !verb.Words.IsEmpty);

    /// <summary>Verbs with a path of the host as their operand.</summary>
    internal static IEnumerable<Verb> PathVerbs => Verb.All.Where(verb => verb.TakesPath);

    /// <summary>Verbs about machines that run.</summary>
    internal static IEnumerable<Verb> MachineVerbs => Verb.All.Where(verb => verb.IsAboutMachines);
}
