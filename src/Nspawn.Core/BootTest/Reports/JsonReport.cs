using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Nspawn.Core;

/// <summary>
/// A report as JSON, and back. Its first member names the schema; times are seconds as numbers. What a reader of the same
/// schema does not know it leaves out, so members may be added; anything else needs a schema of a new number.
/// </summary>
public static class JsonReport
{
    public const string Schema = "nspawn.boot/1";

    public static string Of(BootReport report)
    {
        JsonObject document = (JsonObject)JsonSerializer.SerializeToNode(report, ReportJsonContext.Readable.BootReport)!;
        document.Insert(0, "schema", Schema);
        document.Insert(1, "exitStatus", (int)report.Verdict);
        return document.ToJsonString(ReportJsonContext.Readable.Options) + "\n";
    }

    /// <param name="text">What <see cref="Of"/> has written.</param>
    /// <exception cref="FormatException">It is no report, or one of another schema; the message says which.</exception>
    public static BootReport Read(string text)
    {
        SchemaReading.Expect(text, Schema);
        try
        {
            return JsonSerializer.Deserialize(text, ReportJsonContext.Readable.BootReport)!;
        }
        catch (JsonException failure)
        {
            throw new FormatException($"{failure.Path ?? "$"} has another form than {Schema} gives it", failure);
        }
    }
}

/// <summary>A time as a number of seconds, to the microsecond.</summary>
internal sealed class SecondsConverter : JsonConverter<TimeSpan>
{
    private const decimal LongestSeconds = 1e10m;

    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetDecimal(out decimal seconds) && Math.Abs(seconds) < LongestSeconds
            ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(decimal.Round((decimal)value.Ticks / TimeSpan.TicksPerSecond, 6) / 1.0000000m);
}

[JsonSerializable(typeof(BootReport))]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class ReportJsonContext : JsonSerializerContext
{
    public static ReportJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<Verdict>(JsonNamingPolicy.CamelCase), new SecondsConverter() },
    });
}
