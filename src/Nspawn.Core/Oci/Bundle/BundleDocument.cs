using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nspawn.Core;

// config.json of a runtime bundle, as the OCI runtime specification has it. What it has beside is collected, and named.

public sealed record BundleDocument
{
    public string? OciVersion { get; init; }
    public BundleProcess? Process { get; init; }
    public BundleRoot? Root { get; init; }
    public string? Hostname { get; init; }
    public BundleMount?[]? Mounts { get; init; }
    public BundleLinux? Linux { get; init; }
    public Dictionary<string, string>? Annotations { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Rest { get; set; } // the framework fills it last
}

public sealed record BundleProcess
{
    public bool Terminal { get; init; }
    public string? Cwd { get; init; }
    public string?[]? Env { get; init; }
    public string?[]? Args { get; init; }
    public BundleRlimit?[]? Rlimits { get; init; }
    public BundleCapabilities? Capabilities { get; init; }
    public bool NoNewPrivileges { get; init; }
    public int? OomScoreAdj { get; init; }
    public BundleUser? User { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Rest { get; set; } // the framework fills it last
}

public sealed record BundleUser
{
    public uint Uid { get; init; }
    public uint Gid { get; init; }
    public uint[]? AdditionalGids { get; init; }
}

public sealed record BundleRlimit
{
    public string? Type { get; init; }
    public decimal Soft { get; init; }
    public decimal Hard { get; init; }
}

public sealed record BundleCapabilities
{
    public string?[]? Bounding { get; init; }
    public string?[]? Ambient { get; init; }
}

public sealed record BundleRoot
{
    public string? Path { get; init; }
    public bool Readonly { get; init; }
}

public sealed record BundleMount
{
    public string? Destination { get; init; }
    public string? Source { get; init; }
    public string? Type { get; init; }
    public string?[]? Options { get; init; }
}

public sealed record BundleLinux
{
    public BundleNamespace?[]? Namespaces { get; init; }
    public BundleDevice?[]? Devices { get; init; }
    public string?[]? MaskedPaths { get; init; }
    public string?[]? ReadonlyPaths { get; init; }
    public BundleResources? Resources { get; init; }
    public BundleSeccomp? Seccomp { get; init; }
    public string? CgroupsPath { get; init; }
    public string? RootfsPropagation { get; init; }

    // Of no effect without a user name space.
    public JsonElement? UidMappings { get; init; }
    public JsonElement? GidMappings { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Rest { get; set; } // the framework fills it last
}

public sealed record BundleNamespace
{
    public string? Type { get; init; }
    public string? Path { get; init; }
}

public sealed record BundleDevice
{
    public string? Path { get; init; }
    public string? Type { get; init; }
    public uint Major { get; init; }
    public uint Minor { get; init; }
}

public sealed record BundleResources
{
    public BundleMemory? Memory { get; init; }
    public BundleCpu? Cpu { get; init; }
    public BundlePids? Pids { get; init; }
    public BundleBlockIo? BlockIO { get; init; }

    /// <summary>Allow and deny rules; a list that only denies is what a container has anyway.</summary>
    public BundleDeviceRule?[]? Devices { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Rest { get; set; } // the framework fills it last
}

public sealed record BundleMemory
{
    public long? Limit { get; init; }
    public long? Reservation { get; init; }
    public long? Swap { get; init; }
}

public sealed record BundleCpu
{
    public ulong? Shares { get; init; }
    public long? Quota { get; init; }
    public ulong? Period { get; init; }
    public string? Cpus { get; init; }
}

public sealed record BundlePids
{
    public long? Limit { get; init; }
}

public sealed record BundleBlockIo
{
    public ushort? Weight { get; init; }
}

public sealed record BundleDeviceRule
{
    public bool Allow { get; init; }
}

public sealed record BundleSeccomp
{
    public string? DefaultAction { get; init; }
    public BundleSyscalls?[]? Syscalls { get; init; }
}

public sealed record BundleSyscalls
{
    public string?[]? Names { get; init; }
    public string? Action { get; init; }
    public JsonElement?[]? Args { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, MaxDepth = 32)]
[JsonSerializable(typeof(BundleDocument))]
internal sealed partial class BundleJson : JsonSerializerContext;
