using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Nspawn.Core;

/// <summary>
/// A report as JUnit's XML. There is no standard; this keeps to what Jenkins' and Maven Surefire's schemas have in common. GitLab
/// shows nothing but the text of a failure, so all that helps is said there; Jenkins makes a package of what stands before the last dot of a
/// class's name, so the image has none.
/// </summary>
internal static class JUnitReport
{
    public static string Of(BootReport report)
    {
        ImmutableArray<BootCase> cases = BootCases.Of(report);
        string suite = ReportText.Line(report.Image);
        (string, string?)[] counts =
        [
            ("name", suite),
            ("tests", Count(cases.Length)),
            ("failures", Count(cases.Count(one => one.Outcome == BootOutcome.Failed))),
            ("errors", Count(cases.Count(one => one.Outcome == BootOutcome.Error))),
            ("time", Seconds(report.Duration)),
        ];
        XmlText xml = new XmlText().Begin("testsuites", counts).Begin("testsuite",
        [
            .. counts,
            ("skipped", Count(cases.Count(one => one.Outcome == BootOutcome.Skipped))),
            ("timestamp", report.Started.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture)),
            ("hostname", ReportText.Line(report.Machine)),
        ]);
        WriteProperties(xml, report);
        foreach (BootCase one in cases)
        {
            Write(xml, one, ClassName(suite));
        }

        return xml.Text("system-out", Lines([report.Summary, .. report.ConsoleTail])).End().End().ToString();
    }

    private static void WriteProperties(XmlText xml, BootReport report)
    {
        (string Name, string? Value)[] properties =
        [
            ("verdict", JsonNamingPolicy.CamelCase.ConvertName(report.Verdict.ToString())),
            ("image", report.Image),
            ("machine", report.Machine),
            ("options", string.Join(' ', report.Options)),
            ("os", report.OperatingSystem),
            ("systemd", report.Systemd),
            ("kernel", report.Kernel),
            ("nspawn", report.Nspawn),
            ("target", report.Target),
            ("state", report.SystemState),
            ("boot-time", BootCases.BootTime(report) is TimeSpan time ? Seconds(time) : null),
        ];
        _ = xml.Begin("properties");
        foreach ((string name, string? value) in properties.Where(one => one.Value is not null))
        {
            _ = xml.Empty("property", ("name", name), ("value", ReportText.Line(value!)));
        }

        _ = xml.End();
    }

    private static void Write(XmlText xml, BootCase one, string className)
    {
        _ = xml.Begin("testcase", ("classname", className), ("name", ReportText.Line(one.Name)), ("time", Seconds(one.Time ?? TimeSpan.Zero)));
        string message = ReportText.Line(one.Message);
        string text = Lines([one.Message, .. one.Details, .. one.Output]);
        _ = one.Outcome switch
        {
            BootOutcome.Failed => xml.Text("failure", text, ("message", message), ("type", one.Name is BootCases.Boot or BootCases.State ? one.Name : "failed")),
            BootOutcome.Error => xml.Text("error", text, ("message", message), ("type", "error")),
            BootOutcome.Skipped => xml.Empty("skipped", ("message", message)),
            _ => xml,
        };
        _ = one.Output.IsEmpty ? xml : xml.Text("system-out", Lines(one.Output));
        _ = xml.End();
    }

    private static string ClassName(string image)
    {
        string name = image.TrimEnd('/');
        return $"nspawn.{name[(name.LastIndexOf('/') + 1)..].Replace('.', '_')}";
    }

    private static string Lines(ImmutableArray<string> lines) => string.Join('\n', lines.Select(ReportText.Line));

    // Jenkins' schema has no more digits.
    private static string Seconds(TimeSpan time) => Math.Max(0, time.TotalSeconds).ToString("0.###", CultureInfo.InvariantCulture);

    private static string Count(int number) => number.ToString(CultureInfo.InvariantCulture);
}
