using System.Text.Json;
using System.Xml;
using System.Xml.Schema;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>What is made of real boots: reports that others read, baselines, many images at once, what two differ in.</summary>
public sealed class ReportTests
{
    [Theory]
    [MemberData(nameof(VerdictTests.Releases), MemberType = typeof(VerdictTests))]
    public void JUnitAndTap_AreReadByOthers(string release)
    {
        Need.Tool("prove");
        using Tested tree = new(release);
        tree.WithOneshot("bad.service", "/bin/sh -c 'echo \"]]> \\033[1m & not ok\"; exit 3'");
        tree.Expect(1, "--check=echo in the machine", "-o", tree.Report("boot.xml"), "-o", tree.Report("boot.tap13"));
        List<string> faults = [];
        XmlReaderSettings settings = new() { ValidationType = ValidationType.Schema };
        settings.ValidationEventHandler += (_, fault) => faults.Add(fault.Message);
        using (XmlReader schema = XmlReader.Create(Repository.File("tests/Nspawn.UnitTests/BootTest/junit.xsd")))
        {
            settings.Schemas.Add(XmlSchema.Read(schema, (_, fault) => faults.Add(fault.Message))!);
        }

        using (XmlReader report = XmlReader.Create(tree.Report("boot.xml"), settings))
        {
            while (report.Read())
            {
            }
        }

        Assert.Empty(faults);
        Outcome prove = Command.Run("prove", ["-v", "-e", "cat", tree.Report("boot.tap13")]);
        Assert.Contains("bad.service", prove.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Parse errors", prove.Text, StringComparison.Ordinal);
        Assert.Equal(1, prove.ExitStatus);
    }

    [Fact]
    public void ABaseline_TellsWhatBecameSlower()
    {
        using Tested tree = new("trixie");
        tree.WithOneshot("once.service", "/bin/true");
        string baseline = tree.Report("baseline.json");
        tree.Expect(0, "--runs=2", "--save-baseline=" + baseline);
        Assert.Contains("no slower than the baseline", tree.Expect(0, "--compare=" + baseline, "--tolerance=400%").Text, StringComparison.Ordinal);
        tree.WithOneshot("once.service", "/bin/sleep 6");
        Outcome slower = tree.Expect(4, "--compare=" + baseline, "--tolerance=400%");
        Assert.StartsWith("tree: FAILED: slower than the baseline: ", slower.Text, StringComparison.Ordinal);
        Assert.Contains("once.service", slower.Text, StringComparison.Ordinal);
        File.WriteAllText(baseline, """{"schema":"nspawn.baseline/99"}""");
        OneLine.AssertSaid(tree.Expect(125, "--compare=" + baseline).Error, "nspawn.baseline/99");
    }

    [Fact]
    public void AMatrix_HasAReportOfEach_AndTheStatusOfTheWorst()
    {
        using Tested good = new("busybox");
        using Tested bad = new("bookworm");
        bad.WithOneshot("bad.service", "/bin/false");
        File.WriteAllText(good.Report("list"), $"# trees\n{good.Scratch.Tree}\n{bad.Scratch.Tree}\n");
        Directory.CreateDirectory(good.Report("reports"));
        Leftovers leftovers = Leftovers.Watch(bad.Scratch);
        Outcome outcome = Launcher.Nspawn.RunBare(["test", "--matrix=" + good.Report("list"), "--jobs=2", "-o", good.Report("reports") + "/"], TimeSpan.FromSeconds(100));
        Assert.Equal(1, outcome.ExitStatus);
        Assert.EndsWith("1 of 2 passed\n", outcome.Text, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(good.Report("reports"), "*.xml").Length);
        Assert.Equal(2, Directory.GetFiles(good.Report("reports"), "*.svg").Length);
        leftovers.AssertNone();
    }

    [Fact]
    public void ADiff_SaysWhatAnotherUnitChanged()
    {
        using Tested before = new("trixie");
        using Tested after = new("trixie");
        after.WithOneshot("more.service", "/bin/sh -c 'echo >/var/lib/written; exit 1'");
        Outcome outcome = Launcher.Nspawn.RunBare(["diff", "--json", before.Scratch.Tree, after.Scratch.Tree], TimeSpan.FromSeconds(100));
        Assert.True(outcome is { ExitStatus: 1, Error: "" }, outcome.ToString());
        JsonElement report = JsonDocument.Parse(outcome.Text).RootElement;
        Assert.Equal("nspawn.diff/1", report.GetProperty("schema").GetString());
        Dictionary<string, string> sections = report.GetProperty("sections").EnumerateArray()
            .ToDictionary(section => section.GetProperty("subject").GetString()!, section => section.GetProperty("added").GetRawText());
        Assert.Contains("more.service", sections["failed units"], StringComparison.Ordinal);
        Assert.Contains("/var/lib/written", sections["files written"], StringComparison.Ordinal);
    }
}
