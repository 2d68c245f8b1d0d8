using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

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
            ReportJsonContext forms = ReportJsonContext.Readable;
            JsonNode document = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false })!;
            Complete(document, s_report, forms.BootReport);
            Each(document["units"], unit => Complete(unit, s_unit, forms.UnitReport));
            Each(document["checks"], check => Complete(check, s_check, forms.CheckResult));
            return document.Deserialize(forms.BootReport)!;
        }
        catch (JsonException failure)
        {
            throw new FormatException($"{failure.Path ?? "$"} has another form than {Schema} gives it", failure);
        }
    }

    private static readonly BootReport s_report = new()
    {
        Verdict = Verdict.Passed,
        Summary = "",
        Image = "",
        Machine = "",
        Started = default,
        Duration = default,
        Kernel = "",
        Nspawn = "",
    };

    private static readonly UnitReport s_unit = new() { Name = "", ActiveState = "" };
    private static readonly CheckResult s_check = new() { Command = "", Duration = default };

    /// <summary>
    /// Gives members that are missing, or null and may not be, what they have by default: the generated reader would make
    /// empty references of them.
    /// </summary>
    private static void Complete<T>(JsonNode? node, T plain, JsonTypeInfo<T> form)
    {
        if (node is JsonObject given && JsonSerializer.SerializeToNode(plain, form) is JsonObject whole)
        {
            foreach (string name in form.Properties.Where(member => !member.IsRequired).Select(member => member.Name))
            {
                given[name] ??= whole[name]?.DeepClone();
            }
        }
    }

    private static void Each(JsonNode? list, Action<JsonNode?> act)
    {
        foreach (JsonNode? one in list as JsonArray ?? [])
        {
            act(one);
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
