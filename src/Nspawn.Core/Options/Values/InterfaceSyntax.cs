namespace Nspawn.Core;

/// <summary>Names of network interfaces, as the kernel and systemd take them.</summary>
public static class InterfaceSyntax
{
    /// <summary>The kernel's own names, in bytes.</summary>
    public const int LongestName = 15;

    /// <summary>Other names of an interface, in bytes.</summary>
    public const int LongestAltName = 127;

    /// <summary>The kernel would take it, and nobody would take it for something else.</summary>
    public static bool IsValid(string name, int longest = LongestName) =>
        name.Length > 0 && name.Length <= longest
        && name.All(c => c is > ' ' and < (char)127 and not ('/' or ':' or '%'))
        && name is not ("." or ".." or "all" or "default")
        && !name.All(char.IsAsciiDigit);

    /// <summary><c>HOST[:CONTAINER]</c>, several of them with spaces between.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="exists">HOST exists already: it may be given by any of its names.</param>
    public static IEnumerable<InterfacePair> Pairs(string text, bool exists)
    {
        string[] words = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? throw Refusal("") : words.Select(word => Pair(word, exists));
    }

    /// <summary>The name of one interface.</summary>
    public static string Name(string text) => IsValid(text) ? text : throw Refusal(text);

    /// <summary>The name of a zone, which its bridge is called after.</summary>
    public static string Zone(string text) => IsValid(InterfaceNames.ZonePrefix + text)
        ? text
        : throw new UsageException(
            $"expected at most {LongestName - InterfaceNames.ZonePrefix.Length} characters, none of them a space, a slash, a colon or a percent sign");

    private static InterfacePair Pair(string word, bool exists)
    {
        string[] names = word.Split(':');
        if (names.Length > 2)
        {
            throw new UsageException($"expected HOST or HOST:CONTAINER, not {Message.Printable(word)}");
        }

        if (!IsValid(names[0], exists ? LongestAltName : LongestName))
        {
            throw Refusal(names[0]);
        }

        return new InterfacePair(names[0], names.Length == 2 ? Name(names[1]) : null);
    }

    private static UsageException Refusal(string name) => new(
        $"{(name.Length == 0 ? "nothing" : Message.Printable(name))} is no name of an interface: at most {LongestName} characters, none of them a space, a slash, a colon or a percent sign");
}
