using System.Text.RegularExpressions;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class GitHubActionsTests
{
    private const string Token = "t0k3n";

    [Fact]
    public void Nothing_the_guest_wrote_is_heeded_by_the_runner()
    {
        Random random = new(20260304);
        for (int i = 0; i < 300; i++)
        {
            BootReport report = SampleReports.HostileOf(SampleReports.Degraded, random);
            string output = GitHubActions.Group(report.Summary, string.Join('\n', report.ConsoleTail), Token) + GitHubActions.Annotations(report);

            string[] heeded = [.. Heeded(output).Select(command => command.Split(' ')[0])];

            Assert.Equal(["group", "stop-commands", Token, "endgroup", .. Enumerable.Repeat("error", BootCases.Of(report).Count(BootCases.HasFailed))], heeded);
        }
    }

    [Fact]
    public void An_annotation_says_which_unit_and_why_in_one_line()
    {
        string[] lines = GitHubActions.Annotations(SampleReports.Degraded).TrimEnd('\n').Split('\n');

        Assert.Equal(3, lines.Length);
        Assert.StartsWith("::error title=/srv/trees/trixie%3A nginx.service::exit-code, status 1%0Anot started because of it: site.target, certbot.service%0Anginx: [emerg]", lines[1]);
        Assert.Empty(GitHubActions.Annotations(SampleReports.Healthy));
    }

    [Fact]
    public void A_group_holds_its_text_as_it_is()
    {
        Assert.Equal("::group::journal 5%25\n::stop-commands::t0k3n\na\nb\n::t0k3n::\n::endgroup::\n", GitHubActions.Group("journal 5%", "a\r\nb", Token));
        Assert.True(GitHubActions.IsRunner(name => name == "GITHUB_ACTIONS" ? "true" : null));
        Assert.False(GitHubActions.IsRunner(_ => null));
    }

    [Fact]
    public void Markdown_has_what_failed_on_top_and_no_markup_of_the_guests()
    {
        string good = MarkdownReport.Of(SampleReports.Degraded);
        Assert.StartsWith("### \u274c /srv/trees/trixie: 2 units have failed: nginx.service, foo.mount\n", good);
        Assert.True(good.IndexOf("**nginx.service**", StringComparison.Ordinal) < good.IndexOf("<details>", StringComparison.Ordinal));
        Assert.Contains("nginx: [emerg] bind() to 0.0.0.0:80 failed", good);
        Assert.Contains("| \u2705 | <code>boot</code> | 0.41 s |", good);

        string hostile = MarkdownReport.Of(SampleReports.HostileOf(SampleReports.Degraded));
        string outside = Regex.Replace(hostile, "<pre>.*?</pre>", "", RegexOptions.Singleline);
        Assert.DoesNotContain("<script", hostile);
        Assert.DoesNotContain("](", outside);
        Assert.DoesNotContain("**b**", outside);
        Assert.Equal(Count(hostile, "<pre>"), Count(hostile, "</pre>"));
        Assert.All(hostile.Split('\n').Where(line => line.StartsWith("| \u274c", StringComparison.Ordinal)), line => Assert.Equal(5, line.Count(c => c == '|')));
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    /// <summary>The commands the runner takes, by its own rules: a line that begins with two colons, blanks aside, or the older form anywhere.</summary>
    private static IEnumerable<string> Heeded(string output)
    {
        string? waitsFor = null;
        foreach (string line in output.Split(["\r\n", "\n", "\r"], StringSplitOptions.None))
        {
            string trimmed = line.Trim();
            int end = trimmed.StartsWith("::", StringComparison.Ordinal) ? trimmed.IndexOf("::", 2, StringComparison.Ordinal) : -1;
            int old = line.IndexOf("##[", StringComparison.Ordinal);
            string? command = end > 2 ? trimmed[2..end] : old >= 0 && line.IndexOf(']', old) is > 0 and int close ? line[(old + 3)..close] : null;
            if (command is null || (waitsFor is not null && command != waitsFor))
            {
                continue;
            }

            waitsFor = command == "stop-commands" ? trimmed[(end + 2)..] : command == waitsFor ? null : waitsFor;
            yield return command;
        }
    }
}
