using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class ReportFormatsTests
{
    [Theory]
    [InlineData("junit.xml", ReportFormat.JUnit)]
    [InlineData("/a.b/report.XML", ReportFormat.JUnit)]
    [InlineData("junit", ReportFormat.JUnit)]
    [InlineData("out/boot.tap", ReportFormat.Tap)]
    [InlineData("tap", ReportFormat.Tap)]
    [InlineData("boot.json", ReportFormat.Json)]
    [InlineData("boot.svg", ReportFormat.Chart)]
    [InlineData("summary.md", ReportFormat.Markdown)]
    [InlineData("boot.txt", null)]
    [InlineData("dir.json/boot", null)]
    [InlineData("", null)]
    public void A_name_tells_the_format(string name, ReportFormat? format)
    {
        Assert.Equal(format, ReportFormats.Of(name));
    }

    [Fact]
    public void A_format_alone_goes_to_standard_output()
    {
        Assert.True(ReportFormats.IsWord("tap"));
        Assert.False(ReportFormats.IsWord("./tap"));
        Assert.False(ReportFormats.IsWord("boot.tap"));
        Assert.False(ReportFormats.IsWord("boot"));
    }

    [Fact]
    public void One_case_fails_exactly_when_the_verdict_is_not_passed()
    {
        foreach (BootReport report in (BootReport[])[SampleReports.Healthy, SampleReports.Degraded, SampleReports.Hung, SampleReports.Foreign])
        {
            foreach (Verdict verdict in Enum.GetValues<Verdict>().Where(verdict => verdict != Verdict.Passed || report.Verdict == Verdict.Passed))
            {
                Assert.Equal(verdict != Verdict.Passed, BootCases.Of(report with { Verdict = verdict }).Any(BootCases.HasFailed));
            }
        }
    }

    [Fact]
    public void Every_format_has_a_writer()
    {
        Assert.All(Enum.GetValues<ReportFormat>(), format => Assert.All(SampleReports.All, report => Assert.NotEmpty(format.Write(report))));
    }

    [Theory]
    [InlineData(0.25, "0.3 ms")]
    [InlineData(85, "85 ms")]
    [InlineData(432, "0.43 s")]
    [InlineData(12_340, "12.3 s")]
    [InlineData(125_000, "2 min 5 s")]
    public void Times_are_as_exact_as_they_are_of_use(double time, string text)
    {
        Assert.Equal(text, ReportText.Time(SampleReports.Milliseconds(time)));
    }

    [Fact]
    public void Clean_text_has_no_control_characters_and_no_halves_of_characters()
    {
        Random random = new(20260304);
        for (int i = 0; i < 2000; i++)
        {
            string text = ReportText.Clean(new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => (char)(random.Next(2) == 0 ? random.Next(0x100) : random.Next(0x10000)))]));

            Assert.DoesNotContain(text, c => char.IsControl(c) && c is not '\t' and not '\n');
            Assert.Equal(text, System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)));
            Assert.Equal(text, ReportText.Clean(text));
            Assert.InRange(ReportText.Cut(text, 10).Length, 0, 10);
            Assert.Equal(ReportText.Cut(text, 10), ReportText.Clean(ReportText.Cut(text, 10)));
        }
    }
}
