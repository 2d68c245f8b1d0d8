using System.Collections.Immutable;
using System.Text;

namespace Nspawn.Core;

/// <summary>How one image of many fared.</summary>
/// <param name="Entry">The image.</param>
/// <param name="Verdict">What was found.</param>
/// <param name="BootTime">How long it took to boot, in words; empty: it did not.</param>
/// <param name="Summary">The verdict's ground.</param>
public sealed record MatrixResult(MatrixEntry Entry, Verdict Verdict, string BootTime, string Summary)
{
    public static MatrixResult Of(MatrixEntry entry, BootReport report) =>
        new(entry, report.Verdict, report.BootTimes.IsEmpty ? "" : ReportFormats.BootTime(report), report.Summary);
}

/// <summary>What many tests came to, together.</summary>
public static class MatrixSummary
{
    // From the one that says least about the image to the one that says most against it.
    private static readonly ImmutableArray<Verdict> s_order =
    [
        Verdict.Passed, Verdict.TooSlow, Verdict.CheckFailed, Verdict.FailedUnits, Verdict.TargetNotReached, Verdict.TimedOut, Verdict.InitDied,
        Verdict.LauncherFailed, Verdict.Interrupted,
    ];

    /// <summary>The worst verdict of all; what was passed where there is none.</summary>
    public static Verdict Worst(IEnumerable<MatrixResult> results) =>
        results.Select(result => result.Verdict).DefaultIfEmpty(Verdict.Passed).MaxBy(verdict => s_order.IndexOf(verdict));

    /// <summary>A line for each image, in the order they were named, and one that counts them.</summary>
    public static string Text(IReadOnlyCollection<MatrixResult> results)
    {
        StringBuilder text = new();
        string[][] rows = [["IMAGE", "VERDICT", "BOOT", ""], .. results.Select(Row)];
        int[] widths = [.. Enumerable.Range(0, 3).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            _ = text.Append($"{row[0].PadRight(widths[0])}  {row[1].PadRight(widths[1])}  {row[2].PadLeft(widths[2])}  {row[3]}".TrimEnd()).Append('\n');
        }

        int passed = results.Count(result => result.Verdict == Verdict.Passed);
        return text.Append($"{passed} of {results.Count} passed\n").ToString();
    }

    /// <summary>The same for a pull request.</summary>
    public static string Markdown(IReadOnlyCollection<MatrixResult> results) =>
        MarkdownReport.Table(["image", "verdict", "boot", ""], results.OrderByDescending(result => s_order.IndexOf(result.Verdict)).Select(result => (string[])
        [
            MarkdownText.Code(result.Entry.Name), (result.Verdict == Verdict.Passed ? "\u2705 " : "\u274c ") + Words(result.Verdict), result.BootTime, MarkdownText.Escape(result.Summary),
        ]));

    private static string[] Row(MatrixResult result) =>
        [Message.Printable(result.Entry.Name), Words(result.Verdict), result.BootTime, Message.OneLine(ReportText.Cut(result.Summary, 120))];

    private static string Words(Verdict verdict) => verdict switch
    {
        Verdict.Passed => "passed",
        Verdict.TooSlow => "too slow",
        Verdict.CheckFailed => "check failed",
        Verdict.FailedUnits => "failed units",
        Verdict.TargetNotReached => "not reached",
        Verdict.TimedOut => "timed out",
        Verdict.InitDied => "init died",
        Verdict.Interrupted => "interrupted",
        _ => "not started",
    };
}
