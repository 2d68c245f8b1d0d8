using System.Text;

namespace Nspawn.Core;

/// <summary>Fields separated by colons; a backslash takes the character behind it as it is.</summary>
public static class ColonFields
{
    /// <summary>The first fields, without their backslashes, and what is behind them, as it was written.</summary>
    /// <param name="text">The whole.</param>
    /// <param name="count">How many fields to separate at most.</param>
    /// <param name="rest">Behind the colon that ends the last of them; null when no colon is left.</param>
    public static List<string> Split(string text, int count, out string? rest)
    {
        List<string> fields = [];
        StringBuilder field = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
                _ = field.Append(i < text.Length ? text[i] : throw new UsageException("nothing stands behind the last backslash"));
            }
            else if (text[i] == ':')
            {
                fields.Add(field.ToString());
                _ = field.Clear();
                if (fields.Count == count)
                {
                    rest = text[(i + 1)..];
                    return fields;
                }
            }
            else
            {
                _ = field.Append(text[i]);
            }
        }

        fields.Add(field.ToString());
        rest = null;
        return fields;
    }
}
