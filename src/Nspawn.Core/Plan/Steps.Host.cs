using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Nspawn.Core;

/// <summary>A group of the container's own on the cgroup2 hierarchy; gone with the container.</summary>
/// <param name="Name">The directory.</param>
/// <param name="Devices">The only devices that may be opened or made in it.</param>
public sealed record MakeCgroup(string Name, ImmutableArray<DeviceRule> Devices) : Step
{
    /// <summary>The group it is made in; null: the launcher's own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Parent { get; init; }
}

/// <summary>
/// The launcher moves to a group of its own in its unit, whose controllers are then the container's to use: no group
/// that hands controllers down may hold processes itself.
/// </summary>
/// <param name="Unit">The unit's group, delegated to the launcher.</param>
public sealed record MakeSupervisorGroup(string Unit) : Step;

/// <summary>Writes a limit into a file of the container's group.</summary>
public sealed record LimitCgroup(string File, string Value) : Step;

/// <summary>A directory of the host for this run, gone with the container; missing parents are made 0755 and stay.</summary>
public sealed record MakeHostDirectory(string Path, uint Permissions) : Step
{
    /// <summary>Kept by one launcher at a time: its name is the machine's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Locked { get; init; }
}

/// <summary>A small file system on the host for this run, gone with the container.</summary>
public sealed record MountHostTmpfs(string Path, Linux.MountFlags Flags, string Options) : Step;
