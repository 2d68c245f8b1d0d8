using System.Text;

namespace Nspawn.Core;

/// <summary>Words of the user, quoted in a message of one line.</summary>
public static class Message
{
    private const int LongestQuote = 200;

    /// <summary>The whole text in one line, whatever the names in it hold.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(Visible));

    /// <summary>The text without anything that would move the cursor or break the line, cut when it is very long.</summary>
    public static string Printable(string text)
    {
        StringBuilder printable = new(text.Length);
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, LongestQuote)))
        {
            _ = printable.Append(Visible(c));
        }

        return text.Length > LongestQuote ? printable.Append("...").ToString() : printable.ToString();
    }

    private static char Visible(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' ? '?' : c;
}
