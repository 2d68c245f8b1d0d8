using System.Collections.Immutable;
using System.Text;

namespace Nspawn.Core;

/// <summary>What was printed on a console, as lines without terminal sequences.</summary>
public static class ConsoleText
{
    private const char Escape = '\e';

    /// <summary>The last lines that say something.</summary>
    public static ImmutableArray<string> Tail(ReadOnlySpan<byte> printed, int lines)
    {
        string[] all = [.. Plain(Encoding.UTF8.GetString(printed)).Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
        return [.. all.TakeLast(lines)];
    }

    /// <summary>The text without sequences and control characters; what a carriage return goes back over is kept.</summary>
    public static string Plain(string text)
    {
        StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == Escape)
            {
                i = EndOfSequence(text, i);
            }
            else if (c == '\n' || c == '\t')
            {
                _ = plain.Append(c);
            }
            else if (c == '\r')
            {
                _ = i + 1 < text.Length && text[i + 1] != '\n' && plain.Length > 0 && plain[^1] != '\n' ? plain.Append('\n') : plain;
            }
            else if (!char.IsControl(c))
            {
                _ = plain.Append(c);
            }
        }

        return plain.ToString();
    }

    /// <summary>The last character of the sequence that begins there; ECMA-48.</summary>
    private static int EndOfSequence(string text, int at)
    {
        int next = at + 1;
        if (next >= text.Length)
        {
            return at;
        }

        switch (text[next])
        {
            case '[':
                next++;
                while (next < text.Length && text[next] is >= ' ' and <= '?')
                {
                    next++;
                }

                return Math.Min(next, text.Length - 1);
            case ']' or 'P' or 'X' or '^' or '_':
                // A string, up to BEL or ESC \.
                while (++next < text.Length && text[next] is not ('\a' or Escape or '\n'))
                {
                }

                return next >= text.Length ? text.Length - 1
                    : text[next] == Escape && next + 1 < text.Length && text[next + 1] == '\\' ? next + 1
                    : text[next] == '\a' ? next : next - 1;
            default:
                while (next < text.Length - 1 && text[next] is >= ' ' and <= '/')
                {
                    next++;
                }

                return next;
        }
    }
}
