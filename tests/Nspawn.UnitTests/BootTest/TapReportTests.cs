using System.Diagnostics;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class TapReportTests
{
    [Fact]
    public void Prove_reads_every_report_and_agrees_with_its_verdict()
    {
        Random random = new(20260304);
        foreach (BootReport report in SampleReports.All.Concat(Enumerable.Range(0, 5).Select(_ => SampleReports.HostileOf(SampleReports.Degraded, random))))
        {
            (int status, string text) = Prove(TapReport.Of(report, version: 13));

            Assert.True(BootCases.Of(report).Any(BootCases.HasFailed) == (status != 0), text);
            Assert.DoesNotContain("Parse errors", text);
            Assert.Contains($"Tests={BootCases.Of(report).Length}", text);
        }
    }

    [Fact]
    public void The_versions_differ_in_the_first_line_alone()
    {
        Assert.All(SampleReports.All, report => Assert.Equal(TapReport.Of(report)["TAP version 14".Length..], TapReport.Of(report, version: 13)["TAP version 13".Length..]));
    }

    [Fact]
    public void A_case_is_a_line_and_its_diagnostics()
    {
        string[] lines = TapReport.Of(SampleReports.Degraded).Split('\n');

        Assert.Equal(["TAP version 14", "1..6"], lines[..2]);
        Assert.Contains("ok 1 - boot", lines);
        Assert.Contains("not ok 3 - nginx.service", lines);
        Assert.Contains("  duration_ms: 410", lines);
        Assert.Contains("  message: \"exit-code, status 1\"", lines);
        Assert.Contains("    | nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)", lines);
        Assert.Contains("ok 5 - rpc.service # SKIP failed and may: timeout", lines);
    }

    [Fact]
    public void No_line_is_the_guests()
    {
        BootReport report = SampleReports.HostileOf(SampleReports.Degraded);
        string[] lines = TapReport.Of(report).TrimEnd('\n').Split('\n');

        Assert.Equal(BootCases.Of(report).Length, lines.Count(line => line.StartsWith("ok ", StringComparison.Ordinal) || line.StartsWith("not ok ", StringComparison.Ordinal)));
        Assert.All(lines[2..], line => Assert.Matches("^(# |ok \\d+ - |not ok \\d+ - |  )", line));
        Assert.Equal(lines.Count(line => line == "  ---"), lines.Count(line => line == "  ..."));
    }

    private static (int Status, string Text) Prove(string tap)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, tap);
            using Process prove = Process.Start(new ProcessStartInfo("prove", ["--exec", "cat", "--merge", "--verbose", "--nocolor", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> errors = prove.StandardError.ReadToEndAsync();
            string text = prove.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
            prove.WaitForExit();
            return (prove.ExitCode, text);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
