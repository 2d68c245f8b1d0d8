using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What a container needs on the host: its cgroup, and the two directories that reach into it.</summary>
internal static class HostSteps
{
    public static IEnumerable<Step> Of(PlanInput input) =>
        Claims(input).Concat(Groups(input)).Concat(Directories(input)).Concat(NetworkSteps.OnHost(input));

    /// <summary>The name of a group of this run's own, below the launcher's.</summary>
    public static string RunGroup(PlanInput input) => RunPaths.CgroupOf(input.Machine, input.Host.RunId);

    private static IEnumerable<Step> Claims(PlanInput input)
    {
        if (LockSteps.Of(input) is LockTree claim)
        {
            yield return claim;
        }

        foreach (Step step in UserNamespaceSteps.OnHost(input))
        {
            yield return step;
        }

        // Before all else that belongs to the run: what has no such directory, or one that nobody holds, is left over.
        bool registers = Citizenship.Registers(input);
        yield return new MakeHostDirectory(RunDirectory(input), 0x1ed /* 0755 */)
        {
            Reason = "what this run keeps on the host",
            Locked = registers,
        };
        if (!registers)
        {
            yield return new HoldHostDirectory(RunDirectory(input))
            {
                Reason = "so that --cleanup can tell a run that lives from one that was killed",
            };
        }

        foreach (Step step in LayerSteps.OnHost(input).Concat(CustomMountSteps.OnHost(input)))
        {
            yield return step;
        }

        yield return new RecordMachine($"{RunDirectory(input)}/{RunPaths.State}")
        {
            Reason = "what nspawn list, exec and the like know of the machine",
        };
    }

    private static IEnumerable<Step> Groups(PlanInput input)
    {
        const string Reason = "the container's processes in one group, killed together; a device policy in every mode";
        if (Citizenship.HasScope(input) || !input.Host.HasOwnGroup)
        {
            yield break; // in the scope's group, once there is one
        }

        if (Citizenship.DividesUnit(input))
        {
            yield return new MakeSupervisorGroup(input.Host.DelegatedGroup!)
            {
                Reason = "--keep-unit: the unit's controllers become the container's to use",
                Optional = true,
            };
            yield return new MakeCgroup("payload", [.. DevicePolicy.Of(input)]) { Reason = Reason, Parent = input.Host.DelegatedGroup, Owner = input.Root };
            yield break;
        }

        // Before the other, to be removed after it: by then its processes are gone.
        if (input.GetsCgroupV1)
        {
            yield return new MakeLegacyCgroup(RunGroup(input))
            {
                Reason = $"the tree's systemd {input.Tree.SystemdVersion} knows cgroup version 1 only: a group in name=systemd",
                Owner = input.Root,
            };
        }

        yield return new MakeCgroup(RunGroup(input), [.. Devices(input)]) { Reason = Reason, Owner = input.Root };
        foreach (Step limit in CgroupLimits.Steps(input))
        {
            yield return limit;
        }
    }

    /// <summary>The device policy. In a user namespace no device can be made, and no policy can be set: what can be opened is what was given.</summary>
    public static IEnumerable<DeviceRule> Devices(PlanInput input) => input.Host.OwnIds is not null ? [] : DevicePolicy.Of(input);

    private static IEnumerable<Step> Directories(PlanInput input)
    {
        if (input.Host.IsRootless)
        {
            yield break;
        }

        yield return new MakeHostDirectory(Incoming(input), 0x180 /* 0600 */)
        {
            Reason = "Container Interface: /run/host/incoming, where the host mounts things for the container",
            Owner = input.Root,
        };
        yield return new MakeHostDirectory(UnixExport(input), 0x1ed /* 0755 */)
        {
            Reason = "Container Interface: /run/host/unix-export, where the container puts sockets for the host",
        };
        yield return new MountHostTmpfs(
            UnixExport(input), MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec | MountFlags.NoSymfollow,
            "mode=0755,size=4m,nr_inodes=64" + (input.Root == 0 ? "" : $",uid={input.Root},gid={input.Root}"))
        {
            Reason = "so that the container cannot fill the host's /run",
        };
        foreach (Step step in JournalSteps.OnHost(input))
        {
            yield return step;
        }
    }

    public static string Incoming(PlanInput input) => $"{RunPaths.Propagate}/{RunName(input)}";

    public static string UnixExport(PlanInput input) => $"{RunDirectory(input)}/{RunPaths.UnixExport}";

    /// <summary>Where the container's network is held while an interface of the host is in it.</summary>
    public static string NetworkPin(PlanInput input) => $"{RunDirectory(input)}/{RunPaths.Network}";

    private static string RunDirectory(PlanInput input) => $"{RunPaths.Top}/{RunName(input)}";

    // machined and ssh(1) look by the name of a registered machine. Otherwise the run's own id is in the names: two
    // machines of one name do not meet, and none removes what is another's.
    private static string RunName(PlanInput input) =>
        Citizenship.Registers(input) ? input.Machine : $"{input.Machine}.{input.Host.RunId}";
}
