using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>/dev: a private tmpfs with exactly the nodes the Container Interface names.</summary>
internal static class DeviceSteps
{
    private const string Reason = "Container Interface: the devices a container may count on";
    private const uint TtyGroup = 5;

    private static uint Terminals(PlanInput input) => input.Users?.Terminals ?? TtyGroup;

    public static IEnumerable<Step> Of(PlanInput input)
    {
        yield return new Mount("tmpfs", "/dev", MountFlags.NoSuid | MountFlags.StrictAtime, "mode=0755,size=4m,nr_inodes=64k")
        {
            Reason = "Container Interface: /dev is the container's own, and no udev fills it",
        };
        foreach (Step step in Nodes(input).Concat(Links(input)))
        {
            yield return step;
        }

        yield return new Mount("tmpfs", "/dev/shm", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.StrictAtime, "mode=01777,size=10%,nr_inodes=400k")
        {
            Reason = "Container Interface: POSIX shared memory",
        };
        yield return new MakeDirectory("/dev/mqueue", 0x1ed) { Reason = "a place to mount the message queues on" };
        yield return new Mount("devpts", "/dev/pts", MountFlags.NoSuid | MountFlags.NoExec, $"newinstance,ptmxmode=0666,mode=0600,gid={Terminals(input)}")
        {
            Reason = "Container Interface: pseudo terminals of the container's own",
        };
        yield return new MakeSymlink("/dev/ptmx", "pts/ptmx") { Reason = "Container Interface: pseudo terminals of the container's own" };
        if (input.HasConsole)
        {
            yield return new OpenConsole("/dev/pts") { Reason = "Container Interface: /dev/console is a pseudo terminal of the container" };
            yield return new MakeSymlink("/dev/console", "pts/0") { Reason = "Container Interface: /dev/console is a pseudo terminal of the container" };
        }
    }

    private static IEnumerable<Step> Nodes(PlanInput input)
    {
        (string Name, uint Major, uint Minor)[] nodes =
            [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];
        foreach ((string name, uint major, uint minor) in nodes)
        {
            yield return Node(name, major, minor);
            yield return Number(name, major, minor);
        }

        if (input.Host.HasFuse)
        {
            yield return Node("fuse", 10, 229);
            yield return Number("fuse", 10, 229);
        }

        if (input.Host.HasTun)
        {
            yield return new MakeDirectory("/dev/net", 0x1ed) { Reason = Reason };
            yield return Node("net/tun", 10, 200);
            yield return Number("net/tun", 10, 200);
        }
    }

    private static MakeNode Node(string name, uint major, uint minor) =>
        new("/dev/" + name, FileType.CharacterDevice, 0x1b6 /* 0666 */, major, minor) { Reason = Reason };

    private static MakeSymlink Number(string name, uint major, uint minor) =>
        new($"/dev/char/{major}:{minor}", "../" + name) { Reason = Reason };

    private static IEnumerable<Step> Links(PlanInput input)
    {
        const string LinkReason = "Container Interface: the links udev does not make here";
        yield return new MakeSymlink("/dev/fd", "/proc/self/fd") { Reason = LinkReason };
        yield return new MakeSymlink("/dev/stdin", "/proc/self/fd/0") { Reason = LinkReason };
        yield return new MakeSymlink("/dev/stdout", "/proc/self/fd/1") { Reason = LinkReason };
        yield return new MakeSymlink("/dev/stderr", "/proc/self/fd/2") { Reason = LinkReason };
        if (input.Host.HasKcore)
        {
            yield return new MakeSymlink("/dev/core", "/proc/kcore") { Reason = LinkReason };
        }
    }
}
