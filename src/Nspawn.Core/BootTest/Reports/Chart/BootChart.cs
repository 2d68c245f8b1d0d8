using System.Collections.Immutable;
using System.Globalization;

namespace Nspawn.Core;

/// <summary>
/// A boot as a picture: a row for each unit that started, in order, with bars for the time it took to start and for the time it was
/// active; above them what the machine used. Time begins with the container's PID 1. The host draws it: nothing in the
/// guest is asked for more than its units' times.
/// </summary>
internal static class BootChart
{
    private const double Width = 1200, Margin = 16, Names = 300, RowHeight = 17, LaneHeight = 40, HeadHeight = 74, AxisHeight = 18, GoalHeight = 15;
    private const double LetterWidth = 6.1, WideLetter = 6.6;
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(1);
    private const int LongestName = (int)(Names / WideLetter), LongestFact = (int)((Width - (2 * Margin)) / LetterWidth);

    public static string Of(BootReport report)
    {
        ImmutableArray<ChartRow> rows = ChartRow.Of(report, out int omitted);
        ImmutableArray<ChartLane> lanes = [.. ChartLane.Of(report.Usage)];
        ChartScale scale = new(Margin + Names, Width - (2 * Margin) - Names, End(report, rows));
        double top = HeadHeight + AxisHeight, lanesTop = top + (report.TargetReached is null ? 0 : GoalHeight);
        double unitsTop = lanesTop + (lanes.Length * (LaneHeight + 8)), unitsEnd = unitsTop + (rows.Length * RowHeight);
        double height = unitsEnd + AxisHeight + 40;
        XmlText svg = new();
        _ = svg.Begin("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", $"0 0 {Number(Width)} {Number(height)}"),
                ("width", Number(Width)), ("height", Number(height)), ("role", "img"))
            .Text("title", ReportText.Line($"{report.Image}: {report.Summary}"))
            .Text("style", ChartStyle.Css)
            .Empty("rect", ("class", "ground"), ("width", "100%"), ("height", "100%"));
        DrawHead(svg, report, rows.Length);
        for (int i = 0; i < rows.Length; i += 2)
        {
            Rectangle(svg, "band", Margin, unitsTop + (i * RowHeight), Width - Margin, RowHeight);
        }

        DrawAxis(svg, scale, top, unitsEnd);
        for (int i = 0; i < lanes.Length; i++)
        {
            DrawLane(svg, scale, lanes[i], lanesTop + 4 + (i * (LaneHeight + 8)));
        }

        for (int i = 0; i < rows.Length; i++)
        {
            ChartBars.Draw(svg, scale, rows[i], unitsTop + (i * RowHeight), LongestName);
        }

