using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Nspawn.Linux;

namespace Nspawn.Core;

// Carried out by the launcher itself, in a mount namespace of its own, through descriptors.

/// <summary>A private copy of the tree's mount, on top of the tree.</summary>
public sealed record AttachTree(string HostPath) : Step
{
    /// <summary>Whose the files appear to be; null: as on disk.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IdMapping? Map { get; init; }

    /// <summary>Where the file system cannot, another plan is made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MapOrChown { get; init; }
}

/// <summary>The tree's own mounts, which the launcher holds open and no path of the host leads to.</summary>
/// <param name="Source">What they were made from.</param>
public sealed record AttachMounts(string Source) : Step
{
    /// <summary>Those of a disk image, one for each part of it that is used.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<ImageMount>? Parts { get; init; }

    /// <summary>As of <see cref="AttachTree"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IdMapping? Map { get; init; }

    /// <summary>As of <see cref="AttachTree"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MapOrChown { get; init; }
}

/// <summary>
/// A layer on the tree that takes what is written: an overlay. What is mounted in the tree gets one of its own; what can
/// have none can only be read.
/// </summary>
/// <param name="HostPath">The directory it is kept in; null: in memory.</param>
/// <param name="Memory">The options of the tmpfs it is kept in otherwise.</param>
/// <param name="Options">The options of the overlay, comma separated.</param>
/// <param name="Kept">It outlives the boot, and goes with the run.</param>
public sealed record AddLayer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? HostPath, string Memory, string Options, bool Kept) : Step;

/// <summary>A directory of the tree is the root from here on.</summary>
/// <param name="New">The directory.</param>
/// <param name="Old">Where in it the tree appears then.</param>
public sealed record PivotTree(
    string New, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Old) : Step;

/// <summary>The root is empty memory from here on, but for the tree's /usr, read-only.</summary>
/// <param name="Options">The options of the tmpfs.</param>
public sealed record KeepUsrOnly(string Options) : Step;

/// <summary>Directories on top of each other, in one place; on the root they become the root.</summary>
/// <param name="Target">The place; made where it is missing.</param>
/// <param name="Lowers">What can only be read, the lowest first.</param>
/// <param name="Upper">What takes the changes; null: nothing can be changed.</param>
/// <param name="Work">What the kernel needs beside that.</param>
public sealed record MountOverlay(string Target, ImmutableArray<MountSource> Lowers, MountSource? Upper, MountSource? Work) : Step
{
    /// <summary>How directories of the host are shown, by their paths; those that are not among them, as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableDictionary<string, IdMapping>? Maps { get; init; }
}

/// <summary>What is made from here on, files as file systems, belongs to this user and group of the host.</summary>
public sealed record ActAs(uint Id) : Step;

/// <summary>Nothing of the tree can be written, whatever is mounted in it so far.</summary>
public sealed record SetReadOnly(string Path) : Step;

/// <summary>A directory with its missing parents; one that is there stays as it is.</summary>
public sealed record MakeDirectory(string Path, uint Permissions) : Step;

/// <summary>A link; whatever is there stays as it is.</summary>
public sealed record MakeSymlink(string Path, string Target) : Step;

/// <summary>A device, FIFO, socket or empty file; a device that may not be made is bound from the host instead.</summary>
public sealed record MakeNode(string Path, FileType Type, uint Permissions, uint Major = 0, uint Minor = 0) : Step;

/// <summary>A new file.</summary>
public sealed record WriteFile(string Path, string Content, uint Permissions) : Step;

/// <summary>A new file with an id made for this boot.</summary>
public sealed record WriteBootId(string Path) : Step;

/// <summary>A new file with a credential's value, which no plan ever shows.</summary>
public sealed record WriteCredential(string Path, string Name, uint Permissions) : Step;

/// <summary>A new file that only root may read, with the password's hash of a user of the host, which no plan ever shows.</summary>
public sealed record WriteUserPassword(string Path, string User) : Step;

/// <summary>A file of the tree in the place of whatever stood there.</summary>
public sealed record ReplaceFile(string Path, string Content, uint Permissions) : Step;

/// <summary>A link in the place of whatever stood there.</summary>
public sealed record ReplaceSymlink(string Path, string Target) : Step;

/// <summary>A copy of a file of the host in the place of whatever stood there.</summary>
public sealed record CopyHostFile(string HostPath, string Path, uint Permissions) : Step;

public sealed record RemoveFile(string Path) : Step;

/// <summary>A new file system.</summary>
/// <param name="Type">As in /proc/filesystems.</param>
/// <param name="Target">Where; made where it is missing.</param>
/// <param name="Flags">What the mount forbids.</param>
/// <param name="Options">The file system's own options, comma separated.</param>
public sealed record Mount(string Type, string Target, MountFlags Flags, string Options = "") : Step;

/// <summary>
/// Something of the host, appearing in the tree; the target is made where it is missing. With NoFollow a link at the
/// target is covered itself, not what it leads to.
/// </summary>
public sealed record BindHost(string HostPath, string Target, MountFlags Flags, bool Recursive = false, bool NoFollow = false) : Step
{
    /// <summary>Whose its files appear to be; null: as on the host.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IdMapping? Map { get; init; }
}

/// <summary>A copy of a mount of the host, with those below it, taken while the host is in sight, for <see cref="AttachHeld"/>.</summary>
public sealed record HoldHostMount(string HostPath) : Step;

/// <summary>Puts that copy into the tree.</summary>
public sealed record AttachHeld(string HostPath, string Target) : Step;

/// <summary>Something of the tree, appearing at another place of it as well.</summary>
public sealed record Bind(string Source, string Target, MountFlags Flags, bool Recursive = false) : Step;

/// <summary>Changes what an existing mount forbids.</summary>
public sealed record Remount(string Target, MountFlags Flags) : Step;

/// <summary>Puts a node of the same type that nobody may open on top of a path.</summary>
public sealed record Cover(string Path) : Step;

/// <summary>A socket on which the payload's PID 1 says how it is; sd_notify(3).</summary>
public sealed record ListenForNotify(string Path) : Step;

/// <summary>The container's first pseudo terminal, of its own devpts: its /dev/console.</summary>
public sealed record OpenConsole(string Devpts) : Step;

/// <summary>Keeps a reader and a writer on the FIFO, so that nobody inside ever waits for one.</summary>
public sealed record HoldFifo(string Path) : Step;

/// <summary>The tree becomes the root, and the host's mounts are let go.</summary>
public sealed record SwitchRoot : Step;

/// <summary>What the host mounts there appears inside; what the container mounts does not appear on the host.</summary>
public sealed record SetSlave(string Path) : Step;
