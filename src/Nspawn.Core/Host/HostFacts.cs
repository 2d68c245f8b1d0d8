using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Where this host's kernel keeps its cgroups; cgroups(7).</summary>
public enum CgroupLayout
{
    /// <summary>cgroup2 alone, at /sys/fs/cgroup.</summary>
    Unified,

    /// <summary>Version 1 hierarchies, and cgroup2 beside them at /sys/fs/cgroup/unified.</summary>
    Hybrid,

    /// <summary>Version 1 hierarchies only, or nothing mounted: cgroup2 has to be mounted for the launch.</summary>
    Legacy,
}

/// <summary>How machined can be spoken to.</summary>
public enum MachinedDoor
{
    /// <summary>It is not installed.</summary>
    None,

    /// <summary>By D-Bus only: before systemd 258.</summary>
    Bus,

    /// <summary>By a socket of its own; D-Bus is not needed.</summary>
    Varlink,
}

/// <summary>What the launch has to know about the host; read once, before anything is decided.</summary>
public sealed record HostFacts
{
    public required bool IsRoot { get; init; }

    /// <summary>
    /// Root of a user namespace only, whose mounts are not the host's: an ordinary user's launch. Nothing can be mounted or
    /// made on the host then but what the user could make.
    /// </summary>
    public bool IsRootless { get; init; }

    /// <summary>The ids of the launcher's own user namespace, where it has not all of them; null: all.</summary>
    public IdMapping? OwnIds { get; init; }

    /// <summary>A proc and a sysfs of which no part is covered: in a container that nests, the ones it has for that.</summary>
    public string WholeProc { get; init; } = "/proc";
    public string WholeSys { get; init; } = "/sys";

    /// <summary>The launcher's own cgroup2 group can be divided by it: always true of root.</summary>
    public bool HasOwnGroup { get; init; } = true;

    /// <summary>The capabilities the launcher can hand on.</summary>
    public required CapabilitySet Bounding { get; init; }

    /// <summary>The number of the last capability this kernel knows.</summary>
    public required int LastCapability { get; init; }
    public required CgroupLayout Cgroups { get; init; }

    /// <summary>The kernel still has version 1 hierarchies: what a guest with a systemd before 232 needs.</summary>
    public bool HasCgroupV1 { get; init; }

    /// <summary>The controllers the container's group can be given on the cgroup2 hierarchy.</summary>
    public ImmutableArray<string> Controllers { get; init; } = [];

    /// <summary>A system bus can be reached: machined and the service manager are a call away.</summary>
    public bool HasSystemBus { get; init; }

    /// <summary>The socket of an ordinary user's bus, by which the user's own service manager is reached; null: there is none.</summary>
    public string? UserBus { get; init; }

    /// <summary>Why a bus that is there cannot be used, or what the service manager did not do; null: nothing is wrong.</summary>
    public string? BusFault { get; init; }

    /// <summary>systemd is the host's service manager; sd_booted(3).</summary>
    public bool IsSystemd { get; init; }

    /// <summary>How machined can be spoken to.</summary>
    public MachinedDoor Machined { get; init; }

    /// <summary>The names of machines that are registered with machined and live; at least this one's, if it is among them.</summary>
    public ImmutableArray<string> RegisteredMachines { get; init; } = [];

    /// <summary>
    /// The cgroup2 group of the unit the launcher runs in, where it was delegated to it; null: it was not, or there is none.
    /// </summary>
    public string? DelegatedGroup { get; init; }

    /// <summary>The name of the launcher's unit, where it is to stay in it.</summary>
    public string? Unit { get; init; }

    /// <summary>The host's memory in bytes: what a percentage is a part of.</summary>
    public ulong Memory { get; init; }

    /// <summary>The host's os-release; null: it has none.</summary>
    public string? OsRelease { get; init; }

    /// <summary>The os-release fields the Container Interface hands on, as <c>container_host_id</c> and so on.</summary>
    public ImmutableArray<string> OsReleaseEnvironment { get; init; } = [];

    /// <summary>The launcher's own limits, in the kernel's order.</summary>
    public required ImmutableArray<Rlimit> Limits { get; init; }

    /// <summary>fs.nr_open: what NOFILE may be raised to.</summary>
    public required ulong NrOpen { get; init; }

