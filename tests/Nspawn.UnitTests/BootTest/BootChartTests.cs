using System.Globalization;
using System.Xml.Linq;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class BootChartTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_row_for_each_unit_that_started_in_the_order_it_began()
    {
        XElement[] rows = Rows(SampleReports.Healthy);

        Assert.Equal(
            ["PID 1 before its first unit", "modprobe@loop.service", "systemd-tmpfiles-setup.service", "basic.target", "nginx.service", "multi-user.target"],
            rows.Select(row => row.Elements(s_svg + "text").First().Value));
        Assert.Equal("0.28 s", rows[4].Elements(s_svg + "text").Last().Value);
    }

    [Fact]
    public void What_failed_and_what_hung_can_be_told()
    {
        Assert.Equal("failed", Bars(SampleReports.Degraded, "nginx.service").Single());
        Assert.Equal(["active", "starting"], Bars(SampleReports.Healthy, "nginx.service"));
        Assert.Equal(["active", "point"], Bars(SampleReports.Healthy, "multi-user.target"));
        Assert.Equal("unfinished", Bars(SampleReports.Hung, "slow.service").Single());
        Assert.Contains("still starting at the end", BootChart.Of(SampleReports.Hung));
        Assert.Contains("multi-user.target 0.41 s", BootChart.Of(SampleReports.Healthy));
    }

    [Fact]
    public void Any_report_is_a_picture_without_scripts_and_within_its_frame()
    {
        Random random = new(20260304);
        foreach (BootReport report in SampleReports.All.Concat(Enumerable.Range(0, 200).Select(_ => SampleReports.HostileOf(Shuffled(random), random))))
        {
            XElement svg = XDocument.Parse(BootChart.Of(report)).Root!;

            Assert.All(svg.Descendants(), element => Assert.Contains(element.Name.LocalName, (string[])["title", "style", "rect", "text", "line", "path", "g"]));
            Assert.All(svg.Descendants().Attributes(), attribute => Assert.Contains(attribute.Name.LocalName, (string[])["class", "x", "y", "x1", "x2", "y1", "y2", "d", "width", "height"]));
            double width = double.Parse(svg.Attribute("width")!.Value, CultureInfo.InvariantCulture);
            Assert.All(svg.Descendants(s_svg + "rect").Skip(1), bar => Assert.InRange(Of(bar, "x"), 0, width));
            Assert.All(svg.Descendants(s_svg + "rect").Skip(1), bar => Assert.InRange(Of(bar, "x") + Of(bar, "width"), 0, width));
        }
    }

    [Fact]
    public void Too_many_units_are_not_drawn_but_those_that_matter()
    {
        BootReport report = SampleReports.Degraded;
        report = report with { Units = [.. Enumerable.Range(0, 500).Select(i => SampleReports.Unit($"u{i}.service", i, i + 0.1)), .. report.Units] };

        string[] names = [.. Rows(report).Select(row => row.Elements(s_svg + "text").First().Value)];

        Assert.Equal(ChartRow.Most, names.Length);
        Assert.Superset(new HashSet<string> { "nginx.service", "foo.mount", "multi-user.target" }, names.ToHashSet());
        Assert.Contains("of the shortest start are left out", BootChart.Of(report));
    }

    [Theory]
    [InlineData(3, "0 ms 1 ms 2 ms 3 ms")]
    [InlineData(442, "0 ms 50 ms 100 ms 150 ms 200 ms 250 ms 300 ms 350 ms 400 ms")]
    [InlineData(1200, "0.0 s 0.2 s 0.4 s 0.6 s 0.8 s 1.0 s 1.2 s")]
    [InlineData(90_000, "0 s 10 s 20 s 30 s 40 s 50 s 60 s 70 s 80 s 90 s")]
    public void The_axis_has_round_times(double end, string labels)
    {
        ChartScale scale = new(0, 100, SampleReports.Milliseconds(end));

        Assert.Equal(labels, string.Join(' ', scale.Ticks().Select(scale.Label).Where((label, i) => end != 3 || i % 2 == 0).Select(label => label.Replace(".0 ms", " ms", StringComparison.Ordinal))));
    }

    private static double Of(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    private static XElement[] Rows(BootReport report) => [.. XDocument.Parse(BootChart.Of(report)).Descendants(s_svg + "g")];

    private static IEnumerable<string> Bars(BootReport report, string unit) => Rows(report)
        .Single(row => row.Elements(s_svg + "text").First().Value == unit).Elements(s_svg + "rect").Select(bar => bar.Attribute("class")!.Value);

    /// <summary>Times in no order that a manager would have, and some that are missing.</summary>
    private static BootReport Shuffled(Random random)
    {
        TimeSpan? Time() => random.Next(3) == 0 ? null : TimeSpan.FromSeconds((random.NextDouble() - 0.1) * Math.Pow(10, random.Next(-6, 6)));
        return SampleReports.Degraded with
        {
            TargetReached = Time(),
            Units = [.. SampleReports.Degraded.Units.Select(unit => unit with { Activating = Time(), Activated = Time(), Deactivating = Time(), Deactivated = Time() })],
            Usage = [.. Enumerable.Range(0, random.Next(1000)).Select(_ => new UsageSample(Time() ?? TimeSpan.Zero, random.Next(2) == 0 ? null : random.NextInt64(), Time()))],
        };
    }
}
