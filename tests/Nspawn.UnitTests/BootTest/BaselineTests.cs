using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class BaselineTests
{
    [Fact]
    public void A_unit_that_became_slower_by_its_median_is_named()
    {
        BaselineComparison comparison = Compared([100, 110, 105], [300, 290, 1000]);

        Assert.True(comparison.IsSlower);
        Assert.Equal("web.service 0.30 s, was 0.11 s (+186 %)", comparison.Slower.Single().Text);
        Assert.StartsWith("slower than the baseline: web.service 0.30 s", comparison.Summary());
        Assert.False(comparison.IsBootSlower);
    }

    [Theory]
    [InlineData(1, 2)] // twice as long, and nothing
    [InlineData(1000, 1100)] // much time, and a small part
    [InlineData(300, 349)]
    [InlineData(300, 100)]
    public void What_is_within_tolerance_or_below_the_floor_is_no_finding(double before, double now)
    {
        Assert.False(Compared([before], [now]).IsSlower);
    }

    [Fact]
    public void One_slow_run_of_three_is_no_finding_and_what_became_faster_is_said()
    {
        Assert.False(Compared([100, 100, 100], [100, 900, 101]).IsSlower);
        Assert.Equal("web.service", Compared([500], [100]).Faster.Single().Name);
    }

    [Fact]
    public void The_boot_itself_is_compared()
    {
        Baseline before = Baseline.Of([SampleReports.Healthy]), now = Baseline.Of([SampleReports.Healthy with { TargetReached = SampleReports.Milliseconds(900), BootTimes = [] }]);

        Assert.Equal("slower than the baseline: boot 0.90 s, was 0.41 s (+120 %)", BaselineComparison.Of(before, now, 0.2).Summary());
        Assert.False(BaselineComparison.Of(before, now, 2).IsSlower);
        Assert.Null(BaselineComparison.Of(Baseline.Of([SampleReports.NotStarted]), now, 0.2).Boot);
    }

    [Fact]
    public void It_can_be_read_again_and_so_can_a_report()
    {
        Baseline baseline = Baseline.Of([SampleReports.Healthy, SampleReports.Healthy]);

        Assert.Equal(baseline.Json(), Baseline.Read(baseline.Json()).Json());
        Assert.Equal(Baseline.Of([SampleReports.Healthy]).Json(), Baseline.Read(JsonReport.Of(SampleReports.Healthy)).Json());
        Assert.Equal(2, baseline.Units.Single(unit => unit.Name == "nginx.service").Times.Length);
        Assert.Equal(SampleReports.Milliseconds(10), baseline.Units.Single(unit => unit.Name == "modprobe@loop.service").Times[0]);
        Assert.DoesNotContain(baseline.Units, unit => unit.Name == "basic.target");
    }

    [Theory]
    [InlineData("{\"schema\": \"nspawn.baseline/2\"}", "its schema is nspawn.baseline/2; expected nspawn.baseline/1 or nspawn.boot/1")]
    [InlineData("nonsense", "it is no JSON with a \"schema\"; expected nspawn.baseline/1 or nspawn.boot/1")]
    [InlineData("{\"schema\": \"nspawn.baseline/1\"}", "has another form than nspawn.baseline/1 gives it")]
    [InlineData("{\"schema\": \"nspawn.baseline/1\", \"image\": \"\", \"kernel\": \"\", \"nspawn\": \"\", \"bootTimes\": [], \"units\": [{}]}", "has another form than nspawn.baseline/1 gives it")]
    [InlineData("{\"schema\": \"nspawn.baseline/1\", \"image\": \"\", \"kernel\": \"\", \"nspawn\": \"\", \"bootTimes\": [\"x\"], \"units\": []}", "$.bootTimes[0] has another form than nspawn.baseline/1 gives it")]
    public void What_is_no_baseline_is_refused_in_a_line(string text, string why)
    {
        string said = Assert.Throws<FormatException>(() => Baseline.Read(text)).Message;

        Assert.EndsWith(why, said);
        Assert.DoesNotContain('\n', said);
    }

    private static BaselineComparison Compared(double[] before, double[] now) => BaselineComparison.Of(Of(before), Of(now), BaselineComparison.DefaultTolerance);

    private static Baseline Of(double[] times) => Baseline.Of([.. times.Select(time => SampleReports.Foreign with { Units = [SampleReports.Unit("web.service", 10, 10 + time)] })]);
}
