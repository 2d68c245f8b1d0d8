using System.Text.Json.Serialization;

namespace Nspawn.Core;

// The documents of an image as the OCI image specification has them, with the names of docker's older ones; what no
// launch depends on is left out. Every reference may be missing: whoever wrote them is not to be trusted.

/// <summary>What names content: its hash, its size, what it is.</summary>
public sealed record OciDescriptor
{
    public string? MediaType { get; init; }
    public string? Digest { get; init; }
    public long Size { get; init; }
    public OciPlatform? Platform { get; init; }
    public Dictionary<string, string>? Annotations { get; init; }
}

/// <summary>What an image is for.</summary>
public sealed record OciPlatform
{
    public string? Architecture { get; init; }
    public string? Os { get; init; }
    public string? Variant { get; init; }
}

/// <summary>A list of manifests, or of more lists; index.json is one.</summary>
public sealed record OciIndex
{
    public int SchemaVersion { get; init; }
    public OciDescriptor?[]? Manifests { get; init; }
}

/// <summary>An image: its configuration and its layers, the lowest first.</summary>
public sealed record OciManifest
{
    public int SchemaVersion { get; init; }
    public OciDescriptor? Config { get; init; }
    public OciDescriptor?[]? Layers { get; init; }
}

/// <summary>The configuration of an image.</summary>
public sealed record OciConfig
{
    public string? Architecture { get; init; }
    public string? Os { get; init; }
    public OciExecution? Config { get; init; }

    [JsonPropertyName("rootfs")]
    public OciRootFs? RootFs { get; init; }
}

/// <summary>What of it says how a container is run.</summary>
public sealed record OciExecution
{
    [JsonPropertyName("User")]
    public string? User { get; init; }

    [JsonPropertyName("Env")]
    public string?[]? Env { get; init; }

    [JsonPropertyName("Entrypoint")]
    public string?[]? Entrypoint { get; init; }

    [JsonPropertyName("Cmd")]
    public string?[]? Cmd { get; init; }

    [JsonPropertyName("WorkingDir")]
    public string? WorkingDir { get; init; }

    [JsonPropertyName("StopSignal")]
    public string? StopSignal { get; init; }
}

public sealed record OciRootFs
{
    public string? Type { get; init; }

    /// <summary>The hashes of the layers before they were compressed.</summary>
    [JsonPropertyName("diff_ids")]
    public string?[]? DiffIds { get; init; }
}

/// <summary>An image in manifest.json of a docker archive.</summary>
public sealed record DockerImage
{
    [JsonPropertyName("Config")]
    public string? Config { get; init; }

    [JsonPropertyName("RepoTags")]
    public string?[]? RepoTags { get; init; }

    [JsonPropertyName("Layers")]
    public string?[]? Layers { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, MaxDepth = 16)]
[JsonSerializable(typeof(OciIndex))]
[JsonSerializable(typeof(OciManifest))]
[JsonSerializable(typeof(OciConfig))]
[JsonSerializable(typeof(DockerImage[]))]
internal sealed partial class OciJson : JsonSerializerContext;
