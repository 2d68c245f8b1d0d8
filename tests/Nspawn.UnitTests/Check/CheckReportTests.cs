using System.Text.Json;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class CheckReportTests
{
    private static readonly CheckReport s_report = new()
    {
        Tree = "/srv/tree",
        OperatingSystem = "Test \e[31m OS",
        Init = "systemd",
        SystemdVersion = 257,
        Files = 12345,
        Bytes = 161 << 20,
        Findings =
        [
            FindingKinds.InitMissing.With("there is none"),
            FindingKinds.SshHostKeys.With("keys\n\e[31m"),
            FindingKinds.Logs.With("big"),
        ],
    };

    [Fact]
    public void The_text_is_grouped_aligned_and_plain()
    {
        string text = CheckText.Of(s_report, colored: false);

        Assert.Equal(Repository.Golden("check.txt", text), text);
        Assert.DoesNotContain('\e', text);
    }

    [Fact]
    public void Colours_are_all_that_a_terminal_gets_more()
    {
        string text = CheckText.Of(s_report, colored: true);

        Assert.Equal(CheckText.Of(s_report, colored: false), System.Text.RegularExpressions.Regex.Replace(text, "\e\\[[0-9;]*m", ""));
    }

    [Fact]
    public void The_json_has_what_the_text_has()
    {
        JsonElement json = JsonDocument.Parse(s_report.Json()).RootElement;

        Assert.Equal((1, 1, 1), (json.GetProperty("errors").GetInt32(), json.GetProperty("warnings").GetInt32(), json.GetProperty("notes").GetInt32()));
        Assert.Equal(["init-missing", "ssh-host-keys", "logs"], json.GetProperty("findings").EnumerateArray().Select(one => one.GetProperty("id").GetString()));
        Assert.Equal("warning", json.GetProperty("findings")[1].GetProperty("severity").GetString());
        Assert.Equal(257, json.GetProperty("systemdVersion").GetInt32());
        Assert.Equal("nspawn.check/1", json.GetProperty("schema").GetString());
        string table = Repository.Read("src/Nspawn/man/nspawn.1.md").Split("\n**nspawn check --json**\n")[1].Split("\n**nspawn ")[0];
        Assert.All(json.EnumerateObject().Concat(json.GetProperty("findings")[0].EnumerateObject()), member => Assert.Contains($"*{member.Name}*", table));
    }

    [Fact]
    public void The_manual_page_lists_every_kind()
    {
        string page = Repository.Read("src/Nspawn/man/nspawn.1.md");

        Assert.All(FindingKinds.All, kind => Assert.Contains($"*{kind.Id}*", page));
        Assert.Equal(FindingKinds.All.Length, FindingKinds.All.DistinctBy(kind => kind.Id).Count());
    }

    [Theory]
    [InlineData("check tree", false, false)]
    [InlineData("check --json tree", true, false)]
    [InlineData("check --strict --json -- tree", true, true)]
    public void Check_takes_a_tree_and_its_own_options(string line, bool json, bool strict)
    {
        ParsedCommandLine.Check check = Assert.IsType<ParsedCommandLine.Check>(Commands.Parse(line.Split(' ')));

        Assert.Equal((json, strict, "/home/joe/tree"), (check.Json, check.Strict, check.Settings.Directory));
    }

    [Theory]
    [InlineData("check")]
    [InlineData("check one two")]
    [InlineData("check --boot tree")]
    public void Anything_else_is_refused(string line) => Assert.NotEmpty(Commands.Refusal(line.Split(' ')));
}
