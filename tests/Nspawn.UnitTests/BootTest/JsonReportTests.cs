using System.Text.Json;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class JsonReportTests
{
    [Fact]
    public void What_is_written_can_be_read_again()
    {
        Assert.All([SampleReports.Healthy, SampleReports.Degraded, SampleReports.Hung, SampleReports.Foreign, SampleReports.NotStarted], report =>
        {
            string text = JsonReport.Of(report);
            Assert.Equal(text, JsonReport.Of(JsonReport.Read(text)));
        });
        BootReport again = JsonReport.Read(JsonReport.Of(SampleReports.Degraded));
        Assert.Equal(SampleReports.Degraded.FailedUnits.First().Journal.AsEnumerable(), again.FailedUnits.First().Journal.AsEnumerable());
        Assert.Equal(SampleReports.Milliseconds(612.5), again.Duration);
        Assert.Equal(SampleReports.Degraded.Usage.AsEnumerable(), again.Usage.AsEnumerable());
    }

    [Fact]
    public void The_schema_stands_first_and_times_are_seconds()
    {
        string text = JsonReport.Of(SampleReports.Degraded);
        JsonElement json = JsonDocument.Parse(text).RootElement;

        Assert.StartsWith("{\n  \"schema\": \"nspawn.boot/1\",\n  \"exitStatus\": 1,\n  \"verdict\": \"failedUnits\",", text);
        Assert.Equal(0.41, json.GetProperty("targetReached").GetDouble());
        Assert.Equal("0.6125", json.GetProperty("duration").GetRawText());
        Assert.Equal("2026-03-04T05:06:07+00:00", json.GetProperty("started").GetString());
        Assert.False(json.TryGetProperty("failedUnits", out _));
        JsonElement failed = json.GetProperty("units").EnumerateArray().First(unit => unit.GetProperty("hasFailed").GetBoolean());
        Assert.Equal("nginx.service", failed.GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Null, failed.GetProperty("startTime").ValueKind);
    }

    [Fact]
    public void Hostile_text_stays_text()
    {
        BootReport again = JsonReport.Read(JsonReport.Of(SampleReports.HostileOf(SampleReports.Degraded)));

        Assert.Equal(SampleReports.Hostile.Take(4), again.ConsoleTail.Take(4));
        Assert.Equal(SampleReports.Hostile.Length + 1, again.ConsoleTail.Length);
    }

    [Fact]
    public void A_report_without_what_came_later_is_whole()
    {
        BootReport report = JsonReport.Read("""
            {"schema": "nspawn.boot/1", "verdict": "passed", "summary": "", "image": "x", "machine": "x", "started": "2026-01-01T00:00:00Z",
             "duration": 1, "kernel": "", "nspawn": "", "later": {}, "units": [{"name": "a.service", "activeState": "active"}]}
            """);

        Assert.Empty(report.BootTimes);
        Assert.Empty(report.Units[0].Journal);
        Assert.True(report.Units[0].ConditionMet);
        Assert.Equal("loaded", report.Units[0].LoadState);
    }

    [Theory]
    [InlineData("{}", "it is no JSON with a \"schema\"; expected nspawn.boot/1")]
    [InlineData("[", "it is no JSON with a \"schema\"; expected nspawn.boot/1")]
    [InlineData("{\"schema\": \"nspawn.boot/2\"}", "its schema is nspawn.boot/2; expected nspawn.boot/1")]
    [InlineData("{\"schema\": \"nspawn.boot/1\", \"units\": 7}", "$.units has another form than nspawn.boot/1 gives it")]
    [InlineData("{\"schema\": \"nspawn.boot/1\", \"duration\": 1e300}", "$.duration has another form than nspawn.boot/1 gives it")]
    public void What_is_no_report_is_refused_in_a_line(string text, string why)
    {
        Assert.Equal(why, Assert.Throws<FormatException>(() => JsonReport.Read(text)).Message);
    }

    [Fact]
    public void The_page_about_the_schema_names_every_member()
    {
        string page = Repository.Read("src/Nspawn/man/nspawn.boot.md");
        JsonElement json = JsonDocument.Parse(JsonReport.Of(SampleReports.Degraded with
        {
            Jobs = SampleReports.Hung.Jobs,
            Processes = SampleReports.Hung.Processes,
        })).RootElement;

        Assert.All(Members(json).Distinct(), name => Assert.Contains($"`{name}`", page));
        Assert.All(Enum.GetNames<Verdict>(), verdict => Assert.Contains($"*{JsonNamingPolicy.CamelCase.ConvertName(verdict)}*", page));
    }

    private static IEnumerable<string> Members(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(member => Members(member.Value).Prepend(member.Name)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Members),
        _ => [],
    };
}
