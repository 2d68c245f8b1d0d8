namespace Nspawn.Core;

/// <summary>Chooses the container's ids, as systemd-nspawn does: both find free what the other left free.</summary>
internal static class UserNamespaceChoice
{
    // systemd's CONTAINER_UID_BASE_MIN and _MAX
    private const uint Minimum = 0x00080000;
    private const uint Maximum = 0x6fff0000;
    private const int Tries = 100;

    /// <summary>How many containers with users of their own a container can have at once, which --nesting lets have some.</summary>
    private const int DelegatedRanges = 8;

    /// <summary>Null: the container has the host's users.</summary>
    /// <exception cref="LaunchException">It cannot be had; the message says what to do.</exception>
    public static UserNamespace? Of(Settings settings, HostFacts host, TreeFacts tree, string machine)
    {
        if (host.IsRootless)
        {
            return RootlessRules.UsersOf(host, tree, settings);
        }

        PrivateUsersMode mode = settings.PrivateUsers;
        if (!host.HasUserNamespaces && mode is not (PrivateUsersMode.No or PrivateUsersMode.PickWherePossible))
        {
            throw new LaunchException("--private-users: this kernel makes no user namespaces; look at sysctl user.max_user_namespaces, or leave the option out");
        }

        if (mode == PrivateUsersMode.No || !host.HasUserNamespaces)
        {
            return WithoutNamespace(settings, tree);
        }

        if (settings.Nesting && mode is PrivateUsersMode.Identity)
        {
            throw new LaunchException("--nesting shows the container all of /proc, and with --private-users=identity what is root's there is its root's: use -U");
        }

        if (mode == PrivateUsersMode.Managed)
        {
            ManagedUsers.Check(settings, host);
        }

        bool picks = mode is PrivateUsersMode.Pick or PrivateUsersMode.PickWherePossible or PrivateUsersMode.Managed;
        IdRange range = mode switch
        {
            PrivateUsersMode.Identity => new IdRange(0, IdRange.WholeCount),
            PrivateUsersMode.Range => settings.PrivateUsersRange,
            PrivateUsersMode.Yes => OwnersRange(tree),
            PrivateUsersMode.Managed => ManagedUsers.RangeOf(host) ?? Pick(host, default, machine, []), // which stands for the one to come
            _ => Pick(host, tree.Owner, machine, []),
        };
        OwnershipMode asked = settings.Ownership ?? (picks ? OwnershipMode.Auto : OwnershipMode.Off);
        OwnershipMode ownership = TreeOwnership.Resolve(asked, range, settings, host, tree);
        if (mode == PrivateUsersMode.Managed && ownership == OwnershipMode.Chown)
        {
            throw ManagedUsers.WouldChown(tree);
        }

        List<IdRange> delegated = [];
        while (settings.Nesting && picks && delegated.Count < DelegatedRanges)
        {
            // By the name, and not by chance: trees in the container belong to them from one run to the next.
            delegated.Add(Pick(host, default, $"{machine}/{delegated.Count}", [range, .. delegated]));
        }

        return new UserNamespace(range, ownership, picks) { Delegated = [.. delegated], Above = host.OwnIds };
    }

    /// <summary>A range that can be picked; its lock has the name of its first id.</summary>
    public static bool CanBePicked(IdRange range) => range.IsAligned && range.Base is >= Minimum and <= Maximum;

    /// <summary>Candidates in the order of trial: the tree's owner, the machine's name, chance.</summary>
    internal static IEnumerable<uint> Candidates(TreeOwner owner, string machine, Guid chance)
    {
        yield return owner.Base;
        yield return Folded(SipHash.Of(s_key, System.Text.Encoding.UTF8.GetBytes(machine)));
        for (int i = 2; i < Tries; i++)
        {
            yield return Folded(SipHash.Of(chance.ToByteArray(), BitConverter.GetBytes(i)));
        }
    }

    private static readonly byte[] s_key = Convert.FromHexString("e156e0f04af041af9641cf413394ff72");

    private static uint Folded(ulong hash) => ((uint)hash % (Maximum - Minimum) + Minimum) & 0xffff0000;

    /// <summary>Of the ranges that a launcher in a container was given, in an order of chance.</summary>
    private static IEnumerable<uint> CandidatesOf(IdMapping own, TreeOwner owner, string machine)
    {
        yield return owner.Base;
        List<uint> whole = [];
        foreach (IdExtent extent in own.Uids)
        {
            for (ulong first = (extent.Inside + 0xfffful) & ~0xfffful; first + IdRange.WholeCount <= (ulong)extent.Inside + extent.Count && whole.Count < Tries; first += IdRange.WholeCount)
            {
                whole.Add((uint)first);
            }
        }

        int start = whole.Count == 0 ? 0 : (int)(Folded(SipHash.Of(s_key, System.Text.Encoding.UTF8.GetBytes(machine))) % (uint)whole.Count);
        foreach (uint candidate in whole.Skip(start).Concat(whole.Take(start)))
        {
            yield return candidate;
        }
    }

    private static IdRange Pick(HostFacts host, TreeOwner owner, string machine, IdRange[] taken)
    {
        IEnumerable<uint> candidates = host.OwnIds is null
            ? Candidates(owner, machine, host.FreshId)
            : CandidatesOf(host.OwnIds, owner, machine);
        foreach (uint candidate in candidates)
        {
            IdRange range = new(candidate, IdRange.WholeCount);
            if (CanBePicked(range) && !host.LockedRanges.Contains(candidate) && !taken.Contains(range)
                && (host.OwnIds is null || IdMapping.Below(host.OwnIds.Uids, range) is [{ Count: IdRange.WholeCount }])
                && !host.UsedIds.Any(one => one.Range.Overlaps(range)))
            {
                return range;
            }
        }

        if (host.OwnIds is not null)
        {
            throw new LaunchException(
                "this container has no user ids left for containers in it: start it with -U --nesting, which gives it some, or leave out -U here");
        }

        throw new LaunchException(
            $"no free range of {IdRange.WholeCount} user ids found in {Tries} tries: they are the users' of /etc/passwd, /etc/group, /etc/subuid and /etc/subgid, or other containers'; name one with --private-users=BASE");
    }

    private static IdRange OwnersRange(TreeFacts tree) => tree.Owner switch
    {
        { IsBusy: true } => throw Interrupted(tree),
        { IsWhole: true } owner => new IdRange(owner.Base, IdRange.WholeCount),
        var owner => throw new LaunchException(
            $"--private-users=yes: {tree.Path} belongs to user {owner.Uid} and group {owner.Gid}, which is not the root of a range; use pick, or --private-users=BASE"),
    };

    private static UserNamespace? WithoutNamespace(Settings settings, TreeFacts tree)
    {
        if (tree.Owner.IsBusy)
        {
            throw Interrupted(tree);
        }

        if (settings is { PrivateUsers: PrivateUsersMode.No, Ownership: not (null or OwnershipMode.Off or OwnershipMode.Auto) })
        {
            throw new LaunchException("--private-users-ownership= needs users to give the tree to: add --private-users=pick, or 0 to give it back to the host's");
        }

        return null;
    }

    public static LaunchException Interrupted(TreeFacts tree) => new(
        $"{tree.Path} belongs to two ranges: a change of its owners was interrupted; finish it with -U, or take it back with --private-users=0 --private-users-ownership=chown");
}
