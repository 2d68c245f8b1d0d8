using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>The container's file system, from the tree to the changed root, in the order of the mounts.</summary>
internal static class RootSteps
{
    private const string Interface = "Container Interface: ";

    public static IEnumerable<Step> Of(PlanInput input)
    {
        string reason = input.Settings switch
        {
            { Image: not null } => "--image=",
            { Directory: null, Machine: not null } => "--machine=",
            _ => "--directory=",
        };
        yield return input.Tree.IsDetached
            ? new AttachMounts(input.Tree.Path)
            {
                Reason = reason,
                Parts = input.Tree.Image?.Layout.Mounts,
                Map = input.Users?.TreeMapping,
                MapOrChown = input.MapOrChown,
            }
            : new AttachTree(input.Tree.Path) { Reason = reason, Map = input.Users?.TreeMapping, MapOrChown = input.MapOrChown };
        if (input.Users is { Root: not 0 and uint root })
        {
            yield return new ActAs(root) { Reason = "what the container finds belongs to its root" };
        }

        foreach (Step step in LayerSteps.InTree(input))
        {
            yield return step;
        }

        foreach (Step step in input.ReadOnly ? [.. ReadOnlyTree(input), .. LayerSteps.State(input)] : BaseDirectories(input))
        {
            yield return step;
        }

        IEnumerable<Step>[] parts =
        [
            ApiFileSystems(input), DeviceSteps.Of(input), NestingSteps.InTree(input), RunHostSteps.Of(input), CustomMountSteps.Of(input),
            EtcSteps.Of(input), JournalSteps.InTree(input), UserNamespaceSteps.Held(input), SwitchRootSteps(input),
        ];
        foreach (Step step in parts.SelectMany(part => part))
        {
            yield return step;
        }
    }

    // What of an image can only be read is mounted so; a part of it that may be written stays that.
    private static IEnumerable<Step> ReadOnlyTree(PlanInput input) => input.Tree.Image is not null ? [] :
    [
        new SetReadOnly("/") { Reason = input.Settings.Volatile != VolatileMode.No ? "--volatile=state" : input.Settings.ReadOnly ? "--read-only" : "a read-only image" },
    ];

    /// <summary>What every OS tree has; made where a fresh one lacks it.</summary>
    private static IEnumerable<Step> BaseDirectories(PlanInput input)
    {
        const string Reason = "an OS tree has it";
        TreeFacts tree = input.Tree;
        foreach ((string name, uint permissions) in
            ((string, uint)[])[("root", 0x1e8 /* 0750 */), ("var", 0x1ed), ("etc", 0x1ed)])
        {
            if (!tree.RootEntries.Contains(name))
            {
                yield return new MakeDirectory("/" + name, permissions) { Reason = Reason };
            }
        }

        foreach (string name in TreeReader.MountPoints)
        {
            if (!tree.RootEntries.Contains(name))
            {
                yield return new MakeDirectory("/" + name, 0x16d /* 0555 */) { Reason = "a place to mount on" };
            }
        }

        foreach (string name in (string[])["bin", "sbin", "lib"])
        {
            if (!tree.RootEntries.Contains(name))
            {
                yield return new MakeSymlink("/" + name, "usr/" + name) { Reason = Reason };
            }
        }

        if (!tree.RootEntries.Contains("lib64") && tree.LoaderDirectory is string loader)
        {
            yield return new MakeSymlink("/lib64", loader) { Reason = "the dynamic loader is looked for there" };
        }
    }

    private static IEnumerable<Step> ApiFileSystems(PlanInput input)
    {
        const MountFlags Tmpfs = MountFlags.NoSuid | MountFlags.NoDev | MountFlags.StrictAtime;
        yield return new Mount("tmpfs", "/tmp", Tmpfs, "mode=01777,size=10%,nr_inodes=400k") { Reason = Interface + "/tmp is the container's own" };
        if (input.Settings.LeavesNetwork)
        {
            foreach (Step step in SysSkeleton())
            {
                yield return step;
            }
        }
        else if (input.Host.OwnIds is not null)
        {
            yield return new BindHost("/sys", "/sys", SysFlags, Recursive: true) { Reason = Interface + "/sys read-only, so that no udev starts inside; the network's owner alone can mount another" };
            // The kernel mounts no file system twice in one place, and the host's cgroups are none of the container's business.
            yield return new Mount("tmpfs", "/sys/fs/cgroup", SysFlags, "mode=0755,size=4m,nr_inodes=1k") { Reason = "a place to mount cgroup2 on" };
        }
        else
        {
            yield return new Mount("sysfs", "/sys", SysFlags) { Reason = Interface + "/sys read-only, so that no udev starts inside" };
        }

        yield return new Mount("tmpfs", "/run", Tmpfs, "mode=0755,size=20%,nr_inodes=800k") { Reason = Interface + "/run is the container's own" };
    }

    internal const MountFlags SysFlags = MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec;

    /// <summary>The parts of sysfs a container with its own network sees; the rest of /sys stays empty.</summary>
    internal static ReadOnlySpan<string> SysParts => new[] { "block", "bus", "class", "dev", "devices", "kernel" };

    private static List<Step> SysSkeleton()
    {
        const string Reason = Interface + "with a network of its own, /sys shows its own /sys/class/net";
        List<Step> steps =
        [
            new Mount("tmpfs", "/sys", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec, "mode=0555,size=4m,nr_inodes=1k") { Reason = Reason },
            new MakeDirectory("/sys/full", 0x1ed) { Reason = "where the container's sysfs is first mounted" },
        ];
        foreach (string part in SysParts)
        {
            steps.Add(new MakeDirectory("/sys/" + part, 0x1ed) { Reason = Reason });
        }

        steps.Add(new MakeDirectory("/sys/fs/cgroup", 0x1ed) { Reason = "a place to mount cgroup2 on" });
        return steps;
    }

    private static IEnumerable<Step> SwitchRootSteps(PlanInput input)
    {
        yield return new SwitchRoot { Reason = "a private mount namespace; the host's mounts are out of reach" };
        if (input.Host.IsRootless)
        {
            yield break;
        }

        yield return new SetSlave("/run/host/incoming") { Reason = Interface + "what the host mounts there appears inside" };
    }
}
