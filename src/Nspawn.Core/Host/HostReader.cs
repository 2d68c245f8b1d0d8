using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Reads the facts about the host; only those the settings make a difference to.</summary>
public static class HostReader
{
    private const int SmallFile = 64 * 1024;

    public static HostFacts Read(Settings settings, Func<string, string?> environment)
    {
        if (FileStatus.At("/proc/self/status") is null)
        {
            throw new LaunchException("/proc shows nothing of this process: mount it first (mount -t proc proc /proc)");
        }

        (CgroupLayout layout, ImmutableArray<string> controllers) = CgroupReader.Read();
        (ImmutableArray<UsedIds> usedIds, ImmutableArray<string> malformedIds) = IdReader.Read(settings);
        IdMapping? ownIds = IdReader.OwnIds;
        bool rootless = ownIds is not null && Rootless.IsSo;
        string? osRelease = ReadText("/etc/os-release") ?? ReadText("/usr/lib/os-release");
        return new HostFacts
        {
            IsRoot = Processes.EffectiveUid == 0,
            IsRootless = rootless,
            OwnIds = ownIds,
            WholeProc = FileStatus.At(NestingSteps.Place + "/proc/self") is null ? "/proc" : NestingSteps.Place + "/proc",
            WholeSys = FileStatus.At(NestingSteps.Place + "/sys/kernel") is null ? "/sys" : NestingSteps.Place + "/sys",
            HasOwnGroup = !rootless || CgroupReader.OwnGroupIsDelegated(),
            Bounding = Processes.Bounding(out int lastCapability),
            LastCapability = lastCapability,
            Cgroups = layout,
            Controllers = controllers,
            HasCgroupV1 = !rootless && settings.Mode == StartMode.Boot
                && ReadText("/proc/filesystems") is string filesystems && filesystems.Contains("\tcgroup\n", StringComparison.Ordinal),
            HasSystemBus = !rootless && UnitReader.HasSystemBus(settings, environment),
            UserBus = rootless ? UnitReader.UserBus(settings, environment) : null,
            IsSystemd = FileStatus.At("/run/systemd/system", followLast: false) is { Type: FileType.Directory },
            Machined = rootless ? MachinedDoor.None : UnitReader.Machined(settings),
            RegisteredMachines = UnitReader.RegisteredMachines(settings),
            Unit = settings.KeepUnit ? CgroupReader.OwnUnit() : null,
            DelegatedGroup = !rootless && settings.KeepUnit && layout == CgroupLayout.Unified ? CgroupReader.DelegatedGroup() : null,
            Memory = settings.Properties.Any(one => one.EndsWith('%')) ? ReadMemory() : 0,
            OsRelease = osRelease,
            OsReleaseEnvironment = OsReleaseVariables(osRelease),
            Limits = ReadLimits(),
            NrOpen = ReadNumber("/proc/sys/fs/nr_open", 1024 * 1024),
            InitNproc = LimitOfInit(RlimitResource.Nproc, rootless),
            InitSigpending = LimitOfInit(RlimitResource.Sigpending, rootless),
            HasTun = FileStatus.At("/dev/net/tun") is not null,
            HasFuse = FileStatus.At("/dev/fuse") is not null,
            HasKcore = FileStatus.At("/proc/kcore") is not null,
            LoginUidSet = ReadText("/proc/self/loginuid") is string uid && uid.Trim() != "4294967295",
            ResolvConf = ReadResolvConf(settings),
            LocaltimeLink = settings.Timezone == TimezoneMode.Off ? null : HostFiles.ReadLink("/etc/localtime"),
            LocaltimeExists = settings.Timezone != TimezoneMode.Off && FileStatus.At("/etc/localtime") is not null,
            Hostname = ReadHostname(),
            Network = NetworkReader.Read(settings, environment),
            MachineId = ((settings.Mode == StartMode.Boot && settings.LinkJournal != LinkJournalMode.No) || settings.PrivateNetwork)
                && Guid.TryParseExact(ReadText("/etc/machine-id")?.Trim(), "N", out Guid id) ? id : null,
            LocksTrees = Booleans.TryParse(environment("SYSTEMD_NSPAWN_LOCK") ?? "") ?? true,
            Temporary = ReadTemporary(environment),
            BindSources = ReadBindSources(settings),
            HasUserNamespaces = settings.PrivateUsers == PrivateUsersMode.No || IdReader.HasUserNamespaces(),
            HasNamespaceResource = settings.PrivateUsers == PrivateUsersMode.Managed && ManagedUsers.HasNamespaceResource(),
            UsedIds = usedIds,
            MalformedIds = malformedIds,
            Users = HostUser.Read(settings.BindUsers),
            StdinIsTerminal = Processes.IsTerminal(0),
            StdoutIsTerminal = Processes.IsTerminal(1),
            Term = environment("TERM"),
            ColorTerm = environment("COLORTERM"),
            NoColor = environment("NO_COLOR"),
            ListenFds = ListenFds(environment),
            ContainerService = environment("SYSTEMD_NSPAWN_CONTAINER_SERVICE") is { Length: > 0 } service
                ? service
                : "systemd-nspawn",
            FreshId = Guid.NewGuid(),
            RunId = Guid.NewGuid().ToString("N")[..8],
        };
    }

