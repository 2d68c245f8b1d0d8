namespace Nspawn.Core;

/// <summary>
/// Names a machine can be registered by and a host can have: labels of letters, digits and dashes, joined by dots.
/// machined and the kernel refuse everything else, late and with less to say.
/// </summary>
public static class MachineNames
{
    /// <summary>HOST_NAME_MAX of Linux.</summary>
    public const int MaxLength = 64;

    /// <summary>The name; null when the text is empty, which takes an earlier name back.</summary>
    public static string? Parse(string text) =>
        text.Length == 0 ? null
        : IsValid(text) ? text
        : throw new UsageException(
            $"expected at most {MaxLength} letters, digits and dashes, in parts joined by dots that no dash begins or ends");

    public static bool IsValid(string text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return false;
        }

        foreach (string label in text.Split('.'))
        {
            if (label.Length == 0 || label[0] == '-' || label[^1] == '-' || !label.All(IsLabelCharacter))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLabelCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '-';
}