    /// <summary>The limits of the host's PID 1 on processes and on queued signals, which the kernel sized by memory.</summary>
    public required Rlimit InitNproc { get; init; }
    public required Rlimit InitSigpending { get; init; }
    public bool HasTun { get; init; }
    public bool HasFuse { get; init; }
    public bool HasKcore { get; init; }

    /// <summary>Somebody logged in to start the launcher: the audit system knows a login uid.</summary>
    public bool LoginUidSet { get; init; }

    /// <summary>/etc/resolv.conf and its siblings that exist, with their content.</summary>
    public ImmutableDictionary<ResolvConfSource, string> ResolvConf { get; init; } =
        ImmutableDictionary<ResolvConfSource, string>.Empty;

    public NetworkFacts Network { get; init; } = new();

    /// <summary>The text of the link /etc/localtime; null: it is no link.</summary>
    public string? LocaltimeLink { get; init; }
    public bool LocaltimeExists { get; init; }
    public required string Hostname { get; init; }

    /// <summary>The host's own identity; null: it has none, or no part of the plan depends on it.</summary>
    public Guid? MachineId { get; init; }

    /// <summary>Trees are locked while they are used; $SYSTEMD_NSPAWN_LOCK switches it off.</summary>
    public bool LocksTrees { get; init; }

    /// <summary>Where a run keeps what is too large for memory: $TMPDIR, or /var/tmp.</summary>
    public string Temporary { get; init; } = "/var/tmp";

    /// <summary>What stands at each host path that is to be bound into the tree; a path that is not there is missing here.</summary>
    public ImmutableDictionary<string, FileStatus> BindSources { get; init; } =
        ImmutableDictionary<string, FileStatus>.Empty;

    /// <summary>The kernel makes user namespaces.</summary>
    public bool HasUserNamespaces { get; init; }

    /// <summary>Ids that users of the host have, where the plan depends on them.</summary>
    public ImmutableArray<UsedIds> UsedIds { get; init; } = [];

    /// <summary>Lines of the files about ids that make no sense.</summary>
    public ImmutableArray<string> MalformedIds { get; init; } = [];

    /// <summary>Those users of the host that the settings name and the host has.</summary>
    public ImmutableDictionary<string, HostUser> Users { get; init; } = ImmutableDictionary<string, HostUser>.Empty;

    /// <summary>Ranges that other containers were found to have, by their first id.</summary>
    public ImmutableHashSet<uint> LockedRanges { get; init; } = [];

    /// <summary>systemd-nsresourced can be asked for ids, where the plan depends on it.</summary>
    public bool HasNamespaceResource { get; init; }

    /// <summary>The range it gave to this run; null: it has not been asked yet.</summary>
    public IdRange? ManagedRange { get; init; }

    /// <summary>The tree's file system was found to be unable to show other owners than are on disk.</summary>
    public bool TreeRefusesMapping { get; init; }

    // The launcher's own standard input and output, and the variables it was started with
    public bool StdinIsTerminal { get; init; }
    public bool StdoutIsTerminal { get; init; }
    public string? Term { get; init; }
    public string? ColorTerm { get; init; }
    public string? NoColor { get; init; }

    /// <summary>Descriptors handed over by socket activation, from 3 on; sd_listen_fds(3).</summary>
    public int ListenFds { get; init; }

    /// <summary>$SYSTEMD_NSPAWN_CONTAINER_SERVICE: what the container is told its manager is.</summary>
    public string ContainerService { get; init; } = "systemd-nspawn";

    /// <summary>The identity of a machine that has none of its own.</summary>
    public required Guid FreshId { get; init; }

    /// <summary>Tells this run from others of the same machine: names the cgroup and the run's directories.</summary>
    public required string RunId { get; init; }
}

/// <summary>A file of the host that resolv.conf can be made from.</summary>
public enum ResolvConfSource
{
    /// <summary>/etc/resolv.conf</summary>
    Host,

    /// <summary>/usr/lib/systemd/resolv.conf</summary>
    Static,

    /// <summary>/run/systemd/resolve/resolv.conf</summary>
    Uplink,

    /// <summary>/run/systemd/resolve/stub-resolv.conf</summary>
    Stub,
}
