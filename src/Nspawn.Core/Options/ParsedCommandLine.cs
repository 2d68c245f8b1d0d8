namespace Nspawn.Core;

/// <summary>What a command line asks the program to do.</summary>
public abstract record ParsedCommandLine
{
    private ParsedCommandLine()
    {
    }

    /// <summary>Start the container.</summary>
    public sealed record Launch(Settings Settings) : ParsedCommandLine;

    /// <summary>Remove what killed launches left behind, and start nothing.</summary>
    public sealed record CleanUp(Settings Settings) : ParsedCommandLine;

    /// <summary>Print what a launch would do, and do not do it.</summary>
    public sealed record Explain(Settings Settings, bool Json) : ParsedCommandLine;

    /// <summary>Say what the host lacks, or one machine on it.</summary>
    public sealed record Examine(string? Machine, bool Json) : ParsedCommandLine;

    /// <summary>Print a text on standard output and exit with 0: help, version, the values of an option.</summary>
    public sealed record ShowText(string Text) : ParsedCommandLine;
}
