namespace Nspawn.Core;

/// <summary>How the modes that depend on the caller's terminal are settled; systemd-nspawn(1), <c>--console=</c>.</summary>
public static class ConsoleModes
{
    /// <summary>The mode to run with: never <see cref="ConsoleMode.Default"/>, never <see cref="ConsoleMode.Autopipe"/>.</summary>
    public static ConsoleMode Resolve(this ConsoleMode asked, bool inputIsTerminal, bool outputIsTerminal) => asked switch
    {
        ConsoleMode.Default or ConsoleMode.Autopipe when inputIsTerminal && outputIsTerminal => ConsoleMode.Interactive,
        ConsoleMode.Default => ConsoleMode.ReadOnly,
        ConsoleMode.Autopipe => ConsoleMode.Pipe,
        _ => asked,
    };
}
