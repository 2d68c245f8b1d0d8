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

    /// <summary>The container's root as the host has it: the group is delegated to it; cgroups(7).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint Owner { get; init; }
}

/// <summary>
/// The launcher moves to a group of its own in its unit, whose controllers are then the container's to use: no group
/// that hands controllers down may hold processes itself.
/// </summary>
/// <param name="Unit">The unit's group, delegated to the launcher.</param>
public sealed record MakeSupervisorGroup(string Unit) : Step;

/// <summary>Writes a limit into a file of the container's group.</summary>
public sealed record LimitCgroup(string File, string Value) : Step;

/// <summary>
/// A group of the same name in version 1's hierarchy name=systemd, which the launcher's thread enters while it clones
/// the container's first process.
/// </summary>
public sealed record MakeLegacyCgroup(string Name) : Step
{
    /// <summary>The container's root as the host has it: the group is delegated to it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint Owner { get; init; }
}

/// <summary>A directory of the host for this run, gone with the container; missing parents are made 0755 and stay.</summary>
public sealed record MakeHostDirectory(string Path, uint Permissions) : Step
{
    /// <summary>Kept by one launcher at a time: its name is the machine's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Locked { get; init; }

    /// <summary>Whose it is, as the host has it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint Owner { get; init; }
}

/// <summary>A directory on disk for what this run writes; gone, with all that is in it, with the last of its boots.</summary>
/// <param name="Path">The directory.</param>
/// <param name="Directories">What is made in it, parents first.</param>
public sealed record MakeScratch(string Path, ImmutableArray<string> Directories) : Step
{
    /// <summary>The user and group they belong to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint Owner { get; init; }
}

/// <summary>A snapshot of the tree's subvolume, which is the tree from then on; gone with the last boot of the run.</summary>
/// <param name="Path">What it is called meanwhile, beside the tree.</param>
public sealed record SnapshotTree(string Path) : Step;

/// <summary>A directory that an overlay needs beside its upper one; gone with the boot.</summary>
/// <param name="Path">The directory.</param>
/// <param name="HostTree">The tree it is in; null: it is the host's.</param>
public sealed record MakeWorkDirectory(
    string Path, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? HostTree) : Step;

/// <summary>A small file system on the host for this run, gone with the container.</summary>
public sealed record MountHostTmpfs(string Path, Linux.MountFlags Flags, string Options) : Step;

/// <summary>
/// Nobody else uses the tree, or everybody who does only reads it; the files and their locks are systemd-nspawn's.
/// </summary>
/// <param name="HostPath">The tree.</param>
/// <param name="LocalFile">Beside the tree, for all hosts that see it; null: the tree is where no file can be.</param>
/// <param name="GlobalFile">For all names by which this host knows the tree.</param>
/// <param name="Shared">With others that only read it.</param>
public sealed record LockTree(string HostPath, string? LocalFile, string GlobalFile, bool Shared) : Step;

/// <summary>No other container picks the ids; the file and its lock are systemd-nspawn's.</summary>
public sealed record LockUidRange(uint Base, string File) : Step
{
    /// <summary>
    /// The lock of the host's user database, under which its files are read once more: nobody who makes a user meanwhile gets
    /// the same ids; null: they were asked for by number. lckpwdf(3).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? UsersLock { get; init; }
}

/// <summary>systemd-nsresourced sets ids of the host apart, for as long as somebody holds the namespace that has them.</summary>
/// <param name="Name">What the range is listed by meanwhile: its users are called <c>ns-NAME-0</c> and so on.</param>
/// <param name="Given">It has given them already; null: what else is planned names a range that stands for it.</param>
public sealed record HoldManagedRange(
    string Name, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IdRange? Given) : Step;

/// <summary>
/// Every file of the tree is given to the ids of a range that its present ids' lower 16 bits say. Its root directory
/// belongs to a range of its own meanwhile: one that was interrupted goes on with the next launch.
/// </summary>
public sealed record ChownTree(string HostPath, uint Base) : Step;

/// <summary>As long as the launcher lives a lock on the directory says so.</summary>
public sealed record HoldHostDirectory(string Path) : Step;

/// <summary>A file for what there is to know of the machine while it runs; <see cref="MachineState"/>.</summary>
public sealed record RecordMachine(string HostPath) : Step;

/// <summary>The host's directory for the container's journal; it stays.</summary>
public sealed record MakeJournalDirectory(string Path, bool ReplacesLink) : Step;

/// <summary>A link on the host to the container's journal; it stays.</summary>
public sealed record LinkJournal(string Path, string Target, bool ReplacesDirectory) : Step;
