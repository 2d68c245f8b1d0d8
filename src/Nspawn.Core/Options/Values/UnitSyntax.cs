namespace Nspawn.Core;

/// <summary>What the launcher passes to the host's service manager for the container's scope.</summary>
public static class UnitSyntax
{
    private const string SliceSuffix = ".slice";
    private const int MaxLength = 255;

    /// <summary>The name of a slice, with <c>.slice</c> appended where it is missing; systemd.slice(5).</summary>
    public static string Slice(string text)
    {
        string name = text.EndsWith(SliceSuffix, StringComparison.Ordinal) ? text : text + SliceSuffix;
        string prefix = name[..^SliceSuffix.Length];

        // Dashes are the levels of the hierarchy; "-.slice" is its root.
        bool levels = prefix == "-" || !prefix.Split('-').Contains("");
        bool isOther = name != text && UnitNames.HasType(text);
        return levels && !isOther && name.Length <= MaxLength && prefix.All(IsUnitCharacter)
            ? name
            : throw new UsageException("expected the name of a slice unit, such as machine.slice");
    }

    /// <summary><c>NAME=VALUE</c>; whether there is such a property, the service manager says.</summary>
    public static string Property(string text)
    {
        int equals = text.IndexOf('=');
        if (equals <= 0 || !text[..equals].All(char.IsAsciiLetterOrDigit))
        {
            throw new UsageException("expected NAME=VALUE, such as MemoryMax=1G");
        }

        _ = UnitProperties.Parse(text); // a value of the wrong kind is refused here, where the option is still known
        return text;
    }

    private static bool IsUnitCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is ':' or '-' or '_' or '.' or '\\';
}
