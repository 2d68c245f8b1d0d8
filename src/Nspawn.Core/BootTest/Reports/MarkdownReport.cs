using System.Collections.Immutable;
using System.Text;

namespace Nspawn.Core;

/// <summary>A report in Markdown, as GitHub shows it: what failed on top with the ends of its journals, the rest folded.</summary>
internal static class MarkdownReport
{
    private const int Slowest = 10;

    public static string Of(BootReport report)
    {
        StringBuilder text = new();
        string mark = report.Verdict == Verdict.Passed ? "\u2705" : "\u274c";
        _ = text.Append("### ").Append(mark).Append(' ').Append(MarkdownText.Escape(report.Image)).Append(": ")
            .Append(MarkdownText.Escape(report.Summary)).Append("\n\n").Append(Facts(report)).Append("\n\n");
        ImmutableArray<BootCase> cases = BootCases.Of(report);
        foreach (BootCase one in cases.Where(BootCases.HasFailed))
        {
            _ = text.Append("**").Append(MarkdownText.Escape(one.Name)).Append("**: ").Append(MarkdownText.Escape(one.Message)).Append("\n\n");
            ImmutableArray<string> lines = [.. one.Details, .. one.Output];
            _ = lines.IsEmpty ? text : text.Append(MarkdownText.Block(lines)).Append('\n');
        }

        foreach (Cause cause in report.Causes)
        {
            _ = text.Append("> ").Append(MarkdownText.Escape($"{cause.Text}; {cause.Remedy}")).Append("\n\n");
        }

        Fold(text, "Cases", Table(["", "case", "time", ""], cases.Select(Row)));
        IEnumerable<UnitReport> slowest = report.Units.Where(unit => unit.StartTime > TimeSpan.Zero).OrderByDescending(unit => unit.StartTime).Take(Slowest);
        Fold(text, "Slowest units", Table(["unit", "took", "at"], slowest.Select(Row)));
        return text.ToString();
    }

    private static string Facts(BootReport report)
    {
        string?[] facts =
        [
            report.OperatingSystem,
            report.Systemd is null ? null : $"systemd {report.Systemd}",
            BootCases.BootTime(report) is TimeSpan time ? $"{report.Target ?? "up"} after {ReportText.Time(time)}" : null,
            report.SystemState,
            report.Units.IsEmpty ? null : $"{report.Units.Count(unit => unit.ActiveState == "active")} units active",
            $"kernel {report.Kernel}",
            $"nspawn {report.Nspawn}",
        ];
        return MarkdownText.Escape(string.Join(", ", facts.Where(fact => fact is not null)));
    }

    private static string[] Row(BootCase one) =>
    [
        one.Outcome switch { BootOutcome.Passed => "\u2705", BootOutcome.Skipped => "\u2796", _ => "\u274c" },
        MarkdownText.Code(one.Name),
        one.Time is TimeSpan time ? ReportText.Time(time) : "",
        MarkdownText.Escape(one.Message),
    ];

    private static string[] Row(UnitReport unit) =>
        [MarkdownText.Code(unit.Name), ReportText.Time(unit.StartTime!.Value), ReportText.Time(unit.Activating!.Value)];

    /// <summary>A table whose cells are Markdown already; empty: it has no rows.</summary>
    internal static string Table(string[] heads, IEnumerable<string[]> rows)
    {
        string[] lines = [.. rows.Select(row => $"| {string.Join(" | ", row)} |\n")];
        return lines.Length == 0 ? "" : $"| {string.Join(" | ", heads)} |\n|{string.Concat(heads.Select(_ => " --- |"))}\n{string.Concat(lines)}";
    }

    internal static void Fold(StringBuilder text, string title, string table)
    {
        _ = table.Length == 0 ? text : text.Append("<details><summary>").Append(title).Append("</summary>\n\n").Append(table).Append("\n</details>\n\n");
    }
}
