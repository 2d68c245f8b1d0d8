namespace Nspawn.Core;

/// <summary>A mount the user asked for; its destination is an absolute path in the tree.</summary>
public abstract record CustomMount(string Destination);

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

/// <summary><c>--tmpfs=</c>; <paramref name="Options"/> as in mount(8), comma separated.</summary>
public sealed record TmpfsCustomMount(string Destination, string Options) : CustomMount(Destination);

/// <summary><c>--inaccessible=</c>; the path is covered by a node of its own type that nobody may open.</summary>
public sealed record InaccessibleCustomMount(string Destination) : CustomMount(Destination);
