namespace Nspawn.Core;

/// <summary>What of a machine's own words can be kept.</summary>
public enum RecordKind
{
    /// <summary>The journal as <c>journalctl --output=export</c> writes it, for programs; systemd-journal-remote(8) reads it.</summary>
    JournalExport,

    /// <summary>The journal as text.</summary>
    Journal,

    /// <summary>What was printed on the console, byte for byte.</summary>
    Console,
}

/// <summary>Where a report is to go, and which: it is one or the other.</summary>
/// <param name="Path">The file; with <see cref="IsOutput"/> a mere word.</param>
/// <param name="Format">A report.</param>
/// <param name="Record">The machine's own words.</param>
public sealed record ReportTarget(string Path, ReportFormat? Format, RecordKind? Record)
{
    /// <summary>It goes to standard output, and what people are told goes elsewhere.</summary>
    public bool IsOutput => Format is not null && ReportFormats.IsWord(Path);

    /// <exception cref="UsageException">The name does not say which it is to be.</exception>
    public static ReportTarget Of(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        RecordKind? record = name[(name.LastIndexOf('.') + 1)..].ToLowerInvariant() switch
        {
            "journal" or "export" => RecordKind.JournalExport,
            "txt" => RecordKind.Journal,
            "log" => RecordKind.Console,
            _ => null,
        };
        ReportFormat? format = record is null ? ReportFormats.Of(path) : null;
        return record is null && format is null
            ? throw new UsageException($"the name does not say which report it is to be: {ReportFormats.Accepted}, *.journal, *.txt (the journal), *.log (the console)")
            : new ReportTarget(path, format, record);
    }
}
