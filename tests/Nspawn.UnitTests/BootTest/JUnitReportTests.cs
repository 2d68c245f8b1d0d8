using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class JUnitReportTests
{
    private static readonly XmlSchemaSet s_schema = Schema();

    [Fact]
    public void Every_report_keeps_the_schema_that_readers_share()
    {
        Assert.All(SampleReports.All, report => Parsed(report));
    }

    [Fact]
    public void Whatever_the_guest_wrote_the_schema_is_kept_and_no_case_is_forged()
    {
        Random random = new(20260304);
        for (int i = 0; i < 300; i++)
        {
            BootReport report = SampleReports.HostileOf(SampleReports.Degraded, random);

            XDocument xml = Parsed(report);

            Assert.Equal(BootCases.Of(report).Length, xml.Descendants("testcase").Count());
        }
    }

    [Fact]
    public void A_failed_unit_is_a_case_with_its_journal_in_the_failure_and_beside_it()
    {
        XElement[] cases = [.. Parsed(SampleReports.Degraded).Descendants("testcase")];

        Assert.Equal(["boot", "state", "nginx.service", "foo.mount", "rpc.service", "check: systemctl is-active nginx"], cases.Select(one => one.Attribute("name")!.Value));
        Assert.All(cases, one => Assert.Equal("nspawn.trixie", one.Attribute("classname")!.Value));
        Assert.Equal("0.41", cases[0].Attribute("time")!.Value);
        Assert.Empty(cases[0].Elements());
        Assert.Equal("degraded: 2 units have failed", cases[1].Element("failure")!.Attribute("message")!.Value);
        Assert.Contains("try --private-network", cases[1].Element("failure")!.Value);
        Assert.Equal("exit-code, status 1", cases[2].Element("failure")!.Attribute("message")!.Value);
        Assert.Contains("Address already in use", cases[2].Element("failure")!.Value);
        Assert.Contains("site.target, certbot.service", cases[2].Element("failure")!.Value);
        Assert.Contains("Address already in use", cases[2].Element("system-out")!.Value);
        Assert.Equal("signal 9", cases[3].Element("failure")!.Attribute("message")!.Value);
        Assert.Equal("failed and may: timeout", cases[4].Element("skipped")!.Attribute("message")!.Value);
    }

    [Fact]
    public void The_counts_and_properties_are_those_of_the_report()
    {
        XElement suite = Parsed(SampleReports.Degraded).Descendants("testsuite").Single();
        Dictionary<string, string> properties = suite.Descendants("property").ToDictionary(one => one.Attribute("name")!.Value, one => one.Attribute("value")!.Value);

        Assert.Equal(("6", "3", "0", "1", "0.613"), (Of("tests"), Of("failures"), Of("errors"), Of("skipped"), Of("time")));
        Assert.Equal("/srv/trees/trixie", Of("name"));
        Assert.Equal("2026-03-04T05:06:07", Of("timestamp"));
        Assert.Equal("6.12.1", properties["kernel"]);
        Assert.Equal("257 (257.9-1)", properties["systemd"]);
        Assert.Equal("-D /srv/trees/trixie --private-network", properties["options"]);
        Assert.Equal("/srv/trees/trixie", properties["image"]);

        string Of(string name) => suite.Attribute(name)!.Value;
    }

    [Fact]
    public void A_machine_that_did_not_start_is_an_error_and_one_that_hangs_says_what_on()
    {
        Assert.Equal("cannot boot /srv/x: no init found", Parsed(SampleReports.NotStarted).Descendants("error").Single().Attribute("message")!.Value);
        string hung = Parsed(SampleReports.Hung).Descendants("failure").First().Value;
        Assert.Contains("job: slow.service start, running", hung);
        Assert.Contains("process 77: sleep infinity (S in hrtimer_nanosleep)", hung);
    }

    [Fact]
    public void The_schema_refuses_what_is_none()
    {
        string broken = JUnitReport.Of(SampleReports.Healthy).Replace("classname=", "class=", StringComparison.Ordinal);

        Assert.Throws<XmlSchemaValidationException>(() => Validated(XDocument.Parse(broken)));
    }

    private static XDocument Parsed(BootReport report) => Validated(XDocument.Parse(JUnitReport.Of(report)));

    private static XDocument Validated(XDocument xml)
    {
        Assert.Equal("testsuites", xml.Root!.Name); // what a schema does not know is no error to it
        xml.Validate(s_schema, (_, wrong) => throw wrong.Exception);
        return xml;
    }

    private static XmlSchemaSet Schema()
    {
        using StringReader file = new(Repository.Read("tests/Nspawn.UnitTests/BootTest/junit.xsd"));
        using XmlReader text = XmlReader.Create(file);
        XmlSchemaSet schemas = new();
        schemas.Add(XmlSchema.Read(text, (_, wrong) => throw wrong.Exception)!);
        schemas.Compile();
        return schemas;
    }
}
