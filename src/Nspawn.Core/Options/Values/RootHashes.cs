namespace Nspawn.Core;

/// <summary>The hash that all of a file system is checked by, and where its signature is; <c>--root-hash=</c>, <c>--root-hash-sig=</c>.</summary>
public static class RootHashes
{
    private const int FewestDigits = 32, MostDigits = 256;
    private const string Base64 = "base64:";

    /// <summary>Null takes an earlier one back.</summary>
    public static string? Parse(string text) =>
        text.Length == 0 ? null
        : text.Length is < FewestDigits or > MostDigits || text.Length % 2 != 0 || !text.All(char.IsAsciiHexDigit)
            ? throw new UsageException("expected at least 32 hexadecimal digits (128 bits), an even number of them")
            : text.ToLowerInvariant();

    /// <summary>An absolute path, or <c>base64:</c> and the signature itself.</summary>
    public static string? ParseSignature(string text, OptionContext context)
    {
        if (!text.StartsWith(Base64, StringComparison.Ordinal))
        {
            return HostPath.Parse(text, context);
        }

        Span<byte> bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text[Base64.Length..], bytes, out int length) && length > 0
            ? text
            : throw new UsageException("expected a path, or base64: and the signature in base64");
    }

    /// <summary>The signature that such a text holds itself; null: it is a path.</summary>
    public static byte[]? Inline(string signature) =>
        signature.StartsWith(Base64, StringComparison.Ordinal) ? Convert.FromBase64String(signature[Base64.Length..]) : null;
}
