using System.Text;

namespace Nspawn.Core;

/// <summary>
/// What GitHub's runner reads from a job's output. It takes every line that begins with two colons, and <c>##[</c> anywhere in a line, for a
/// command; so whatever the guest wrote stands between <c>::stop-commands::TOKEN</c> and <c>::TOKEN::</c>.
/// </summary>
public static class GitHubActions
{
    /// <summary>Where the runner wants Markdown appended; null: we are not under it, or it wants none.</summary>
    public const string SummaryVariable = "GITHUB_STEP_SUMMARY";

    public static bool IsRunner(Func<string, string?> environment) => environment("GITHUB_ACTIONS") == "true";

    /// <summary>The text in a group that can be folded, with nothing in it that is heeded.</summary>
    /// <param name="title">The group's name.</param>
    /// <param name="text">Any text.</param>
    /// <param name="token">What the guest cannot know: random letters and digits.</param>
    public static string Group(string title, string text, string token) =>
        $"::group::{Data(ReportText.Line(title))}\n::stop-commands::{token}\n{Lines(text)}::{token}::\n::endgroup::\n";

    /// <summary>An annotation for each case that failed; the runner shows ten of them, so the first are those that explain most.</summary>
    public static string Annotations(BootReport report)
    {
        StringBuilder text = new();
        string image = ReportText.Line(report.Image);
        foreach (BootCase one in BootCases.Of(report).Where(BootCases.HasFailed))
        {
            const int Shown = 10;
            string[] lines = [one.Message, .. one.Details.Take(Shown), .. one.Output.TakeLast(Shown)];
            _ = text.Append("::error title=").Append(Property($"{image}: {ReportText.Line(one.Name)}")).Append("::")
                .Append(Data(string.Join('\n', lines.Select(ReportText.Line)))).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>What stands behind a command's second pair of colons.</summary>
    internal static string Data(string text) => text
        .Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    internal static string Property(string text) =>
        Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);

    private static string Lines(string text)
    {
        string clean = ReportText.Clean(text);
        return clean.Length == 0 || clean.EndsWith('\n') ? clean : clean + "\n";
    }
}
