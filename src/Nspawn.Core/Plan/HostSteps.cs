using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What a container needs on the host: its cgroup, and the two directories that reach into it.</summary>
internal static class HostSteps
{
    public static IEnumerable<Step> Of(PlanInput input)
    {
        if (input.Host.LocksTrees)
        {
            yield return Lock(input);
        }

        // Before all else that belongs to the run: what has no such directory, or one that nobody holds, is left over.
        yield return new MakeHostDirectory(RunDirectory(input), 0x1ed /* 0755 */)
        {
            Reason = "what this run keeps on the host",
        };
        yield return new HoldHostDirectory(RunDirectory(input))
        {
            Reason = "so that --cleanup can tell a run that lives from one that was killed",
        };
        // Before the other, to be removed after it: by then its processes are gone.
        if (input.GetsCgroupV1)
        {
            yield return new MakeLegacyCgroup(RunPaths.CgroupOf(input.Machine, input.Host.RunId))
            {
                Reason = $"the tree's systemd {input.Tree.SystemdVersion} knows cgroup version 1 only: a group in name=systemd",
            };
        }

        yield return new MakeCgroup(RunPaths.CgroupOf(input.Machine, input.Host.RunId), [.. Devices(input)])
        {
            Reason = "the container's processes in one group, killed together; a device policy in every mode",
        };
        yield return new MakeHostDirectory(Incoming(input), 0x180 /* 0600 */)
        {
            Reason = "Container Interface: /run/host/incoming, where the host mounts things for the container",
        };
        yield return new MakeHostDirectory(UnixExport(input), 0x1ed /* 0755 */)
        {
            Reason = "Container Interface: /run/host/unix-export, where the container puts sockets for the host",
        };
        yield return new MountHostTmpfs(
            UnixExport(input), MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec | MountFlags.NoSymfollow,
            "mode=0755,size=4m,nr_inodes=64")
        {
            Reason = "so that the container cannot fill the host's /run",
        };
        foreach (Step step in JournalSteps.OnHost(input))
        {
            yield return step;
        }
    }

    // The run's own id in the names: two machines of one name do not meet, and none removes what is another's.
    public static string Incoming(PlanInput input) =>
        $"{RunPaths.Propagate}/{RunPaths.NameOf(input.Machine, input.Host.RunId)}";

    public static string UnixExport(PlanInput input) => $"{RunDirectory(input)}/{RunPaths.UnixExport}";

    private static string RunDirectory(PlanInput input) =>
        $"{RunPaths.Top}/{RunPaths.NameOf(input.Machine, input.Host.RunId)}";

    private static LockTree Lock(PlanInput input)
    {
        string tree = input.Tree.Path;
        int slash = tree.LastIndexOf('/');
        // Of what is below /dev a file system of the kernel's or of memory is the only user: no file beside it.
        string? local = tree.StartsWith("/dev/", StringComparison.Ordinal) ? null : $"{tree[..slash]}/.#{tree[(slash + 1)..]}.lck";
        return new LockTree(tree, local, $"{RunPaths.Locks}/inode-{input.Tree.Root.Device}:{input.Tree.Root.Inode}", input.ReadOnly)
        {
            Reason = input.ReadOnly
                ? "nobody writes to the tree meanwhile, systemd-nspawn included"
                : "nobody else uses a tree that is written to, systemd-nspawn included",
        };
    }

    private static IEnumerable<DeviceRule> Devices(PlanInput input)
    {
        foreach (DeviceRule rule in DevicePolicy.Default)
        {
            yield return rule;
        }

        // A device the user binds into the container is one the container may use.
        foreach (CustomMount mount in input.Settings.Mounts)
        {
            if (mount is BindCustomMount { Source: string source, SourceInTree: false } bind
                && input.Host.BindSources.TryGetValue(source, out FileStatus status)
                && status.Type is FileType.CharacterDevice or FileType.BlockDevice)
            {
                yield return new DeviceRule(
                    status.Type == FileType.BlockDevice ? DeviceKind.Block : DeviceKind.Character,
                    status.Major, status.Minor,
                    bind.ReadOnly ? DeviceAccess.Read : DeviceAccess.Read | DeviceAccess.Write);
            }
        }
    }
}
