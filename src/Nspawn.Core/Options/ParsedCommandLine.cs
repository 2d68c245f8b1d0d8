namespace Nspawn.Core;

/// <summary>What a command line asks the program to do.</summary>
public abstract record ParsedCommandLine
{
    private ParsedCommandLine()
    {
    }

    /// <summary>Start the container.</summary>
    public sealed record Launch(Request Request) : ParsedCommandLine;

    /// <summary>Remove what killed launches left behind, and start nothing.</summary>
    public sealed record CleanUp(Settings Settings) : ParsedCommandLine;

    /// <summary>Print what a launch would do, and do not do it.</summary>
    public sealed record Explain(Request Request, bool Json) : ParsedCommandLine;

    /// <summary>Tell what is wrong with the tree that the settings name; with <paramref name="Strict"/> a warning fails too.</summary>
    public sealed record Check(Settings Settings, bool Json, bool Strict) : ParsedCommandLine;

    /// <summary>Boot and judge.</summary>
    public sealed record Test(BootTestRequest Request) : ParsedCommandLine;

    /// <summary>Boot many, and say so of each.</summary>
    public sealed record TestMany(MatrixRequest Request) : ParsedCommandLine;

    /// <summary>Boot two and compare them.</summary>
    public sealed record Diff(DiffRequest Request) : ParsedCommandLine;

    /// <summary>Do something about machines that run.</summary>
    public sealed record OnMachine(MachineRequest Request) : ParsedCommandLine;

    /// <summary>Say what the host lacks, or one machine on it.</summary>
    public sealed record Examine(string? Machine, bool Json) : ParsedCommandLine;

    /// <summary>Print a text on standard output and exit with 0: help, version, the values of an option.</summary>
    public sealed record ShowText(string Text) : ParsedCommandLine;
}
