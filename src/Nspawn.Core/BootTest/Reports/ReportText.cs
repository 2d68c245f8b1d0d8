using System.Globalization;
using System.Text;

namespace Nspawn.Core;

/// <summary>Words of the guest and of the user on their way into a report: nothing in them may act on who reads it.</summary>
internal static class ReportText
{
    /// <summary>In the place of what cannot be shown.</summary>
    public const char Replacement = '\ufffd';

    /// <summary>A journal's line may have megabytes; what a report cannot say in so many characters, nobody reads.</summary>
    public const int LongestLine = 4000;

    /// <summary>
    /// The text without control characters (but tab and line feed), halves of surrogate pairs and code points that XML 1.0
    /// forbids; each becomes U+FFFD. Line ends are line feeds.
    /// </summary>
    public static string Clean(string text)
    {
        StringBuilder clean = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\r')
            {
                _ = i + 1 < text.Length && text[i + 1] == '\n' ? clean : clean.Append('\n');
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                _ = clean.Append(c).Append(text[++i]);
            }
            else
            {
                _ = clean.Append(IsHarmless(c) ? c : Replacement);
            }
        }

        return clean.ToString();
    }

    /// <summary>The same in one line, and not longer than <see cref="LongestLine"/>.</summary>
    public static string Line(string text) => Cut(Clean(text).Replace('\n', ' ').Replace('\t', ' '), LongestLine);

    /// <summary>So many characters at most, an ellipsis among them; a pair of surrogates is never parted.</summary>
    public static string Cut(string text, int longest)
    {
        if (text.Length <= longest)
        {
            return text;
        }

        int kept = char.IsHighSurrogate(text[longest - 2]) ? longest - 2 : longest - 1;
        return string.Concat(text.AsSpan(0, kept), "\u2026");
    }

    /// <summary>A time for people: <c>85 ms</c>, <c>0.43 s</c>, <c>12.3 s</c>, <c>2 min 5 s</c>.</summary>
    public static string Time(TimeSpan time) => time switch
    {
        { TotalMilliseconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms"),
        { TotalMilliseconds: < 99.5 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 9.995 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s"),
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMinutes} min {time.Seconds} s"),
    };

    /// <summary>Seconds for programs, to the microsecond.</summary>
    public static string Seconds(TimeSpan time) => Math.Max(0, time.TotalSeconds).ToString("0.######", CultureInfo.InvariantCulture);

    public static string Bytes(long bytes) => bytes switch
    {
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0} KiB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.##} GiB"),
    };

    private static bool IsHarmless(char c) =>
        c is '\t' or '\n' || !(char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' or '\ufffe' or '\uffff');
}
