using System.Text.Json;

namespace Nspawn.Core;

/// <summary>Whether a file is what its first member says, before it is read as that.</summary>
internal static class SchemaReading
{
    /// <exception cref="FormatException">It is not; in words that follow a file's name.</exception>
    public static void Expect(string text, params ReadOnlySpan<string> schemas)
    {
        string? found = Of(text);
        if (found is null || !schemas.Contains(found))
        {
            string expected = string.Join(" or ", schemas.ToArray());
            throw new FormatException(found is null ? $"it is no JSON with a \"schema\"; expected {expected}" : $"its schema is {Message.Printable(found)}; expected {expected}");
        }
    }

    /// <summary>The schema that it names; null: it names none, or is no JSON.</summary>
    public static string? Of(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("schema", out JsonElement schema)
                && schema.ValueKind == JsonValueKind.String ? schema.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
