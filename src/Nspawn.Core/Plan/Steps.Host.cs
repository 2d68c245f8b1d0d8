using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>A group of the container's own on the cgroup2 hierarchy, below the launcher's; gone with the container.</summary>
/// <param name="Name">The directory below the launcher's own group.</param>
/// <param name="Devices">The only devices that may be opened or made in it.</param>
public sealed record MakeCgroup(string Name, ImmutableArray<DeviceRule> Devices) : Step;

/// <summary>
/// A group of the same name in version 1's hierarchy name=systemd, which the launcher's thread enters while it clones
/// the container's first process.
/// </summary>
public sealed record MakeLegacyCgroup(string Name) : Step;

/// <summary>A directory of the host for this run, gone with the container; missing parents are made 0755 and stay.</summary>
public sealed record MakeHostDirectory(string Path, uint Permissions) : Step;

/// <summary>A small file system on the host for this run, gone with the container.</summary>
public sealed record MountHostTmpfs(string Path, Linux.MountFlags Flags, string Options) : Step;
