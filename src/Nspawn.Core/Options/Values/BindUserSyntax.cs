namespace Nspawn.Core;

/// <summary>The arguments of <c>--bind-user=</c>, <c>--bind-user-shell=</c> and <c>--bind-user-group=</c>.</summary>
internal static class BindUserSyntax
{
    private const int MaxLength = 31;

    // The name becomes that of files below /run/host.
    public static string Name(string text) =>
        text.Length is > 0 and <= MaxLength && (char.IsAsciiLetter(text[0]) || text[0] == '_') && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            ? text
            : throw new UsageException("expected the name of a user or group: letters, digits, _ and -");

    public static string? Shell(string text) =>
        text.StartsWith('/') ? ContainerPath.Parse(text)
        : Booleans.TryParse(text) switch
        {
            true => "",
            false => null,
            null => throw new UsageException("expected yes, no or the absolute path of a shell in the container"),
        };
}
