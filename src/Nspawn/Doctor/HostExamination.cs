using Nspawn.Core;

namespace Nspawn;

/// <summary>What of the host decides whether machines boot: its services, limits and kernel, each with what mends it.</summary>
/// <param name="read">The text of a file; null: it is not there.</param>
/// <param name="exists">Whether a path is there.</param>
internal sealed class HostExamination(Func<string, string?> read, Func<string, bool> exists)
{
    private const int FewInstances = 512, FewWatches = 65536, FewPids = 65536, FewNeighbours = 4096;

    public IEnumerable<Diagnosis> Findings(CgroupLayout cgroups, IReadOnlyCollection<string> controllers, MachinedDoor machined) =>
    [
        Bus(), Machined(machined),
        AtLeast("inotify", "/proc/sys/fs/inotify/max_user_instances", FewInstances, "each booted systemd takes some; machines of one user share them", "fs.inotify.max_user_instances=1024"),
        AtLeast("inotify", "/proc/sys/fs/inotify/max_user_watches", FewWatches, "udev, journald and path units inside take them", "fs.inotify.max_user_watches=524288"),
        AtLeast("processes", "/proc/sys/kernel/pid_max", FewPids, "all machines share the host's process numbers", "kernel.pid_max=4194304"),
        AtLeast("neighbours", "/proc/sys/net/ipv4/neigh/default/gc_thresh3", FewNeighbours, "all machines and the host share one table of whom they know by link-layer address; thirty machines that all talk to each other fill it", "net.ipv4.neigh.default.gc_thresh3=8192"),
        Cgroups(cgroups, controllers), UserNamespaces(), Seccomp(),
        FileSystem("overlay", "--overlay= and --volatile=overlay"), Device("/dev/net/tun", "tun"), Device("/dev/fuse", "fuse"),
    ];

    private Diagnosis Bus() => exists("/run/dbus/system_bus_socket")
        ? Diagnosis.Good("bus", "the system bus is there")
        : new("bus", DiagnosisKind.Lack, "no system bus: machines get no unit of their own and are not registered", "apt install dbus && systemctl start dbus.socket");

    private static Diagnosis Machined(MachinedDoor door) => door != MachinedDoor.None
        ? Diagnosis.Good("machined", "systemd-machined is installed")
        : new("machined", DiagnosisKind.Lack, "no systemd-machined: machinectl and -M options do not find machines", "apt install systemd-container");

    private Diagnosis AtLeast(string topic, string path, long least, string use, string setting)
    {
        string name = path["/proc/sys/".Length..].Replace('/', '.');
        return long.TryParse(read(path)?.Trim(), out long value) && value < least
            ? new(topic, DiagnosisKind.Lack, $"{name} is {value}: {use}", Set(setting))
            : Diagnosis.Good(topic, read(path)?.Trim() is string now ? $"{name} is {now}" : $"{name} is not to be seen from here");
    }

    // Now, and after a reboot; each setting in a file of its own, so that no remedy undoes another.
    private static string Set(string setting) =>
        $"echo {setting} >/etc/sysctl.d/60-nspawn-{setting[(setting.LastIndexOf('.') + 1)..setting.IndexOf('=')]}.conf && sysctl -w {setting}";

    private static Diagnosis Cgroups(CgroupLayout layout, IReadOnlyCollection<string> controllers)
    {
        if (layout != CgroupLayout.Unified)
        {
            return new("cgroups", DiagnosisKind.Lack, "controllers are on cgroup version 1: limits and accounting inside do not work",
                "boot the host with systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all on the kernel's command line");
        }

        string[] missing = [.. ((string[])["cpu", "memory", "pids", "io"]).Except(controllers)];
        return missing.Length == 0
            ? Diagnosis.Good("cgroups", "cgroup version 2 with cpu, io, memory, pids")
            : new("cgroups", DiagnosisKind.Lack, $"not handed down to the launcher's group: {string.Join(", ", missing)}",
                "systemd-run --scope -p Delegate=yes nspawn ...");
    }

    private Diagnosis UserNamespaces()
    {
        string? most = read("/proc/sys/user/max_user_namespaces")?.Trim();
        return most is null ? new("userns", DiagnosisKind.Lack, "the kernel has no user namespaces: --private-users= does not work", "boot a kernel with CONFIG_USER_NS=y")
            : most == "0" ? new("userns", DiagnosisKind.Lack, "user namespaces are switched off: --private-users= does not work", Set("user.max_user_namespaces=65536"))
            : Diagnosis.Good("userns", $"user namespaces, at most {most}");
    }

    private Diagnosis Seccomp() => read("/proc/self/status")?.Contains("\nSeccomp:", StringComparison.Ordinal) == true
        ? Diagnosis.Good("seccomp", "the kernel filters system calls")
        : new("seccomp", DiagnosisKind.Fault, "the kernel filters no system calls, and nothing is launched without a filter", "boot a kernel with CONFIG_SECCOMP_FILTER=y");

    private Diagnosis FileSystem(string name, string use) =>
        read("/proc/filesystems")?.Split('\n').Any(line => line.EndsWith("\t" + name, StringComparison.Ordinal)) == true
            ? Diagnosis.Good("kernel", $"{name} is there")
            : new("kernel", DiagnosisKind.Lack, $"no {name} yet: {use} need it", $"modprobe {name}");

    private Diagnosis Device(string path, string module) => exists(path)
        ? Diagnosis.Good("kernel", $"{path} is there")
        : new("kernel", DiagnosisKind.Lack, $"no {path}: machines go without", $"modprobe {module}");
}
