namespace Nspawn.Core;

/// <summary>What a user namespace of the container's own takes, beside what is said where it is different with one.</summary>
internal static class UserNamespaceSteps
{
    /// <summary>Locks of ranges, one file each.</summary>
    private const string Locks = "/run/systemd/nspawn-uid";

    private const string UsersLock = "/etc/.pwd.lock";

    public static void Check(PlanInput input)
    {
        if (input.Users is not UserNamespace users)
        {
            foreach (BindCustomMount bind in input.Settings.Mounts.OfType<BindCustomMount>().Where(bind => bind.Owners != BindOwners.Same))
            {
                throw new LaunchException(
                    $"--bind={bind.Source}: the options idmap, rootidmap and owneridmap need a user namespace; add -U or --private-users=");
            }

            return;
        }

        // sysfs is mounted by the container's root, which the kernel lets do so in a network of its own only.
        if (input.Settings.NetworkNamespace is string network)
        {
            throw new LaunchException(
                $"--network-namespace-path={network}: a network that was there before does not go with users of the container's own; use --private-users=no");
        }

        // Who owns the place is only known of what the tree has there.
        if (input.Settings is { PivotRoot: not null } or { Volatile: VolatileMode.Yes or VolatileMode.State }
            && input.Settings.Mounts.OfType<BindCustomMount>().FirstOrDefault(bind => bind.Owners == BindOwners.Owner) is BindCustomMount owned)
        {
            throw new LaunchException(
                $"{owned.Option}{owned.Source}: owneridmap does not go with --pivot-root=, --volatile=yes and --volatile=state, which change what is at {owned.Destination}; use rootidmap");
        }

        if (input.Tree.User is TreeUser user && !(users.Contains(user.Uid) && users.Contains(user.Gid) && user.Groups.All(users.Contains)))
        {
            throw new LaunchException(
                $"--uid={input.Settings.User}: user {user.Uid}, group {user.Gid} or one of its groups is beyond the {users.Range.Count} ids of the container; give it more with --private-users={users.Root}:COUNT");
        }
    }

    public static IEnumerable<Step> OnHost(PlanInput input)
    {
        if (input.Users is not UserNamespace users)
        {
            yield break;
        }

        if (input.Settings.PrivateUsers == PrivateUsersMode.Managed && !input.Host.IsRootless)
        {
            yield return new HoldManagedRange(ManagedUsers.NameOf(input.Host), ManagedUsers.RangeOf(input.Host))
            {
                Reason = "--private-users=managed: the user ids are systemd-nsresourced's to give",
            };
        }

        if (UserNamespaceChoice.CanBePicked(users.Range) && !input.Host.IsRootless)
        {
            yield return new LockUidRange(users.Root, $"{Locks}/{users.Root}")
            {
                Reason = $"the user ids {users.Range} are this container's, systemd-nspawn's containers included",
                Optional = !users.Picked,
                UsersLock = users.Picked ? UsersLock : null,
            };
        }

        foreach (IdRange range in users.Delegated)
        {
            yield return new LockUidRange(range.Base, $"{Locks}/{range.Base}") { Reason = $"--nesting: the user ids {range} are for containers in this one", UsersLock = UsersLock };
        }

        if (users.Ownership == OwnershipMode.Chown)
        {
            yield return new ChownTree(input.Tree.Path, users.Root) { Reason = Reason(input) };
        }
    }

    /// <summary>The file systems that the kernel has to see all of before it gives the leader its own.</summary>
    public static IEnumerable<Step> Pins(PlanInput input)
    {
        const string Reason = "the kernel gives a user namespace a new one only while it sees all of another";
        if (input.Host.OwnIds is not null)
        {
            // The launcher is in a user namespace itself: only copies can be had, from before the root was changed.
            yield return new AttachHeld(input.Host.WholeProc, "/proc") { Reason = Reason };
            if (input.Settings.PrivateNetwork)
            {
                yield return new AttachHeld(input.Host.WholeSys, "/sys/full") { Reason = Reason };
            }

            yield break;
        }

        yield return new Mount("proc", "/proc", LeaderSteps.Api) { Reason = Reason };
        if (input.Settings.PrivateNetwork)
        {
            yield return new Mount("sysfs", "/sys/full", RootSteps.SysFlags) { Reason = Reason };
        }
    }

    /// <summary>What of the host the pins are copies of.</summary>
    public static IEnumerable<Step> Held(PlanInput input)
    {
        foreach (Step step in input.Users is null ? [] : Pins(input))
        {
            if (step is AttachHeld pin)
            {
                yield return new HoldHostMount(pin.HostPath) { Reason = pin.Reason };
            }
        }
    }

    public static IEnumerable<Step> OnLeader(PlanInput input)
    {
        if (input.Users is not UserNamespace users)
        {
            yield break;
        }

        yield return new WriteIdMap(users.Mapping)
        {
            Reason = !input.Host.IsRootless ? $"--private-users: ids 0 to {users.Range.Count - 1} are {users.Range} on the host"
                : input.Settings.PrivateUsers == PrivateUsersMode.Managed ? "--private-users=managed: the launcher's ids are those that systemd-nsresourced gave"
                : "an ordinary user's container: its root is the user, the others are sub-ids of /etc/subuid",
        };
        // In its namespace it could not: these are for the root of the host.
        if (input.Settings.OomScoreAdjust is int score)
        {
            yield return new WriteProc("/proc/self/oom_score_adj", $"{score}") { Reason = "--oom-score-adjust=" };
        }

        foreach (Step step in RlimitSteps.Of(input))
        {
            yield return step;
        }
    }

    public static IEnumerable<string> Warnings(PlanInput input)
    {
        foreach (string malformed in input.Host.MalformedIds)
        {
            yield return malformed;
        }

        if (input.Host.IsRootless)
        {
            yield break;
        }

        if (input.Settings.PrivateUsers == PrivateUsersMode.PickWherePossible && input.Users is null)
        {
            yield return "-U has no effect: this kernel makes no user namespaces (sysctl user.max_user_namespaces)";
        }

        // Root's own ids are asked for by their number, to give a tree back to the host.
        if (input.Users is { Picked: false, Root: not 0 } users
            && input.Host.UsedIds.FirstOrDefault(one => one.Range.Overlaps(users.Range)) is { Name: not null } used)
        {
            yield return $"the container's user ids {users.Range} are those of {used.Name} on the host too ({used.File})";
        }
    }

    public static IEnumerable<string> Notices(PlanInput input)
    {
        if (input.Host is { IsRootless: true, BusFault: string fault })
        {
            yield return $"{fault}: no unit of the container's own";
        }

        if (input.Host is { IsRootless: true, HasOwnGroup: false } && !Citizenship.HasScope(input))
        {
            yield return input.Settings.PrivateUsers == PrivateUsersMode.Managed
                ? "no cgroup of the container's own: systemd-nsresourced lets none be made by the ids it gives"
                : "no cgroup of the container's own: you are in none that you may divide; start it by systemd-run --user --scope -p Delegate=yes";
        }

        if (input.Host.IsRootless && input.Users!.Range.Count == 1)
        {
            yield return "root is the only user inside: you have no sub-ids in /etc/subuid and /etc/subgid; nspawn doctor shows what gives you some";
        }
    }

    public static string Reason(PlanInput input) => input.Settings.Ownership is OwnershipMode asked
        ? $"--private-users-ownership={ModeNames.Ownership.NameOf(asked)}"
        : "the tree's files belong to the container's users";
}
