using System.Text;

namespace Nspawn.Core;

/// <summary>The escapes of a C string, in UTF-8.</summary>
public static class CStrings
{
    public static byte[] Unescape(string text)
    {
        List<byte> bytes = new(text.Length);
        int start = 0;
        for (int i = text.IndexOf('\\'); i >= 0; i = text.IndexOf('\\', start))
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(text[start..i]));
            start = i + 2;
            switch (i + 1 < text.Length ? text[i + 1] : '\0')
            {
                case 'x':
                    bytes.Add((byte)Number(text, start, 2, 16, byte.MaxValue));
                    start += 2;
                    break;
                case >= '0' and <= '7':
                    bytes.Add((byte)Number(text, start - 1, 3, 8, byte.MaxValue));
                    start += 2;
                    break;
                case 'u':
                    AddCodePoint(bytes, Number(text, start, 4, 16, 0x10ffff));
                    start += 4;
                    break;
                case 'U':
                    AddCodePoint(bytes, Number(text, start, 8, 16, 0x10ffff));
                    start += 8;
                    break;
                case char letter:
                    bytes.Add(Single(letter));
                    break;
            }
        }

        bytes.AddRange(Encoding.UTF8.GetBytes(text[start..]));
        return [.. bytes];
    }

    private static byte Single(char letter) => letter switch
    {
        'a' => 7,
        'b' => 8,
        't' => 9,
        'n' => 10,
        'v' => 11,
        'f' => 12,
        'r' => 13,
        's' => (byte)' ',
        '\\' or '"' or '\'' => (byte)letter,
        _ => throw Refused(),
    };

    private static uint Number(string text, int start, int length, int radix, uint largest)
    {
        if (start + length > text.Length)
        {
            throw Refused();
        }

        ulong number = 0;
        foreach (char c in text.AsSpan(start, length))
        {
            int digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            number = digit < radix ? number * (ulong)radix + (ulong)digit : throw Refused();
        }

        return number <= largest ? (uint)number : throw Refused();
    }

    private static void AddCodePoint(List<byte> bytes, uint number)
    {
        Span<byte> utf8 = stackalloc byte[4];
        bytes.AddRange(Rune.TryCreate(number, out Rune rune) ? utf8[..rune.EncodeToUtf8(utf8)] : throw Refused());
    }

    private static UsageException Refused() => new(
        @"expected the escapes \a \b \f \n \r \s \t \v \\ \"" \' \xHH \OOO \uHHHH \UHHHHHHHH");
}
