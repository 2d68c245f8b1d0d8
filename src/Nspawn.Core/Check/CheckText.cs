using System.Globalization;
using System.Text;

namespace Nspawn.Core;

/// <summary>A report for people: findings by severity, one under the other, with what to do about each.</summary>
public static class CheckText
{
    private const string Bold = "\e[1m", Plain = "\e[0m";

    /// <param name="report">What is to be said.</param>
    /// <param name="colored">With the terminal's colours.</param>
    public static string Of(CheckReport report, bool colored)
    {
        StringBuilder text = new();
        _ = text.Append(Message.OneLine(Head(report))).Append('\n');
        int width = report.Findings.IsEmpty ? 0 : report.Findings.Max(finding => finding.Id.Length);
        foreach (IGrouping<Severity, Finding> group in report.Findings.GroupBy(finding => finding.Severity))
        {
            string title = group.Key switch { Severity.Error => "Errors", Severity.Warning => "Warnings", _ => "Notes" };
            _ = text.Append('\n').Append(Painted(title, group.Key, colored)).Append(":\n");
            foreach (Finding finding in group)
            {
                _ = text.Append("  ").Append(colored ? Bold : "").Append(finding.Id).Append(colored ? Plain : "")
                    .Append(' ', width - finding.Id.Length + 2).Append(finding.Message).Append('\n')
                    .Append(' ', width + 4).Append("-> ").Append(finding.Remedy).Append('\n');
            }
        }

        return text.Append($"\n{Amount(report.Errors, "error")}, {Amount(report.Warnings, "warning")}, {Amount(report.Notes, "note")}\n").ToString();
    }

    private static string Head(CheckReport report)
    {
        string init = report.SystemdVersion is int version ? $"systemd {version}" : report.Init is string name ? $"init {name}" : "no init";
        string files = report.Files.ToString("N0", CultureInfo.InvariantCulture);
        return $"{report.Tree}: {report.OperatingSystem ?? "unnamed system"}, {init}, {files} files, {SpaceRules.Megabytes(report.Bytes)}";
    }

    private static string Painted(string title, Severity severity, bool colored) =>
        !colored ? title : $"\e[1;{severity switch { Severity.Error => 31, Severity.Warning => 33, _ => 34 }}m{title}{Plain}";

    private static string Amount(int count, string name) => $"{count} {name}{(count == 1 ? "" : "s")}";
}
