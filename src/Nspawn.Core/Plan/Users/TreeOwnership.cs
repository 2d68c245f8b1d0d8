namespace Nspawn.Core;

/// <summary>Whom a tree belongs to on disk: the owner of its root directory.</summary>
public readonly record struct TreeOwner(uint Uid, uint Gid)
{
    public uint Base => Uid & 0xffff0000;

    /// <summary>Its root is the root of a range, and user and group agree which.</summary>
    public bool IsWhole => (Uid & 0xffff) == 0 && Uid == Gid;

    /// <summary>Somebody is changing the owners of the files in it, or was when it was interrupted.</summary>
    public bool IsBusy => Base == UserNamespace.BusyBase;
}

/// <summary>How the tree's files come to belong to a range; systemd-nspawn(1), <c>--private-users-ownership=</c>.</summary>
internal static class TreeOwnership
{
    public static OwnershipMode Resolve(OwnershipMode asked, IdRange range, Settings settings, HostFacts host, TreeFacts tree)
    {
        TreeOwner owner = tree.Owner;
        if (owner.IsBusy && asked is not (OwnershipMode.Chown or OwnershipMode.Auto))
        {
            throw UserNamespaceChoice.Interrupted(tree);
        }

        switch (asked)
        {
            case OwnershipMode.Auto when owner.Base == range.Base && range.IsAligned && owner.Base != 0:
                return OwnershipMode.Off; // its own already
            case OwnershipMode.Auto when owner.Base == PrivateUsersSyntax.ForeignBase && !host.TreeRefusesMapping:
                return OwnershipMode.Foreign;
            case OwnershipMode.Auto when owner.Base == 0 && !host.TreeRefusesMapping:
                return OwnershipMode.Map;
            case OwnershipMode.Auto or OwnershipMode.Chown:
                CheckChown(asked, range, settings, tree);
                return owner.Base == range.Base ? OwnershipMode.Off : OwnershipMode.Chown;
            case OwnershipMode.Map when owner.Base != 0:
                throw new LaunchException(
                    $"--private-users-ownership=map: {tree.Path} belongs to user {owner.Uid}, not to root: map shows the host's owners as the container's; use chown, auto or --private-users=yes");
            case OwnershipMode.Foreign when owner.Base != PrivateUsersSyntax.ForeignBase:
                throw new LaunchException(
                    $"--private-users-ownership=foreign: {tree.Path} belongs to user {owner.Uid}, not to the range for trees that are nobody's, from {PrivateUsersSyntax.ForeignBase} on; use auto");
            default:
                return asked;
        }
    }

    /// <summary>What keeps the tree as it is, and how to go without.</summary>
    private static string? WhySpared(Settings settings, TreeFacts tree) =>
        settings.ReadOnly ? "--read-only forbids: leave it out"
        : settings.Volatile != VolatileMode.No ? $"--volatile={ModeNames.Volatile.NameOf(settings.Volatile)} forbids: leave it out"
        : settings.Ephemeral != EphemeralMode.No ? "--ephemeral forbids: start once without it"
        : PlanInput.IsReadOnly(settings, tree) ? "is a read-only image: put it into one that can be written"
        : null;

    private static void CheckChown(OwnershipMode asked, IdRange range, Settings settings, TreeFacts tree)
    {
        string option = asked == OwnershipMode.Auto
            ? "the file system cannot show other owners than are on disk, and changing them"
            : "--private-users-ownership=chown";
        if (!range.IsAligned)
        {
            throw new LaunchException(
                $"{option} takes {IdRange.WholeCount} ids from a multiple of {IdRange.WholeCount} on, not {range.Count} from {range.Base}; use map, or another range");
        }

        if ((tree.Owner.Uid & 0xffff0000) != (tree.Owner.Gid & 0xffff0000))
        {
            throw new LaunchException(
                $"{option} is not possible: {tree.Path} belongs to user {tree.Owner.Uid} and group {tree.Owner.Gid}, of two different ranges");
        }

        if (tree.Owner.Base != range.Base && WhySpared(settings, tree) is string spared)
        {
            throw new LaunchException($"{option} writes to the tree, which {spared}, or use --private-users-ownership=off");
        }
    }
}
