using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>A mount the user asked for; its destination is an absolute path in the tree.</summary>
public abstract record CustomMount(string Destination)
{
    /// <summary>The option that asked for it, as messages name it.</summary>
    public abstract string Option { get; }

    /// <summary>What it forbids beside being read-only; of the options only <c>--tmpfs=</c> asks for it, but an OCI bundle may.</summary>
    public MountFlags Flags { get; init; }

    /// <summary>The launch goes on without it where it cannot be made; an OCI bundle lists paths that may not be there.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The paths of the host that it shows.</summary>
    public virtual IEnumerable<string> HostSources => [];
}

/// <summary>Where something to be mounted is.</summary>
/// <param name="Path">An absolute path.</param>
/// <param name="InTree">Of the tree, not of the host; written with a leading <c>+</c>.</param>
public sealed record MountSource(string Path, bool InTree);

/// <summary><c>--bind=</c>, <c>--bind-ro=</c>.</summary>
/// <param name="Source">An absolute path of the host, or of the tree when <paramref name="SourceInTree"/>; null: a fresh directory.</param>
/// <param name="Destination">Where it appears.</param>
/// <param name="SourceInTree">The source was written with a leading <c>+</c>.</param>
/// <param name="ReadOnly">Not writable in the container.</param>
/// <param name="Recursive">With the mounts below the source (<c>rbind</c>, the default) or without (<c>norbind</c>).</param>
public sealed record BindCustomMount(string? Source, string Destination, bool SourceInTree, bool ReadOnly, bool Recursive)
    : CustomMount(Destination)
{
    /// <summary>Whose its files are in a container with users of its own.</summary>
    public BindOwners Owners { get; init; }

    public override string Option => ReadOnly ? "--bind-ro=" : "--bind=";

    public override IEnumerable<string> HostSources => Source is null || SourceInTree ? [] : [Source];
}

/// <summary>How the owners of a bound directory's files appear in a user namespace.</summary>
public enum BindOwners
{
    /// <summary><c>noidmap</c>: as they are; nobody, for most are not in the container's range.</summary>
    Same,

    /// <summary><c>idmap</c>: each as the container's user of the same number.</summary>
    SameNumber,

    /// <summary><c>rootidmap</c>: the source's owner is the container's root, the others are nobody.</summary>
    Root,

    /// <summary><c>owneridmap</c>: the source's owner is the destination's, the others are nobody.</summary>
    Owner,
}

/// <summary><c>--overlay=</c>, <c>--overlay-ro=</c>: directories seen through each other.</summary>
/// <param name="Lowers">The lowest first.</param>
/// <param name="Upper">The uppermost, which takes what is written unless <paramref name="ReadOnly"/>; null: a fresh directory.</param>
/// <param name="Destination">Where they appear; the root too.</param>
/// <param name="ReadOnly">Not writable in the container.</param>
public sealed record OverlayCustomMount(ImmutableArray<MountSource> Lowers, MountSource? Upper, string Destination, bool ReadOnly)
    : CustomMount(Destination)
{
    public override string Option => ReadOnly ? "--overlay-ro=" : "--overlay=";

    public override IEnumerable<string> HostSources =>
        Lowers.Append(Upper).OfType<MountSource>().Where(source => !source.InTree).Select(source => source.Path);
}

/// <summary><c>--tmpfs=</c>; <paramref name="Options"/> are the file system's own, comma separated.</summary>
public sealed record TmpfsCustomMount(string Destination, string Options) : CustomMount(Destination)
{
    public override string Option => "--tmpfs=";
}

/// <summary><c>--inaccessible=</c>; the path is covered by a node of its own type that nobody may open.</summary>
public sealed record InaccessibleCustomMount(string Destination) : CustomMount(Destination)
{
    public override string Option => "--inaccessible=";
}
