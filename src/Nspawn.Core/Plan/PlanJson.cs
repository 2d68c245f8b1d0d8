using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nspawn.Core;

/// <summary>A plan as JSON: for tools, and for the tests that compare plans.</summary>
public static class PlanJson
{
    public static string Of(Plan plan) => JsonSerializer.Serialize(plan, PlanJsonContext.Readable.Plan);
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(Plan))]
internal sealed partial class PlanJsonContext : JsonSerializerContext
{
    public static PlanJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        // Paths and reasons are to be read by people: nothing here goes into a web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
