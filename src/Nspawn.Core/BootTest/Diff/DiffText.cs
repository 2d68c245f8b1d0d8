using System.Text;

namespace Nspawn.Core;

/// <summary>A comparison for people, on a terminal and in a pull request: what came, what went, what is another.</summary>
public static class DiffText
{
    public static string Of(BootDiff diff)
    {
        StringBuilder text = new();
        _ = text.Append("--- ").Append(Message.OneLine(diff.Before)).Append("\n+++ ").Append(Message.OneLine(diff.After)).Append('\n');
        foreach (DiffSection section in diff.Sections.Where(section => !section.IsEmpty))
        {
            _ = text.Append(section.Subject).Append(":\n");
            foreach (string line in Lines(section))
            {
                _ = text.Append("  ").Append(line).Append('\n');
            }
        }

        return text.Append(diff.IsEmpty ? "no differences\n" : "").ToString();
    }

    public static string Markdown(BootDiff diff)
    {
        StringBuilder text = new();
        _ = text.Append("### ").Append(MarkdownText.Escape(diff.Before)).Append(" \u2192 ").Append(MarkdownText.Escape(diff.After)).Append("\n\n");
        foreach (DiffSection section in diff.Sections.Where(section => !section.IsEmpty))
        {
            // What a reviewer has to see stands open; lists that are long by nature are folded.
            bool isLong = section.Added.Length + section.Removed.Length + section.Changed.Length > 10;
            string block = MarkdownText.Block(Lines(section));
            _ = isLong ? text.Append("<details><summary>").Append(section.Subject).Append("</summary>\n\n").Append(block).Append("\n</details>\n\n")
                : text.Append("**").Append(section.Subject).Append("**\n\n").Append(block).Append('\n');
        }

        return text.Append(diff.IsEmpty ? "No differences.\n" : "").ToString();
    }

    private static IEnumerable<string> Lines(DiffSection section) =>
    [
        .. section.Changed.Select(change => ReportText.Line($"{change.Name}: {change.After}, was {change.Before}")),
        .. section.Removed.Select(name => $"- {ReportText.Line(name)}"),
        .. section.Added.Select(name => $"+ {ReportText.Line(name)}"),
    ];
}
