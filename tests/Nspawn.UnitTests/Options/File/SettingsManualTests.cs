using System.Text.RegularExpressions;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>The manual page has every key of the table, with its option and whether it is privileged, and no other.</summary>
public partial class SettingsManualTests
{
    [Fact]
    public void The_manual_page_names_exactly_the_keys_of_the_table() =>
        Assert.Equal(OptionTable.Keyed.SelectMany(Lines).Order(), Described().Order());

    private static IEnumerable<string> Lines(Option option)
    {
        string key = option.Key!;
        string[] keys = key.EndsWith('*') ? [.. option.Values!().Select(name => key[..^1] + name["RLIMIT_".Length..])] : [key];
        string form = option == OptionTable.Operands ? "the operands" : $"--{option.Name}";
        return keys.Select(one => $"{one} {form}{(option.Privileged ? " privileged" : "")}");
    }

    private static IEnumerable<string> Described()
    {
        string page = Repository.Read("src/Nspawn/man/nspawn.1.md");
        string chapter = page[page.IndexOf("# SETTINGS FILES\n", StringComparison.Ordinal)..page.IndexOf("# EXIT STATUS\n", StringComparison.Ordinal)];
        foreach (string section in chapter.Split("\n## [")[1..])
        {
            foreach (string item in section.Split("\n- ")[1..])
            {
                (string keys, string rest) = (item[..item.IndexOf(" as ", StringComparison.Ordinal)], item[item.IndexOf(" as ", StringComparison.Ordinal)..]);
                string form = Form().Match(rest).Value;
                foreach (Match key in Key().Matches(keys))
                {
                    yield return $"{section[..section.IndexOf(']')]}.{key.Value} {form}{(rest.Contains("; privileged", StringComparison.Ordinal) ? " privileged" : "")}";
                }
            }
        }
    }

    [GeneratedRegex(@"(?<=\*\*)[A-Za-z]+(?==\*\*)")]
    private static partial Regex Key();

    [GeneratedRegex(@"(?<= as (?:\*\*)?)(the operands|--[a-z0-9-]+)")]
    private static partial Regex Form();
}
