namespace Nspawn.Core;

/// <summary>A user of the container, by name or number; who that is, the container's own user database says.</summary>
public static class UserNames
{
    private const int MaxLength = 256;

    /// <summary>The user; null when the text is empty, which takes an earlier one back.</summary>
    public static string? Parse(string text) =>
        text.Length == 0 ? null
        : text.Length <= MaxLength && text[0] != '-' && text.All(c => !char.IsControl(c) && !char.IsWhiteSpace(c) && c is not (':' or '/'))
            ? text
            : throw new UsageException("expected the name or the number of a user in the container");
}
