using System.Globalization;

namespace Nspawn.Core;

/// <summary>Spans of time as systemd.time(7) writes them: <c>90</c>, <c>1min 30s</c>, <c>500ms</c>.</summary>
public static class TimeSpans
{
    private const decimal Second = 1_000_000;

    /// <summary>Whole seconds, rounded up: a limit is never below what was asked for.</summary>
    public static ulong Seconds(string text)
    {
        ulong microseconds = Microseconds(text, defaultUnit: "s");
        return microseconds / (ulong)Second + (microseconds % (ulong)Second == 0 ? 0UL : 1UL);
    }

    /// <param name="text">Numbers with units.</param>
    /// <param name="defaultUnit">The unit of a number without one.</param>
    public static ulong Microseconds(string text, string defaultUnit)
    {
        decimal total = 0;
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        do
        {
            int digits = Length(rest, static c => char.IsAsciiDigit(c) || c == '.');
            if (!decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
            {
                throw Refused();
            }

            rest = rest[digits..].TrimStart();
            int letters = Length(rest, char.IsLetter);
            decimal unit = Unit(letters == 0 ? defaultUnit : rest[..letters].ToString());
            total += number < ulong.MaxValue / unit ? number * unit : throw Refused();
            rest = rest[letters..].TrimStart();
        }
        while (!rest.IsEmpty && total < ulong.MaxValue);

        return total < ulong.MaxValue ? (ulong)total : throw Refused();
    }

    private static int Length(ReadOnlySpan<char> text, Func<char, bool> belongs)
    {
        int length = 0;
        while (length < text.Length && belongs(text[length]))
        {
            length++;
        }

        return length;
    }

    private static decimal Unit(string name) => name switch
    {
        "us" or "usec" or "µs" or "μs" => 1,
        "ms" or "msec" => 1000,
        "s" or "sec" or "second" or "seconds" => Second,
        "m" or "min" or "minute" or "minutes" => 60 * Second,
        "h" or "hr" or "hour" or "hours" => 3600 * Second,
        "d" or "day" or "days" => 24 * 3600 * Second,
        "w" or "week" or "weeks" => 7 * 24 * 3600 * Second,
        _ => throw Refused(),
    };

    private static UsageException Refused() => new("expected a time, such as 90s, 1min 30s or 500ms, or infinity");
}
