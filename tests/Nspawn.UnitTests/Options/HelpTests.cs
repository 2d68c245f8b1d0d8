using System.Text.RegularExpressions;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public partial class HelpTests
{
    [Theory]
    [InlineData("nspawn", "help-nspawn.txt")]
    [InlineData("/usr/bin/systemd-nspawn", "help-systemd-nspawn.txt")]
    public void Help_is_the_golden_file(string programName, string golden)
    {
        string help = HelpText.Of(programName);

        Assert.Equal(Repository.Golden(golden, help), help);
    }

    [Theory]
    [InlineData("nspawn")]
    [InlineData("systemd-nspawn")]
    public void Help_fits_80_columns_with_one_line_an_option(string programName)
    {
        string[] lines = HelpText.Of(programName).Split('\n');

        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
        string[] rows = [.. lines.Where(line => line.StartsWith("  ", StringComparison.Ordinal) && line.IndexOf("--", StringComparison.Ordinal) == 5)];
        Assert.All(rows, row => Assert.Matches("^(.{31}|     --[^ ]{26,}) [^ ]", row));
        Assert.All(OptionTable.All.Where(option => !option.ShortOnly), option => Assert.Single(rows, row => row[7..32].Split('=', '[', ' ')[0] == option.Name));
    }

    [Theory]
    [InlineData("--pipe")]
    [InlineData("--console")]
    [InlineData("--resolv-conf")]
    [InlineData("--chdir")]
    [InlineData("--suppress-sync")]
    [InlineData("--keep-unit")]
    public void Help_names_what_callers_look_for(string option) => Assert.Contains(option, HelpText.Of("systemd-nspawn"));

    [Fact]
    public void Systemd_nspawn_has_no_verbs_in_its_help()
    {
        Assert.Contains("explain", HelpText.Of("nspawn"));
        Assert.DoesNotContain("explain", HelpText.Of("systemd-nspawn"));
    }

    [Theory]
    [InlineData("systemd-nspawn")]
    [InlineData("/usr/bin/systemd-nspawn")]
    public void The_second_word_of_systemd_nspawns_version_is_a_number(string programName)
    {
        string text = Assert.IsType<ParsedCommandLine.ShowText>(CommandLine.Parse(["--version"], programName, Commands.Context)).Text;

        Assert.True(int.Parse(text.Split()[1]) >= 252);
        Assert.Matches(@"^systemd \d+ \(nspawn \d+\.\d+\.\d+\)\n$", text);
    }

    [Fact]
    public void Version_names_the_program() =>
        Assert.Matches(@"^nspawn \d+\.\d+\.\d+\n$", Assert.IsType<ParsedCommandLine.ShowText>(Commands.Parse("--version")).Text);

    [Theory]
    [InlineData("--console=help", "interactive\nread-only\npassive\npipe\nautopipe\n")]
    [InlineData("--ephemeral=help", "no\nyes\nmemory\ndisk\n")]
    [InlineData("--volatile=help", "no\nyes\nstate\noverlay\n")]
    [InlineData("--personality=help", "x86\nx86-64\n")]
    [InlineData("--timezone=help", "off\ncopy\nbind\nsymlink\ndelete\nauto\n")]
    public void The_value_help_lists_the_values(string option, string text) =>
        Assert.Equal(text, Assert.IsType<ParsedCommandLine.ShowText>(Commands.Parse(option)).Text);

    [Theory]
    [InlineData("--capability", "cap_sys_admin")]
    [InlineData("--drop-capability", "cap_checkpoint_restore")]
    [InlineData("--ambient-capability", "cap_chown")]
    [InlineData("--kill-signal", "SIGRTMIN+3")]
    [InlineData("--resolv-conf", "copy-host")]
    [InlineData("--rlimit", "RLIMIT_NOFILE")]
    public void Every_listed_value_can_be_given(string option, string one)
    {
        string text = Assert.IsType<ParsedCommandLine.ShowText>(Commands.Parse(option, "help")).Text;

        Assert.Contains(one, text.Split('\n'));
    }

    [Fact]
    public void The_manual_page_names_exactly_the_options_in_the_table()
    {
        string page = Repository.Read("src/Nspawn/man/nspawn.1.md");
        string[] lines = page[page.IndexOf("\n# OPTIONS\n", StringComparison.Ordinal)..].Split('\n');
        string[] described = [.. lines.Where(line => line.StartsWith("**-", StringComparison.Ordinal)).Select(Term)];

        Assert.Equal(OptionTable.All.Select(Spelled).Order(), described.Order());
        Assert.All(OptionTable.Groups, group => Assert.Contains($"## {group.Title}", lines));
    }

    [Fact]
    public void The_manual_page_describes_every_option_of_a_test()
    {
        string page = Repository.Read("src/Nspawn/man/nspawn.1.md");
        string[] described = [.. page[page.IndexOf("# BOOT TESTS", StringComparison.Ordinal)..page.IndexOf("# OPTIONS", StringComparison.Ordinal)]
            .Split('\n').Where(line => line.StartsWith("**-", StringComparison.Ordinal)).SelectMany(line => ShortOrLong().Matches(line)).Select(match => match.Value)];

        Assert.All(Verb.Test.Options.Where(option => option.Name is not (Verb.ToleranceOption or Verb.JobsOption)), option => Assert.Contains($"--{option.Name}", described));
    }

    [Fact]
    public void The_manual_page_mentions_no_option_that_does_not_exist()
    {
        Option[] known = [.. OptionTable.All.Where(option => !option.ShortOnly), .. Verb.All.SelectMany(verb => verb.Options)];

        Assert.All(OptionName().Matches(Repository.Read("src/Nspawn/man/nspawn.1.md")),
            match => Assert.Contains(known, option => option.Name == match.Groups[1].Value || option.OldName == match.Groups[1].Value));
    }

    [Fact]
    public void Names_letters_and_keys_are_used_once()
    {
        string[] names = [.. OptionTable.All.SelectMany(option => (string[])(option.OldName is null ? [option.Name] : [option.Name, option.OldName]))];
        char[] letters = [.. OptionTable.All.Where(option => option.Short is not null).Select(option => option.Short!.Value)];
        string[] keys = [.. OptionTable.All.Where(option => option.Key is not null).Select(option => option.Key!)];

        Assert.Equal(names.Distinct(), names);
        Assert.Equal(letters.Distinct(), letters);
        Assert.Equal(keys.Distinct(), keys);
        Assert.All(OptionTable.All, option => Assert.Equal(option.Form == ArgumentForm.None, option.Metavar is null));
    }

    private static string Spelled(Option option) =>
        option.ShortOnly ? $"-{option.Short}" : (option.Short is { } letter ? $"-{letter} " : "") + $"--{option.Name}";

    /// <summary>"**-D**, **--directory=***PATH*" as "-D --directory".</summary>
    private static string Term(string line) =>
        string.Join(' ', ShortOrLong().Matches(line).Select(match => match.Value));

    [GeneratedRegex(@"(?<=\*\*)--?[A-Za-z][a-z0-9-]*")]
    private static partial Regex ShortOrLong();

    [GeneratedRegex(@"(?<![a-z-])--([a-z][a-z0-9-]*)")]
    private static partial Regex OptionName();
}
