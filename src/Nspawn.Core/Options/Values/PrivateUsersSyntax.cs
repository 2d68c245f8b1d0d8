using System.Globalization;

namespace Nspawn.Core;

/// <summary>The argument of <c>--private-users=</c>.</summary>
public static class PrivateUsersSyntax
{
    /// <summary>One past the last id: -1 is no id.</summary>
    private const ulong End = uint.MaxValue;

    /// <summary>The range of trees that are nobody's; systemd's FOREIGN_UID_BASE.</summary>
    public const uint ForeignBase = 0x7ffe0000;

    private static readonly string[] s_words = ["no", "yes", "pick", "identity", "managed"];

    public static IEnumerable<string> Words => s_words;

    public static Settings Apply(Settings settings, string? text)
    {
        // Digits are a base, never a boolean.
        if (text is [>= '0' and <= '9', ..])
        {
            return settings with { PrivateUsers = PrivateUsersMode.Range, PrivateUsersRange = ParseRange(text) };
        }

        return settings with
        {
            PrivateUsers = text switch
            {
                null => PrivateUsersMode.Yes,
                "pick" => PrivateUsersMode.Pick,
                "identity" => PrivateUsersMode.Identity,
                "managed" => PrivateUsersMode.Managed,
                _ => Booleans.TryParse(text) switch
                {
                    true => PrivateUsersMode.Yes,
                    false => PrivateUsersMode.No,
                    null => throw new UsageException("expected no, yes, pick, identity, managed or BASE[:COUNT]"),
                },
            },
        };
    }

    private static IdRange ParseRange(string text)
    {
        int colon = text.IndexOf(':');
        uint first = ParseNumber(colon < 0 ? text : text[..colon]);
        uint count = colon < 0 ? IdRange.WholeCount : ParseNumber(text[(colon + 1)..]);
        IdRange range = new(first, count);
        return count == 0 ? throw new UsageException("a range of no ids leaves no root; give a COUNT of 1 or more")
            : range.End > End ? throw new UsageException($"the range ends beyond the last id, {End - 1}")
            : range;
    }

    private static uint ParseNumber(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number
            : throw new UsageException($"expected BASE[:COUNT], numbers below {End}");

    /// <summary>How many ranges are delegated.</summary>
    public static int Ranges(string text) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) && number <= 16
            ? number
            : throw new UsageException("expected a number from 0 to 16");
}
