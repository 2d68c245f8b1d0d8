using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nspawn.Core;

/// <summary>How long an image took to boot, and each of its units to start, in one or more boots: what later ones are compared with.</summary>
public sealed record Baseline
{
    public const string CurrentSchema = "nspawn.baseline/1";

    public required string Schema { get; init; }
    public required string Image { get; init; }
    public string? Systemd { get; init; }
    public required string Kernel { get; init; }
    public required string Nspawn { get; init; }
    public required ImmutableArray<TimeSpan> BootTimes { get; init; }
    public required ImmutableArray<UnitTimes> Units { get; init; }

    /// <param name="runs">Reports of boots of the same image; one or more.</param>
    public static Baseline Of(IReadOnlyList<BootReport> runs) => new()
    {
        Schema = CurrentSchema,
        Image = runs[0].Image,
        Systemd = runs[0].Systemd,
        Kernel = runs[0].Kernel,
        Nspawn = runs[0].Nspawn,
        BootTimes = [.. runs.Select(BootCases.BootTime).OfType<TimeSpan>()],
        Units =
        [
            .. runs.SelectMany(run => run.Units).Select(unit => (unit.Name, Time: UnitTimes.Took(unit))).Where(one => one.Time is not null)
                .GroupBy(one => one.Name, one => one.Time!.Value).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => new UnitTimes(group.Key, [.. group])),
        ],
    };

    public string Json() => JsonSerializer.Serialize(this, BaselineJsonContext.Readable.Baseline) + "\n";

    /// <param name="text">What <see cref="Json"/> has written, or a report as JSON.</param>
    /// <exception cref="FormatException">It is neither; in words that follow the file's name.</exception>
    public static Baseline Read(string text)
    {
        SchemaReading.Expect(text, CurrentSchema, JsonReport.Schema);
        if (SchemaReading.Of(text) == JsonReport.Schema)
        {
            return Of([JsonReport.Read(text)]);
        }

        try
        {
            Baseline read = JsonSerializer.Deserialize(text, BaselineJsonContext.Readable.Baseline)!;
            bool hasForm = !read.BootTimes.IsDefault && !read.Units.IsDefault && read.Units.All(unit => unit is { Name: not null, Times.IsDefaultOrEmpty: false });
            return !hasForm ? throw new JsonException("", "$.units", null, null)
                : read.BootTimes.IsEmpty ? throw new FormatException("it has no boot times")
                : read;
        }
        catch (JsonException failure)
        {
            throw new FormatException($"{failure.Path ?? "$"} has another form than {CurrentSchema} gives it", failure);
        }
    }
}

/// <summary>How long one unit took to start, in each boot in which it did.</summary>
public sealed record UnitTimes(string Name, ImmutableArray<TimeSpan> Times)
{
    /// <summary>Null: it did not start, or takes no time.</summary>
    public static TimeSpan? Took(UnitReport unit) => unit.StartTime is TimeSpan time && time > TimeSpan.Zero ? time : null;
}

[JsonSerializable(typeof(Baseline))]
internal sealed partial class BaselineJsonContext : JsonSerializerContext
{
    public static BaselineJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new SecondsConverter() },
    });
}