        DrawGoal(svg, scale, report, top, unitsEnd);
        DrawLegend(svg, rows, omitted, unitsEnd + AxisHeight + 20);
        return svg.End().ToString();
    }

    /// <summary>The right edge: a little behind the target and what was under way then; what came much later is not the boot.</summary>
    private static TimeSpan End(BootReport report, ImmutableArray<ChartRow> rows)
    {
        TimeSpan last = rows.IsEmpty ? report.Duration : rows.Select(row => row.Started ?? row.Begin).Append(s_shortest).Max();
        TimeSpan end = report.TargetReached is TimeSpan reached && reached > TimeSpan.Zero && last > reached * 1.5 ? reached * 1.5
            : report.TargetReached > last ? report.TargetReached.Value : last;
        return (end > s_shortest ? end : s_shortest) * 1.08;
    }

    private static void DrawHead(XmlText svg, BootReport report, int rows)
    {
        string name = report.Image.TrimEnd('/');
        string title = $"{name[(name.LastIndexOf('/') + 1)..]}: {report.OperatingSystem ?? "unnamed system"}{(report.Systemd is null ? "" : $", systemd {report.Systemd}")}";
        int failed = report.FailedUnits.Count();
        string facts = $"{rows} rows, {report.Units.Count(unit => unit.ActiveState == "active")} active, {failed} failed; kernel {report.Kernel}; nspawn {report.Nspawn}; "
            + report.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        Words(svg, "title", Margin, 28, title, LongestFact * 2 / 3);
        Words(svg, report.Verdict == Verdict.Passed ? "" : "bad", Margin, 47, report.Summary, LongestFact);
        Words(svg, "fact", Margin, 64, facts, LongestFact);
    }

    private static void DrawAxis(XmlText svg, ChartScale scale, double top, double bottom)
    {
        foreach (TimeSpan tick in scale.Ticks())
        {
            double x = scale.X(tick);
            Line(svg, "grid", x, top, bottom);
            Words(svg, "tick middle", x, top - 5, scale.Label(tick), LongestName);
            Words(svg, "tick middle", x, bottom + 12, scale.Label(tick), LongestName);
        }
    }

    private static void DrawLane(XmlText svg, ChartScale scale, ChartLane lane, double top)
    {
        Words(svg, "end", scale.Left - 8, top + (LaneHeight / 2), lane.Name, LongestName);
        Words(svg, "tick end", scale.Left - 8, top + (LaneHeight / 2) + 13, lane.Peak, LongestName);
        _ = svg.Empty("path", ("class", lane.Style), ("d", lane.Path(scale, top, LaneHeight)));
    }

    private static void DrawGoal(XmlText svg, ChartScale scale, BootReport report, double top, double bottom)
    {
        if (report.TargetReached is TimeSpan reached && reached <= scale.End)
        {
            double x = scale.X(reached);
            Line(svg, "goal", x, top - 2, bottom);
            bool rightHalf = x > scale.Left + (scale.Width / 2);
            Words(svg, rightHalf ? "reached end" : "reached", rightHalf ? x - 5 : x + 5, top + 11, $"{report.Target ?? "up"} {ReportText.Time(reached)}", LongestName);
        }
    }

    private static void DrawLegend(XmlText svg, ImmutableArray<ChartRow> rows, int omitted, double y)
    {
        double x = Margin + Names;
        (string Style, string Words, bool Shown)[] signs =
        [
            ("starting", "starting", true),
            ("active", "active", true),
            ("point", "target", rows.Any(row => row.IsPoint)),
            ("stopping", "stopping", rows.Any(row => row.Stopping is not null)),
            ("failed", "failed", rows.Any(row => row.Unit.HasFailed)),
            ("unfinished", "still starting at the end", rows.Any(row => row.IsUnfinished)),
        ];
        foreach ((string style, string words, bool shown) in signs)
        {
            if (shown)
            {
                Rectangle(svg, style, x, y - 9, x + 18, 10);
                Words(svg, "", x + 23, y, words, LongestName);
                x += 23 + (words.Length * LetterWidth) + 18;
            }
        }

        if (rows.Any(row => row.IsCritical))
        {
            Words(svg, "chain", x, y, "critical chain to the target", LongestName);
            x += ("critical chain to the target".Length * WideLetter) + 18;
        }

        if (omitted > 0)
        {
            Words(svg, "fact", x, y, $"{omitted} units of the shortest start are left out", LongestFact);
        }
    }

    internal static void Words(XmlText svg, string style, double x, double y, string text, int longest) =>
        svg.Text("text", ReportText.Cut(ReportText.Line(text), longest), ("class", style.Length == 0 ? null : style), ("x", Number(x)), ("y", Number(y)));

    internal static void Rectangle(XmlText svg, string style, double left, double top, double right, double height) => svg.Empty(
        "rect", ("class", style), ("x", Number(left)), ("y", Number(top)), ("width", Number(Math.Max(0, right - left))), ("height", Number(height)));

    internal static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static void Line(XmlText svg, string style, double x, double top, double bottom) =>
        svg.Empty("line", ("class", style), ("x1", Number(x)), ("x2", Number(x)), ("y1", Number(top)), ("y2", Number(bottom)));
}