    /// <summary>The directory for large things of a run, as the caller wants it.</summary>
    public static string ReadTemporary(Func<string, string?> environment) =>
        environment("TMPDIR") is ['/', _, ..] path ? path.TrimEnd('/') : "/var/tmp";

    public static string ReadHostname() => (ReadText("/proc/sys/kernel/hostname") ?? "localhost").Trim();

    /// <summary>The kernel's release, as uname(2) has it.</summary>
    public static string ReadKernelRelease() => (ReadText("/proc/sys/kernel/osrelease") ?? "unknown").Trim();

    internal static string? ReadText(string path, int limit = SmallFile)
    {
        using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.NonBlocking, out _);
        return file is null ? null : Encoding.UTF8.GetString(Descriptors.ReadAll(file, limit, path));
    }

    private static ulong ReadNumber(string path, ulong otherwise) =>
        ulong.TryParse(ReadText(path)?.Trim(), CultureInfo.InvariantCulture, out ulong value) ? value : otherwise;

    private static ulong ReadMemory()
    {
        // "MemTotal:       16384 kB", the first line.
        string[] words = (ReadText("/proc/meminfo") ?? "").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return words is ["MemTotal:", string kilobytes, ..] && ulong.TryParse(kilobytes, out ulong number) ? number * 1024 : 0;
    }

    private static ImmutableArray<Rlimit> ReadLimits()
    {
        ImmutableArray<Rlimit>.Builder limits = ImmutableArray.CreateBuilder<Rlimit>(Linux.Limits.Count);
        for (int resource = 0; resource < Linux.Limits.Count; resource++)
        {
            limits.Add(Linux.Limits.Of(0, (RlimitResource)resource));
        }

        return limits.MoveToImmutable();
    }

    // Only root may look; who is not shall hear so, and may still ask what would be done.
    private static Rlimit LimitOfInit(RlimitResource resource, bool rootless) =>
        Linux.Limits.Of(Processes.EffectiveUid == 0 && !rootless ? 1 : 0, resource);

    /// <summary>The fields of os-release that the interface passes to the payload, in the interface's order.</summary>
    internal static ImmutableArray<string> OsReleaseVariables(string? osRelease)
    {
        if (osRelease is null)
        {
            return [];
        }

        List<string> variables = [];
        foreach (string field in (ReadOnlySpan<string>)["ID", "VERSION_ID", "BUILD_ID", "VARIANT_ID"])
        {
            foreach (ReadOnlySpan<char> line in osRelease.AsSpan().EnumerateLines())
            {
                if (line.StartsWith(field) && line.Length > field.Length && line[field.Length] == '=')
                {
                    ReadOnlySpan<char> value = line[(field.Length + 1)..].Trim().Trim("\"'");
                    if (!value.ContainsAnyInRange('\0', '\x1f'))
                    {
                        variables.Add($"container_host_{field.ToLowerInvariant()}={value}");
                    }

                    break;
                }
            }
        }

        return [.. variables];
    }

    private static ImmutableDictionary<ResolvConfSource, string> ReadResolvConf(Settings settings)
    {
        ImmutableDictionary<ResolvConfSource, string>.Builder files =
            ImmutableDictionary.CreateBuilder<ResolvConfSource, string>();
        bool wanted = settings.ResolvConf is not (ResolvConfMode.Off or ResolvConfMode.Delete)
            && !(settings.ResolvConf == ResolvConfMode.Auto && settings.LeavesNetwork);
        foreach (ResolvConfSource source in wanted ? ResolvConf.Sources : [])
        {
            if (ReadText(ResolvConf.PathOf(source)) is string content)
            {
                files[source] = content;
            }
        }

        return files.ToImmutable();
    }

    private static ImmutableDictionary<string, FileStatus> ReadBindSources(Settings settings)
    {
        ImmutableDictionary<string, FileStatus> sources = ImmutableDictionary<string, FileStatus>.Empty;
        foreach (CustomMount mount in settings.Mounts)
        {
            foreach (string path in mount.HostSources)
            {
                if (FileStatus.At(path) is FileStatus status)
                {
                    sources = sources.SetItem(path, status);
                }
            }
        }

        return sources;
    }

    // The variables are meant for this process only when they name it; sd_listen_fds(3).
    private static int ListenFds(Func<string, string?> environment)
    {
        const int First = 3;
        bool passed = int.TryParse(environment("LISTEN_PID"), CultureInfo.InvariantCulture, out int pid)
            && pid == Environment.ProcessId;
        if (!passed || !int.TryParse(environment("LISTEN_FDS"), CultureInfo.InvariantCulture, out int count) || count <= 0)
        {
            return 0;
        }

        for (int fd = First; fd - First < count; fd++)
        {
            // Not there, the number is one of the launcher's own: the payload would get the host's mounts.
            if (!Descriptors.IsInherited(fd))
            {
                throw new LaunchException($"$LISTEN_FDS={count}, but descriptor {fd} was not passed");
            }
        }

        return count;
    }
}
