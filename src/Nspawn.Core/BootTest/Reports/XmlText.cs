using System.Text;

namespace Nspawn.Core;

/// <summary>XML 1.0 as text: elements are written where they begin and end, and what is in them is escaped.</summary>
internal sealed class XmlText
{
    private readonly StringBuilder _text = new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    private readonly Stack<string> _open = new();

    /// <summary>What may stand between tags and in attributes of either quote; <c>]]&gt;</c> is none.</summary>
    public static string Escape(string text)
    {
        string clean = ReportText.Clean(text);
        StringBuilder escaped = new(clean.Length);
        foreach (char c in clean)
        {
            _ = c switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\'' => escaped.Append("&#39;"),
                _ => escaped.Append(c),
            };
        }

        return escaped.ToString();
    }

    public XmlText Begin(string element, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Tag(element, attributes).Append(">\n");
        _open.Push(element);
        return this;
    }

    public XmlText End()
    {
        string element = _open.Pop();
        _ = Indented().Append("</").Append(element).Append(">\n");
        return this;
    }

    /// <summary>An element with nothing in it.</summary>
    public XmlText Empty(string element, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Tag(element, attributes).Append("/>\n");
        return this;
    }

    /// <summary>An element with text in it, white space as it is.</summary>
    public XmlText Text(string element, string text, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Tag(element, attributes).Append('>').Append(Escape(text)).Append("</").Append(element).Append(">\n");
        return this;
    }

    public override string ToString() => _text.ToString();

    /// <summary>Attributes without a value are left out. Tabs and line feeds would be read as blanks were they not references.</summary>
    private StringBuilder Tag(string element, ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        _ = Indented().Append('<').Append(element);
        foreach ((string name, string? value) in attributes)
        {
            if (value is not null)
            {
                string escaped = Escape(value).Replace("\n", "&#10;", StringComparison.Ordinal).Replace("\t", "&#9;", StringComparison.Ordinal);
                _ = _text.Append(' ').Append(name).Append("=\"").Append(escaped).Append('"');
            }
        }

        return _text;
    }

    private StringBuilder Indented() => _text.Append(' ', 2 * _open.Count);
}
