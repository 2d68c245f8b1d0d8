namespace Nspawn.Core;

/// <summary>Which format a file's name asks for, and its writer.</summary>
public static class ReportFormats
{
    /// <summary>What is accepted, for an error's remedy.</summary>
    public const string Accepted = "*.xml or junit, *.tap or tap (*.tap13 or tap13), *.json or json, *.svg, *.md";

    /// <summary>The format of a report with this name; null: none is known by it.</summary>
    public static ReportFormat? Of(string file) => Ending(file) switch
    {
        "xml" or "junit" => ReportFormat.JUnit,
        "tap" => ReportFormat.Tap,
        "tap13" => ReportFormat.Tap13,
        "json" => ReportFormat.Json,
        "svg" => ReportFormat.Chart,
        "md" or "markdown" => ReportFormat.Markdown,
        _ => null,
    };

    /// <summary>The name is a format's alone (<c>tap</c>, not <c>./tap</c> or <c>boot.tap</c>): the report goes to standard output.</summary>
    public static bool IsWord(string file) => Of(file) is not null && !file.Contains('.') && !file.Contains('/');

    public static string Write(this ReportFormat format, BootReport report) => format switch
    {
        ReportFormat.JUnit => JUnitReport.Of(report),
        ReportFormat.Tap => TapReport.Of(report),
        ReportFormat.Tap13 => TapReport.Of(report, version: 13),
        ReportFormat.Json => JsonReport.Of(report),
        ReportFormat.Chart => BootChart.Of(report),
        ReportFormat.Markdown => MarkdownReport.Of(report),
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    /// <summary>How long the boot took, for people; the median of several.</summary>
    public static string BootTime(BootReport report) => BootCases.BootTime(report) is TimeSpan time ? ReportText.Time(time) : "unknown";

    private static string Ending(string file)
    {
        ReadOnlySpan<char> name = file.AsSpan(file.LastIndexOf('/') + 1);
        return name[(name.LastIndexOf('.') + 1)..].ToString().ToLowerInvariant();
    }
}
