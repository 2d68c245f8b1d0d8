using System.Collections.Immutable;
using System.Text;

namespace Nspawn.Core;

/// <summary>
/// Words separated by blanks, as settings files list them: quotes of either kind keep blanks in a word, and a backslash is
/// a character like any other.
/// </summary>
public static class QuotedWords
{
    public static ImmutableArray<string> Split(string text)
    {
        ImmutableArray<string>.Builder words = ImmutableArray.CreateBuilder<string>();
        StringBuilder word = new();
        bool inWord = false;
        char? quote = null;
        foreach (char c in text)
        {
            if (quote is null && c is ' ' or '\t' or '\n' or '\r')
            {
                if (inWord)
                {
                    words.Add(word.ToString());
                    _ = word.Clear();
                    inWord = false;
                }

                continue;
            }

            inWord = true;
            if (quote is null && c is '"' or '\'')
            {
                quote = c;
            }
            else if (c == quote)
            {
                quote = null;
            }
            else
            {
                _ = word.Append(c);
            }
        }

        if (quote is not null)
        {
            throw new UsageException($"the quote {quote} is not closed");
        }

        if (inWord)
        {
            words.Add(word.ToString());
        }

        return words.ToImmutable();
    }
}
