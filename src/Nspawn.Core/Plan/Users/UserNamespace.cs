using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>The container's user namespace, decided: which ids of the host it is, and how the tree gets to be theirs.</summary>
/// <param name="Range">Its ids, from 0 on.</param>
/// <param name="Ownership">How the tree's files come to belong to it; never Auto.</param>
/// <param name="Picked">The range was looked for, and is the container's alone.</param>
public sealed record UserNamespace(IdRange Range, OwnershipMode Ownership, bool Picked)
{
    /// <summary>A chown of the tree was not finished: its root belongs to these meanwhile; systemd's UID_BUSY_BASE.</summary>
    public const uint BusyBase = 0xfffe0000;

    /// <summary>The group of terminals in every distribution's base files.</summary>
    private const uint TtyGroup = 5;

    /// <summary>The container's root, as the host has it.</summary>
    public uint Root => Range.Base;

    /// <summary>The ids of the launcher's own user namespace, where it has not all of them; null: all.</summary>
    public IdMapping? Above { get; init; }

    /// <summary>Ranges for containers in this one: the same ids inside as outside.</summary>
    public ImmutableArray<IdRange> Delegated { get; init; } = [];

    public IdMapping Mapping => Above is null
        ? IdMapping.Of([new IdExtent(0, Range.Base, Range.Count), .. Same])
        : new IdMapping(IdMapping.Below(Above.Uids, Range), IdMapping.Below(Above.Gids, Range));

    /// <summary>How the mount of the tree has to be shown; null: as it is.</summary>
    public IdMapping? TreeMapping => Ownership switch
    {
        // Mapped to itself, it is what it was.
        OwnershipMode.Map when Range.Base != 0 => Mapping,
        OwnershipMode.Foreign => IdMapping.Of([new IdExtent(PrivateUsersSyntax.ForeignBase, Range.Base, Range.Count), .. Same]),
        _ => null,
    };

    /// <summary>The terminals' group as the host has it; where the range is too short for it, root's.</summary>
    public uint Terminals => TtyGroup < Range.Count ? Range.Base + TtyGroup : Range.Base;

    private IEnumerable<IdExtent> Same => Delegated.Select(range => new IdExtent(range.Base, range.Base, range.Count));

    public bool Contains(uint id) => id < Range.Count;
}
