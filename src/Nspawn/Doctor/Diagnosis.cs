using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nspawn;

/// <summary>What something on the host means for machines.</summary>
internal enum DiagnosisKind
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Nothing is wrong with the host: it is about who asks, and what takes root.</summary>
    Note,

    /// <summary>Machines run, and lack something.</summary>
    Lack,

    /// <summary>Machines do not run, or do not get out.</summary>
    Fault,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Topic">What it is, in a word.</param>
/// <param name="Kind">What it means.</param>
/// <param name="Text">What was found.</param>
/// <param name="Command">What mends it; null: nothing needs to be mended.</param>
internal sealed record Diagnosis(string Topic, DiagnosisKind Kind, string Text, string? Command = null)
{
    public static Diagnosis Good(string topic, string text) => new(topic, DiagnosisKind.Good, text);

    /// <summary>For people: a line for each, and the command below it.</summary>
    public static string Lines(IEnumerable<Diagnosis> findings) => string.Concat(findings.Select(one =>
        $"{one.Kind.ToString().ToLowerInvariant(),-6}{one.Topic,-13}{one.Text}\n" + (one.Command is null ? "" : $"{"",19}{one.Command}\n")));

    public static string Json(IEnumerable<Diagnosis> findings) =>
        JsonSerializer.Serialize([.. findings], DiagnosisJson.Readable.DiagnosisArray) + "\n";
}

[JsonSerializable(typeof(Diagnosis[]))]
internal sealed partial class DiagnosisJson : JsonSerializerContext
{
    public static DiagnosisJson Readable { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter<DiagnosisKind>(JsonNamingPolicy.CamelCase) },
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
