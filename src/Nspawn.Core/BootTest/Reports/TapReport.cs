using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Nspawn.Core;

/// <summary>A report in the Test Anything Protocol, version 14: a line for each case, and what is known about it in YAML.</summary>
internal static class TapReport
{
    public static string Of(BootReport report, int version = 14)
    {
        ImmutableArray<BootCase> cases = BootCases.Of(report);
        StringBuilder tap = new();
        _ = tap.Append(CultureInfo.InvariantCulture, $"TAP version {version}\n1..{cases.Length}\n");
        foreach (string line in Facts(report))
        {
            _ = tap.Append("# ").Append(ReportText.Line(line)).Append('\n');
        }

        for (int i = 0; i < cases.Length; i++)
        {
            Write(tap, i + 1, cases[i]);
        }

        return tap.ToString();
    }

    private static IEnumerable<string> Facts(BootReport report) =>
    [
        $"{report.Image}: {report.Summary}",
        $"{report.OperatingSystem ?? "unnamed system"}, {(report.Systemd is null ? "no systemd" : $"systemd {report.Systemd}")}, kernel {report.Kernel}, nspawn {report.Nspawn}",
    ];

    private static void Write(StringBuilder tap, int number, BootCase one)
    {
        _ = tap.Append(BootCases.HasFailed(one) ? "not ok " : "ok ").Append(number).Append(" - ").Append(Description(one.Name));
        if (one.Outcome == BootOutcome.Skipped)
        {
            _ = tap.Append(" # SKIP ").Append(Description(one.Message));
        }

        _ = tap.Append('\n');
        if (one is { Time: null, Message: "", Output.IsEmpty: true })
        {
            return;
        }

        _ = tap.Append("  ---\n");
        if (one.Message.Length > 0)
        {
            _ = tap.Append("  message: ").Append(Quoted(one.Message)).Append('\n');
            _ = tap.Append("  severity: ").Append(one.Outcome == BootOutcome.Skipped ? "comment" : "fail").Append('\n');
        }

        if (one.Time is TimeSpan time)
        {
            _ = tap.Append(CultureInfo.InvariantCulture, $"  duration_ms: {Math.Max(0, time.TotalMilliseconds):0.###}\n");
        }

        WriteBlock(tap, "details", one.Details);
        WriteBlock(tap, "output", one.Output);
        _ = tap.Append("  ...\n");
    }

    /// <summary>
    /// Lines as a literal block. Each begins with a bar: an empty line or one that begins with blanks would end the block for
    /// prove's reader of YAML, which takes no list of strings with colons either.
    /// </summary>
    private static void WriteBlock(StringBuilder tap, string key, ImmutableArray<string> lines)
    {
        if (lines.IsEmpty)
        {
            return;
        }

        _ = tap.Append("  ").Append(key).Append(": |\n");
        foreach (string line in lines)
        {
            _ = tap.Append($"    | {ReportText.Line(line)}".TrimEnd()).Append('\n');
        }
    }

    /// <summary>In one line, and without a number sign that would begin a directive.</summary>
    private static string Description(string text) =>
        ReportText.Line(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("#", "\\#", StringComparison.Ordinal);

    /// <summary>A scalar in double quotes, as YAML and JSON both read it.</summary>
    private static string Quoted(string text) =>
        $"\"{ReportText.Line(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
