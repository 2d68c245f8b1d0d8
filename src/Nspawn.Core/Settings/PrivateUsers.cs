namespace Nspawn.Core;

/// <summary><c>--private-users=</c>; whose ids on the host the container's users have. user_namespaces(7)</summary>
public enum PrivateUsersMode
{
    /// <summary>No user namespace: root inside is root on the host.</summary>
    No,

    /// <summary>The 65536 ids from the one that owns the tree.</summary>
    Yes,

    /// <summary>A range that nobody else uses.</summary>
    Pick,

    /// <summary><c>-U</c>: as Pick where the kernel has user namespaces, otherwise as No.</summary>
    PickWherePossible,

    /// <summary>The ids are the host's, the capabilities are not.</summary>
    Identity,

    /// <summary>The range that was given.</summary>
    Range,

    /// <summary>A range that systemd-nsresourced gives for as long as the container runs.</summary>
    Managed,
}

/// <summary><c>--private-users-ownership=</c>; how the tree's files come to belong to the container's users.</summary>
public enum OwnershipMode
{
    /// <summary>They do already, or it does not matter.</summary>
    Off,

    /// <summary>Each file is given to its new owner, for good.</summary>
    Chown,

    /// <summary>The mount shows other owners than are on disk.</summary>
    Map,

    /// <summary>As Map, of a tree that is owned by the range for trees that are nobody's.</summary>
    Foreign,

    /// <summary>Map or Foreign where the file system can, otherwise Chown.</summary>
    Auto,
}

/// <summary>Ids that follow one another: of users and of groups alike.</summary>
public readonly record struct IdRange(uint Base, uint Count)
{
    /// <summary>What a whole OS tree needs: systemd gives ids up to the last of them.</summary>
    public const uint WholeCount = 65536;

    public ulong End => (ulong)Base + Count;

    /// <summary>Its ids and those of a tree that belongs to it differ in their upper 16 bits only.</summary>
    public bool IsAligned => Count == WholeCount && (Base & 0xffff) == 0;

    public bool Overlaps(IdRange other) => Base < other.End && other.Base < End;

    public override string ToString() => Count == 1 ? $"{Base}" : $"{Base}-{End - 1}";
}
