namespace Nspawn.Core;

/// <summary>One unit's row of a boot chart: its name, its bars, how long it took to start.</summary>
internal static class ChartBars
{
    private const double BarHeight = 11, TickWidth = 3, LetterWidth = 5.6;

    public static void Draw(XmlText svg, ChartScale scale, ChartRow row, double top, int longestName)
    {
        bool failed = row.Unit.HasFailed;
        double y = top + 3;
        double begin = scale.X(row.Begin), started = scale.X(row.Started ?? scale.End);
        string label = row.Unit.HasFailed ? "bad end" : row.IsCritical || row.IsTarget ? "chain end" : "end";
        _ = svg.Begin("g").Text("title", Explained(row));
        BootChart.Words(svg, label, scale.Left - 8, top + 12.5, Middle(row.Unit.Name, longestName), longestName);
        if (row.Active is TimeSpan active)
        {
            BootChart.Rectangle(svg, "active", scale.X(active), y, scale.X(row.Stopping ?? row.Gone ?? scale.End), BarHeight);
        }

        string style = failed ? "failed" : row.IsUnfinished ? "unfinished" : row.IsPoint ? "point" : "starting";
        BootChart.Rectangle(svg, style, begin, y, Math.Max(started, begin + TickWidth), BarHeight);
        if (row.Stopping is TimeSpan stopping && row.Active is not null)
        {
            double stopped = scale.X(row.Gone ?? scale.End);
            BootChart.Rectangle(svg, failed ? "failed" : "stopping", scale.X(stopping), y, Math.Max(stopped, scale.X(stopping) + TickWidth), BarHeight);
        }

        double end = failed && row.Gone is TimeSpan gone ? scale.X(gone) : started;
        DrawTook(svg, scale, row, Math.Max(end, begin + TickWidth), begin, top);
        _ = svg.End();
    }

    /// <summary>The time it took, behind the bar, or before it where there is no room.</summary>
    private static void DrawTook(XmlText svg, ChartScale scale, ChartRow row, double end, double begin, double top)
    {
        string words = row.Unit.HasFailed ? $"{BootCases.WhyFailed(row.Unit)}{(row.Unit.MayFail ? " (allowed)" : "")}"
            : row.IsUnfinished ? "still starting"
            : row.Started - row.Begin >= TimeSpan.FromMilliseconds(1) ? ReportText.Time(row.Started!.Value - row.Begin) : "";
        if (words.Length > 0)
        {
            bool fits = end + 5 + (words.Length * LetterWidth) < scale.Right;
            BootChart.Words(svg, $"{(row.Unit.HasFailed ? "took bad" : "took")}{(fits ? "" : " end")}", fits ? end + 4 : begin - 4, top + 12, words, 60);
        }
    }

    private static string Explained(ChartRow row)
    {
        string description = row.Unit.Description.Length > 0 && row.Unit.Description != row.Unit.Name ? $" ({row.Unit.Description})" : "";
        string started = row.Started is TimeSpan time ? $", took {ReportText.Time(time - row.Begin)}" : "";
        return ReportText.Line($"{row.Unit.Name}{description}: {row.Unit.ActiveState}, began at {ReportText.Time(row.Begin)}{started}");
    }

    /// <summary>Of a long name the beginning and the end with its type; escaped paths differ in the middle.</summary>
    private static string Middle(string name, int longest)
    {
        string line = ReportText.Line(name);
        int tail = longest / 2;
        return line.Length <= longest ? line : ReportText.Cut(line, longest - tail) + line[(char.IsLowSurrogate(line[^tail]) ? line.Length - tail + 1 : line.Length - tail)..];
    }
}
