namespace Nspawn.Core;

/// <summary>What can be written about a boot test.</summary>
public enum ReportKind
{
    /// <summary>The journal as <c>journalctl --output=export</c> writes it, for programs; systemd-journal-remote(8) reads it.</summary>
    JournalExport,

    /// <summary>The journal as text.</summary>
    Journal,

    /// <summary>What was printed on the console, byte for byte.</summary>
    Console,
}

/// <summary>Which report a file is to be, by its name.</summary>
public static class ReportKinds
{
    public const string Accepted = "*.journal or *.txt (the journal), *.log (the console)";

    /// <summary>Null: the name does not say.</summary>
    public static ReportKind? Of(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        return name[(name.LastIndexOf('.') + 1)..].ToLowerInvariant() switch
        {
            "journal" or "export" => ReportKind.JournalExport,
            "txt" => ReportKind.Journal,
            "log" => ReportKind.Console,
            _ => null,
        };
    }
}
