using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What the launch has to know about the tree; read once, every path resolved inside it.</summary>
public sealed record TreeFacts
{
    /// <summary>Where the tree is on the host, links resolved.</summary>
    public required string Path { get; init; }

    /// <summary>The launcher opened it as mounts of its own: no path of the host leads into it.</summary>
    public bool IsDetached { get; init; }

    /// <summary>The disk image it is in; null: it is in none.</summary>
    public ImageFacts? Image { get; init; }

    /// <summary>What is written goes to a layer of this run's own, which lies on the tree already.</summary>
    public bool HasLayer { get; init; }

    /// <summary>All of it is one subvolume of a btrfs, which can be had as a snapshot; only known where somebody wants one.</summary>
    public bool IsSubvolume { get; init; }

    /// <summary>The tree's root directory itself: its inode tells it from every other.</summary>
    public FileStatus Root { get; init; }

    /// <summary>Whom it belongs to on disk.</summary>
    public TreeOwner Owner { get; init; }

    /// <summary>It was found as an image that nobody is meant to write.</summary>
    public bool IsReadOnlyImage { get; init; }
    /// <summary>It is made of the layers of an OCI image, which need not hold an operating system.</summary>
    public bool IsOci { get; init; }
    public bool HasUsr { get; init; }

    /// <summary>No program is outside /usr: /bin is a link, or is not there.</summary>
    public bool HasMergedUsr { get; init; } = true;
    public bool HasOsRelease { get; init; }

    /// <summary>Those of the known init programs that are there.</summary>
    public ImmutableArray<string> Inits { get; init; } = [];

    /// <summary>The file that the first of them is in the end, by its name: <c>systemd</c>, <c>busybox</c>, <c>init</c>.</summary>
    public string InitProgram { get; init; } = "";

    /// <summary>Names and numbers that users and groups of the tree have; only where the plan depends on them.</summary>
    public ImmutableHashSet<string> UserNames { get; init; } = [];
    public ImmutableHashSet<uint> UserIds { get; init; } = [];

    /// <summary>The version of the tree's systemd; null: it has none, or hides it.</summary>
    public int? SystemdVersion { get; init; }

    /// <summary>What /etc/machine-id holds; null: nothing yet, as in an image before its first boot.</summary>
    public Guid? MachineId { get; init; }

    /// <summary>/etc/machine-id holds something that is no id.</summary>
    public bool MachineIdIsMalformed { get; init; }

    /// <summary>The names in the tree's root directory, of those the launcher cares for.</summary>
    public ImmutableHashSet<string> RootEntries { get; init; } = [];

    /// <summary>Those of the API mount points whose place is taken by something that is no directory.</summary>
    public ImmutableArray<string> BlockedMountPoints { get; init; } = [];

    /// <summary>The dynamic loader's directory below /usr, for the link /lib64; null: none found.</summary>
    public string? LoaderDirectory { get; init; }

    /// <summary>The tree's architecture is the 32-bit one of the processor.</summary>
    public bool Is32Bit { get; init; }
    public TreeUser? User { get; init; }

    /// <summary>What stands at /etc/resolv.conf.</summary>
    public TreeFile ResolvConf { get; init; } = TreeFile.Missing;

    /// <summary>What stands at /etc/localtime.</summary>
    public TreeFile Localtime { get; init; } = TreeFile.Missing;

    /// <summary>Whose those destinations of binds are that are there, as far as it matters.</summary>
    public ImmutableDictionary<string, TreeOwner> BindTargets { get; init; } = ImmutableDictionary<string, TreeOwner>.Empty;

    /// <summary>Where its journal is kept; null: it is not booted, has no identity, or nobody wants to know.</summary>
    public JournalPlaces? Journal { get; init; }

    /// <summary>The zone that the host's /etc/localtime names is in the tree's zone data too.</summary>
    public bool HasHostZone { get; init; }
}

/// <summary>A user of the tree, by its /etc/passwd and /etc/group.</summary>
public sealed record TreeUser(
    string Name, uint Uid, uint Gid, string Home, string Shell, ImmutableArray<uint> Groups)
{
    public static readonly TreeUser Root = new("root", 0, 0, "/root", "", []);
}

public enum TreeFileKind { Missing, Regular, Symlink, Other }

/// <summary>A file of the tree that may have to be written.</summary>
/// <param name="Kind">What it is; links are not followed.</param>
/// <param name="Text">A regular file's content, a link's target.</param>
public sealed record TreeFile(TreeFileKind Kind, string Text)
{
    public static readonly TreeFile Missing = new(TreeFileKind.Missing, "");
}
