using System.Collections.Immutable;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn.UnitTests;

/// <summary>A host and a tree for plans: facts as a Debian tree on a small systemd host gives them, the same every time.</summary>
internal static class PlanFacts
{
    public static readonly TreeUser Joe = new("joe", 1000, 1000, "/home/joe", "/bin/zsh", [27, 44]);

    public static readonly HostFacts Host = new()
    {
        IsRoot = true,
        Bounding = CapabilitySet.All,
        LastCapability = (int)Capability.CheckpointRestore,
        Cgroups = CgroupLayout.Unified,
        Controllers = ["cpu", "memory", "pids"],
        OsRelease = "ID=debian\nVERSION_ID=\"12\"\n",
        OsReleaseEnvironment = ["container_host_id=debian", "container_host_version_id=12"],
        Limits = [.. Enumerable.Repeat(new Rlimit(Rlimit.Infinity, Rlimit.Infinity), Limits.Count)],
        NrOpen = 1024 * 1024,
        InitNproc = new Rlimit(31000, 31000),
        InitSigpending = new Rlimit(31000, 31000),
        HasTun = true,
        HasFuse = true,
        HasKcore = true,
        ResolvConf = ImmutableDictionary<ResolvConfSource, string>.Empty
            .Add(ResolvConfSource.Host, "nameserver 192.0.2.1\n"),
        LocaltimeLink = "/usr/share/zoneinfo/Europe/Berlin",
        LocaltimeExists = true,
        Hostname = "hostname",
        BindSources = ImmutableDictionary<string, FileStatus>.Empty
            .Add("/srv/data", Status(FileType.Directory))
            .Add("/srv/conf", Status(FileType.Regular))
            .Add("/dev/kvm", Status(FileType.CharacterDevice, 10, 232)),
        MachineId = new Guid("99999999-8888-7777-6666-555555555555"),
        LocksTrees = true,
        HasUserNamespaces = true,
        FreshId = new Guid("11111111-2222-3333-4444-555555555555"),
        RunId = "0123abcd",
    };

    /// <summary>The same host with systemd, its bus and machined.</summary>
    public static readonly HostFacts HostOfSystemd = Host with
    {
        HasSystemBus = true,
        IsSystemd = true,
        Machined = MachinedDoor.Varlink,
        DelegatedGroup = "/system.slice/web.service",
        Memory = 8UL << 30,
    };

    /// <summary>The same host, the launcher started on a terminal.</summary>
    public static readonly HostFacts HostWithTerminal = Host with
    {
        StdinIsTerminal = true,
        StdoutIsTerminal = true,
        Term = "xterm-256color",
        ColorTerm = "truecolor",
    };

    /// <summary>The same host as an ordinary user finds it, who has sub-ids and a cgroup to divide.</summary>
    public static readonly HostFacts RootlessHost = Host with
    {
        IsRootless = true,
        OwnIds = IdMapping.Of(new IdExtent(0, 1000, 1), new IdExtent(1, 100000, 65536)),
    };

    public static readonly TreeFacts Tree = new()
    {
        Path = "/srv/debian",
        Root = Status(FileType.Directory) with { Device = 2049, Inode = 4711 },
        HasUsr = true,
        HasOsRelease = true,
        Inits = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"],
        SystemdVersion = 252,
        MachineId = new Guid("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"),
        RootEntries = ["proc", "sys", "dev", "run", "tmp", "root", "usr", "var", "etc", "bin", "lib", "sbin", "lib64"],
        LoaderDirectory = "usr/lib64",
        User = TreeUser.Root with { Shell = "/bin/bash" },
        HasHostZone = true,
    };

    /// <summary>The same tree in a disk image: a root, a /home, and a /usr that is only read.</summary>
    public static readonly TreeFacts TreeInImage = Tree with
    {
        Path = "/srv/debian.raw",
        IsDetached = true,
        Image = new ImageFacts(Status(FileType.Regular) with { Device = 2049, Inode = 815 }, new ImageLayout(512,
        [
            ImageMount.Of(PartitionRole.Root, 2, 1 << 20, 64 << 20, new Superblock("ext4") { Driver = "ext4" }, false, "partition 2 \"debian_1\" has the type of root"),
            ImageMount.Of(PartitionRole.Usr, 3, 65 << 20, 64 << 20, new Superblock("erofs") { Driver = "erofs", IsReadOnly = true }, false, "partition 3 has the type of usr"),
            ImageMount.Of(PartitionRole.Home, 4, 129 << 20, 64 << 20, new Superblock("xfs") { Driver = "xfs" }, false, "partition 4 has the type of home"),
        ],
        ["a notice"])),
    };

    /// <summary>A tree that has /usr and nothing else.</summary>
    public static readonly TreeFacts FreshTree = Tree with { RootEntries = ["usr"], MachineId = null, HasHostZone = false, User = TreeUser.Root };

    /// <summary>The plan of a command line, its words split at spaces.</summary>
    public static Plan PlanOf(string line, HostFacts? host = null, TreeFacts? tree = null) =>
        Planner.Create(Commands.LaunchLine(line), host ?? Host, tree ?? Tree);

    public static Execute ExecuteOf(Plan plan) => (Execute)plan.Leader[^1];

    private static FileStatus Status(FileType type, uint major = 0, uint minor = 0) => new(type, 0x1b6, 0, 0, major, minor, 1, 1);
}
