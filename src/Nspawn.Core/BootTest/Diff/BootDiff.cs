using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Nspawn.Core;

/// <summary>In what the boots of two images differ.</summary>
public sealed partial record BootDiff
{
    public const string CurrentSchema = "nspawn.diff/1";

    public required string Schema { get; init; }
    public required string Before { get; init; }
    public required string After { get; init; }

    /// <summary>By subject, those without a difference too.</summary>
    public required ImmutableArray<DiffSection> Sections { get; init; }

    /// <summary>Times do not count: of one boot each they are told, but another two boots would have others.</summary>
    public bool IsEmpty => Sections.All(section => section.IsEmpty || section.Subject == Times);

    private const string Times = "times";

    public static BootDiff Of(BootReport before, BootReport after)
    {
        BaselineComparison times = BaselineComparison.Of(Baseline.Of([before]), Baseline.Of([after]), BaselineComparison.DefaultTolerance);
        TimeChange[] boot = times.Boot is TimeChange whole && (times.IsBootSlower || whole.Reversed.IsBeyond(BaselineComparison.DefaultTolerance, BaselineComparison.Floor)) ? [whole] : [];
        return new BootDiff
        {
            Schema = CurrentSchema,
            Before = before.Image,
            After = after.Image,
            Sections =
            [
                Values("system", Facts(before), Facts(after)),
                Names("failed units", before.FailedUnits.Select(unit => unit.Name), after.FailedUnits.Select(unit => unit.Name)),
                Values("units", States(before), States(after)),
                new DiffSection(Times, [], [], [.. boot.Concat(times.Slower).Concat(times.Faster).Select(one => new DiffChange(one.Name, ReportText.Time(one.Before), ReportText.Time(one.Now)))]),
                Names("listening sockets", before.Listening, after.Listening),
                Names("files written", before.Written.Select(WithoutIds), after.Written.Select(WithoutIds)),
            ],
        };
    }

    public string Json() => JsonSerializer.Serialize(this, DiffJsonContext.Readable.BootDiff) + "\n";

    private static Dictionary<string, string> Facts(BootReport report) => new()
    {
        ["os"] = report.OperatingSystem ?? "unnamed",
        ["systemd"] = report.Systemd ?? "none",
        ["verdict"] = JsonNamingPolicy.CamelCase.ConvertName(report.Verdict.ToString()),
        ["state"] = report.SystemState ?? "unknown",
        ["target"] = report.Target ?? "none",
    };

    /// <summary>What is but a name that another unit mentions is no unit of the image.</summary>
    private static Dictionary<string, string> States(BootReport report) => report.Units
        .Where(unit => unit.LoadState != "not-found").GroupBy(unit => unit.Name).ToDictionary(same => same.Key, same => same.First().ActiveState);

    private static DiffSection Names(string subject, IEnumerable<string> before, IEnumerable<string> after)
    {
        HashSet<string> old = [.. before], now = [.. after];
        return new DiffSection(subject, Sorted(now.Except(old)), Sorted(old.Except(now)), []);
    }

    private static DiffSection Values(string subject, Dictionary<string, string> before, Dictionary<string, string> after) => new(
        subject,
        Sorted(after.Keys.Except(before.Keys)),
        Sorted(before.Keys.Except(after.Keys)),
        [.. after.Where(one => before.TryGetValue(one.Key, out string? old) && old != one.Value).OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => new DiffChange(one.Key, before[one.Key], one.Value))]);

    private static ImmutableArray<string> Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];

    /// <summary>A machine's id is another in each boot, and so would be all paths with it.</summary>
    private static string WithoutIds(string path) => Id().Replace(path, "ID");

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex Id();
}

/// <summary>One subject of a comparison.</summary>
public sealed record DiffSection(string Subject, ImmutableArray<string> Added, ImmutableArray<string> Removed, ImmutableArray<DiffChange> Changed)
{
    [JsonIgnore]
    public bool IsEmpty => Added.IsEmpty && Removed.IsEmpty && Changed.IsEmpty;
}

public sealed record DiffChange(string Name, string Before, string After);

[JsonSerializable(typeof(BootDiff))]
internal sealed partial class DiffJsonContext : JsonSerializerContext
{
    public static DiffJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
