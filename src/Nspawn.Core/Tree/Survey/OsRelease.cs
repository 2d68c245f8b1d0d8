using System.Buffers;
using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>The text of an os-release file; os-release(5).</summary>
/// <param name="Fields">The assignments, without quotes; the last of a name counts.</param>
/// <param name="FirstBadLine">The number of the first line that is no assignment a shell would take; null: all are.</param>
public sealed record OsRelease(ImmutableDictionary<string, string> Fields, int? FirstBadLine)
{
    /// <summary>What a shell would not take for a part of a word.</summary>
    private static readonly SearchValues<char> s_meansMore = SearchValues.Create(" \t\"'`;&|<>()\0");

    public string? Id => Fields.GetValueOrDefault("ID");

    /// <summary>What to call the system; null: it does not say.</summary>
    public string? PrettyName => Fields.GetValueOrDefault("PRETTY_NAME") ?? Fields.GetValueOrDefault("NAME") ?? Id;

    public static OsRelease Parse(string text)
    {
        ImmutableDictionary<string, string>.Builder fields = ImmutableDictionary.CreateBuilder<string, string>();
        int? bad = null;
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            int equals = line.IndexOf('=');
            if (equals > 0 && EnvironmentAssignment.IsName(line[..equals]) && Unquote(line[(equals + 1)..]) is string value)
            {
                fields[line[..equals]] = value;
            }
            else
            {
                bad ??= number;
            }
        }

        return new OsRelease(fields.ToImmutable(), bad);
    }

    private static string? Unquote(string value)
    {
        if (value.Length == 0 || value[0] is not ('"' or '\''))
        {
            return value.AsSpan().ContainsAny(s_meansMore) ? null : value;
        }

        // A backslash keeps the quote behind it from ending a text in double quotes.
        char quote = value[0];
        System.Text.StringBuilder text = new();
        for (int i = 1; i < value.Length; i++)
        {
            if (value[i] == quote)
            {
                return i == value.Length - 1 ? text.ToString() : null;
            }

            i += quote == '"' && value[i] == '\\' && i + 1 < value.Length ? 1 : 0;
            _ = text.Append(value[i]);
        }

        return null;
    }
}
