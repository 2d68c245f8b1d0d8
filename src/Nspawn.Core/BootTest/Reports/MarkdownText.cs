using System.Text;

namespace Nspawn.Core;

/// <summary>Text in Markdown that stays text: no emphasis, no link, no tag, no column of a table.</summary>
internal static class MarkdownText
{
    // What has no meaning within a line.
    private const string Harmless = " .,-/:;=()%+";

    /// <summary>In one line; punctuation as references to characters, which no reader takes for its syntax.</summary>
    public static string Escape(string text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (char c in ReportText.Line(text))
        {
            _ = c >= 0x80 || char.IsAsciiLetterOrDigit(c) || Harmless.Contains(c) ? escaped.Append(c) : escaped.Append("&#").Append((int)c).Append(';');
        }

        return escaped.ToString();
    }

    public static string Code(string text) => $"<code>{Escape(text)}</code>";

    /// <summary>Lines as they are, in a block that only its own end tag ends.</summary>
    public static string Block(IEnumerable<string> lines) =>
        $"<pre>\n{string.Join('\n', lines.Select(line => XmlText.Escape(ReportText.Line(line))))}\n</pre>\n";
}
