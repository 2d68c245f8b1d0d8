using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class SettingsSyntaxTests
{
    [Theory]
    [InlineData("[Exec]\nA=1\n", "1")]
    [InlineData("\ufeff[Exec]\nA=1", "1")]
    [InlineData("  [Exec]  \n\t A \t=\t 1 2 \t\r\n", "1 2")]
    [InlineData("# c\n; c\n[Exec]\n  # A=0\nA=1;2#3\n", "1;2#3")]
    [InlineData("[Exec]\nA=1 \\\n  2 \\\n# between\n ; them\n3", "1  2  3")]
    [InlineData("[Exec]\nA=1\\\n\nA=2", "1|2")]
    [InlineData("[Exec]\nA=1\\\\\nA=2", @"1\\|2")]
    [InlineData("[Exec]\nA=1\\", "1")]
    [InlineData("[Exec]\nA=x=y", "x=y")]
    [InlineData("[Exec]\nA=", "")]
    [InlineData("[Exec]\nA=1\n[Other]\nA=0\n[Exec]\nA=2", "1|2")]
    [InlineData("[X-Mine]\nA=0\nrubbish\n[Exec]\nX-A=0\nA=1", "1")]
    public void Values_are_what_systemd_reads(string text, string values)
    {
        List<string> reports = [];
        SettingsEntry[] entries = [.. SettingsSyntax.Parse(text, ["Exec", "Other2"], (line, what) => reports.Add($"{line}: {what}"))];

        Assert.All(entries, entry => Assert.Equal(("Exec", "A"), (entry.Section, entry.Key)));
        Assert.Equal(values, string.Join('|', entries.Select(entry => entry.Value)));
        Assert.Equal(text.Contains("[Other]", StringComparison.Ordinal) ? ["3: unknown section [Other]"] : [], reports);
    }

    [Theory]
    [InlineData("A=1\n[Exec]", "1: stands before the first section")]
    [InlineData("[Exec]\nA", "2: no assignment: expected KEY=VALUE")]
    [InlineData("[Exec]\n\n = 1", "3: no assignment: expected KEY=VALUE")]
    [InlineData("[Exec\nA=1", "1: no section: expected [NAME]")]
    [InlineData("[]\nA=1", "1: no section: expected [NAME]")]
    [InlineData("[Exec]\nA=1 \\\n2\nB", "4: no assignment: expected KEY=VALUE")]
    [InlineData("[Exec]\nroot:x:secret \\\nmore", "2: no assignment: expected KEY=VALUE")]
    public void What_makes_no_sense_is_reported_with_its_line(string text, string report)
    {
        List<string> reports = [];
        _ = SettingsSyntax.Parse(text, ["Exec"], (line, what) => reports.Add($"{line}: {what}"));

        Assert.Equal([report], reports);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("  a\tb ", "a|b")]
    [InlineData("\"a  b\" 'c \"d'", "a  b|c \"d")]
    [InlineData("a\"b c\"d \"\" x", "ab cd||x")]
    [InlineData(@"a\ b \n", @"a\|b|\n")]
    public void Words_are_quoted_as_in_a_shell(string text, string words) =>
        Assert.Equal(words, string.Join('|', QuotedWords.Split(text)));

    [Theory]
    [InlineData("'a")]
    [InlineData("a \"b 'c'")]
    public void An_open_quote_is_refused(string text) => Commands.Refused(() => QuotedWords.Split(text));
}
