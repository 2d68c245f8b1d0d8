using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options about the payload's standard input, output and error.</summary>
internal static class ConsoleOptions
{
    public static readonly ImmutableArray<Option> Rows =
    [
        Option.Value("console", null, "MODE", "How the payload's terminal is connected",
            (settings, value) => settings with { Console = ModeNames.Console.Parse(value) }) with
        {
            Values = () => ModeNames.Console.Names,
        },
        Option.Flag("pipe", 'P', "The same as --console=pipe",
            (settings, on) => on ? settings with { Console = ConsoleMode.Pipe } : settings),
    ];
}
