using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nspawn.Core;

/// <summary>What a check has to say: the findings, and what the tree is.</summary>
public sealed record CheckReport
{
    /// <summary>What the members are called and mean: a member that goes, or means something else, makes it the next number.</summary>
    public const string CurrentSchema = "nspawn.check/1";

    public string Schema { get; init; } = CurrentSchema;

    public required string Tree { get; init; }

    /// <summary>What it calls itself; null: nothing.</summary>
    public string? OperatingSystem { get; init; }

    /// <summary>The program that its init is; null: it has none.</summary>
    public string? Init { get; init; }
    public int? SystemdVersion { get; init; }

    /// <summary>The cgroup hierarchies of this host.</summary>
    public CgroupLayout HostCgroups { get; init; }
    public long Files { get; init; }
    public long Bytes { get; init; }
    public int Errors => Count(Severity.Error);
    public int Warnings => Count(Severity.Warning);
    public int Notes => Count(Severity.Note);
    public ImmutableArray<Finding> Findings { get; init; } = [];

    public static CheckReport Of(TreeSurvey survey, HostFacts host) => new()
    {
        Tree = survey.Tree.Path,
        OperatingSystem = survey.OsRelease?.PrettyName,
        Init = survey.Tree.InitProgram.Length == 0 ? null : survey.Tree.InitProgram,
        SystemdVersion = survey.Tree.SystemdVersion,
        HostCgroups = host.Cgroups,
        Files = survey.Census.Files,
        Bytes = survey.Census.Bytes,
        Findings = TreeCheck.Of(survey, host),
    };

    public string Json() => JsonSerializer.Serialize(this, CheckJsonContext.Readable.CheckReport);

    private int Count(Severity severity) => Findings.Count(finding => finding.Severity == severity);
}

[JsonSerializable(typeof(CheckReport))]
internal sealed partial class CheckJsonContext : JsonSerializerContext
{
    public static CheckJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<Severity>(JsonNamingPolicy.CamelCase), new JsonStringEnumConverter<CgroupLayout>(JsonNamingPolicy.CamelCase) },
    });
}
