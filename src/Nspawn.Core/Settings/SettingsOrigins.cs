using System.Collections.Immutable;
using System.Text;

namespace Nspawn.Core;

/// <summary>A line of a settings file.</summary>
/// <param name="File">Its path.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Key">What it assigns to, without the section.</param>
public sealed record SettingsPlace(string File, int Line, string Key);

/// <summary>
/// What came from a settings file and not from options, so that whoever reads a reason or an error finds the line it is
/// about.
/// </summary>
/// <param name="File">The file that was read, with what it may; null: none was.</param>
/// <param name="Places">Where it asked for what, by the name of the option that would have done so.</param>
public sealed record SettingsOrigins(string? File, ImmutableDictionary<string, SettingsPlace> Places)
{
    private const string Dashes = "--";

    public static readonly SettingsOrigins None = new(null, ImmutableDictionary<string, SettingsPlace>.Empty);

    /// <summary>The text with the keys and their places for the options that it names.</summary>
    public string Name(string text)
    {
        if (Places.IsEmpty)
        {
            return text;
        }

        StringBuilder named = new();
        int next = 0;
        for (int at = text.IndexOf(Dashes, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Dashes, next, StringComparison.Ordinal))
        {
            int start = at + Dashes.Length;
            int end = start;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '-'))
            {
                end++;
            }

            _ = named.Append(text.AsSpan(next, at - next));
            next = end;
            if (Places.TryGetValue(text[start..end], out SettingsPlace? place))
            {
                _ = named.Append($"{place.File}:{place.Line}: {place.Key}");
                _ = end < text.Length && text[end] == '=' ? named : named.Append('=');
            }
            else
            {
                _ = named.Append(text.AsSpan(at, end - at));
            }
        }

        return named.Append(text.AsSpan(next)).ToString();
    }
}
