using System.Collections.Immutable;
using System.Text;

namespace Nspawn.Core;

/// <summary>An assignment in a settings file.</summary>
/// <param name="Line">The one it begins in, counted from 1.</param>
/// <param name="Section">Without brackets.</param>
/// <param name="Key">What is left of the equals sign.</param>
/// <param name="Value">What is right of it, without the blanks around it.</param>
public readonly record struct SettingsEntry(int Line, string Section, string Key, string Value);

/// <summary>
/// The syntax of systemd's configuration files; systemd.syntax(7). Sections, assignments, lines that go on behind a
/// backslash, comments. Nothing in it is fatal: a line that makes no sense is reported and left out.
/// </summary>
public static class SettingsSyntax
{
    private const char ByteOrderMark = '\ufeff';
    private const string Extension = "X-";

    private static readonly char[] s_blanks = [' ', '\t', '\r', '\n'];

    /// <param name="text">The file.</param>
    /// <param name="sections">Those that mean something; what stands in others is left out.</param>
    /// <param name="report">Told the line and what is wrong with it.</param>
    public static ImmutableArray<SettingsEntry> Parse(string text, IReadOnlyCollection<string> sections, Action<int, string> report)
    {
        ImmutableArray<SettingsEntry>.Builder entries = ImmutableArray.CreateBuilder<SettingsEntry>();
        string? section = null;
        bool skip = false;
        foreach ((int number, string line) in LogicalLines(text))
        {
            if (line.StartsWith('['))
            {
                section = line.EndsWith(']') ? line[1..^1] : "";
                skip = !sections.Contains(section);
                if (skip && !section.StartsWith(Extension, StringComparison.Ordinal))
                {
                    report(number, section.Length > 0 ? $"unknown section [{Message.Printable(section)}]" : "no section: expected [NAME]");
                }
            }
            else if (section is null)
            {
                report(number, "stands before the first section");
            }
            else if (!skip)
            {
                int equals = line.IndexOf('=');
                string key = equals < 0 ? "" : line[..equals].TrimEnd(s_blanks);
                if (key.Length == 0)
                {
                    report(number, "no assignment: expected KEY=VALUE"); // not quoted: it could be a line of any file
                }
                else if (!key.StartsWith(Extension, StringComparison.Ordinal))
                {
                    entries.Add(new SettingsEntry(number, section, key, line[(equals + 1)..].Trim(s_blanks)));
                }
            }
        }

        return entries.ToImmutable();
    }

    /// <summary>Without comments and blanks around them, the ones that belong together joined; each with the number of its first.</summary>
    private static IEnumerable<(int Number, string Line)> LogicalLines(string text)
    {
        StringBuilder joined = new();
        int number = 0, first = 0;
        foreach (string raw in text.TrimStart(ByteOrderMark).Split('\n'))
        {
            number++;
            string line = raw.TrimStart(s_blanks);
            if (line is ['#' or ';', ..])
            {
                continue; // also between lines that belong together
            }

            first = joined.Length == 0 ? number : first;
            line = line.TrimEnd('\r');
            bool goesOn = GoesOn(line);
            _ = joined.Append(goesOn ? line[..^1] + ' ' : line);
            if (!goesOn)
            {
                string whole = joined.ToString().Trim(s_blanks);
                _ = joined.Clear();
                if (whole.Length > 0)
                {
                    yield return (first, whole);
                }
            }
        }

        if (joined.ToString().Trim(s_blanks) is { Length: > 0 } last)
        {
            yield return (first, last);
        }
    }

    /// <summary>A backslash at the end that no other one escapes.</summary>
    private static bool GoesOn(string line) => (line.Length - line.TrimEnd('\\').Length) % 2 == 1;
}
