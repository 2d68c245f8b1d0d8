using System.Globalization;

namespace Nspawn.Core;

/// <summary>Amounts of bytes: a number, perhaps with a fraction, and one of B K M G T P E, powers of 1024; of 1000 for rates.</summary>
public static class ByteSizes
{
    private const string Suffixes = "BKMGTPE";

    public static ulong Parse(string text) => Parse(text, 1024);

    public static ulong Parse(string text, int factor)
    {
        string number = text.Trim();
        int power = number.Length > 0 ? Suffixes.IndexOf(number[^1]) : -1;
        if (power >= 0)
        {
            number = number[..^1].TrimEnd();
        }

        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal amount))
        {
            throw Refused();
        }

        decimal unit = 1;
        for (int i = 0; i < power; i++)
        {
            unit *= factor;
        }

        // The largest number is the kernel's "no limit" and has a word of its own.
        return amount < ulong.MaxValue / unit ? (ulong)(amount * unit) : throw Refused();
    }

    private static UsageException Refused() => new("expected an amount of bytes, such as 512K, 64M or 1.5G, or infinity");
}
