using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What only the container's first process can do, in its own namespaces, from its first call to the payload.</summary>
internal static class LeaderSteps
{
    private const string Interface = "Container Interface: ";
    internal const MountFlags Api = MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec;
    private const MountFlags ReadOnlyApi = Api | MountFlags.ReadOnly;

    /// <summary>Files of proc about the whole kernel: memory, keys, timers, the magic key.</summary>
    internal static readonly ImmutableArray<string> Masked =
        ["/proc/kallsyms", "/proc/kcore", "/proc/keys", "/proc/sysrq-trigger", "/proc/timer_list"];

    internal static readonly ImmutableArray<string> ReadOnly =
        ["/proc/acpi", "/proc/apm", "/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/scsi"];

    public static IEnumerable<Step> Of(PlanInput input)
    {
        if (input.Users is not null)
        {
            yield return new BecomeRoot { Reason = "--private-users: root of the container's user namespace" };
            yield return new SetShared("/") { Reason = "as without a user namespace, which makes the mounts slaves of the launcher's" };
        }

        yield return new EnterCgroupNamespace { Reason = Interface + "the container's group is the root of what it sees" };
        IEnumerable<Step>[] parts =
        [
            Proc(input), Sys(input), Cgroup(input), Identity(), CustomMountSteps.BelowProc(input),
            Session(input), Resources(input), Privileges.Of(input), PayloadSteps.Of(input),
        ];
        foreach (Step step in parts.SelectMany(part => part))
        {
            yield return step;
        }
    }

    private static IEnumerable<Step> Proc(PlanInput input)
    {
        const string ProcReason = Interface + "/proc of the container's own processes";
        yield return input.Users is null
            ? new Mount("proc", "/proc", Api) { Reason = ProcReason }
            : new ReplacePin("proc", "/proc", Api) { Reason = ProcReason };
        foreach (Step step in NestingSteps.Proc(input))
        {
            yield return step;
        }

        foreach (Step step in ProcSys(input))
        {
            yield return step;
        }

        foreach (string path in Masked)
        {
            const string Reason = Interface + "what proc tells about the whole kernel is masked";
            yield return new Bind(RunHostSteps.Inaccessible + "/reg", path, ReadOnlyApi) { Reason = Reason, Optional = true };
        }

        foreach (string path in ReadOnly)
        {
            const string Reason = Interface + "the parts of proc that configure the host are read-only";
            yield return new Bind(path, path, ReadOnlyApi) { Reason = Reason, Optional = true };
        }

        yield return new Mount("mqueue", "/dev/mqueue", Api) { Reason = Interface + "message queues of the container's own", Optional = true };
    }

    private static IEnumerable<Step> ProcSys(PlanInput input)
    {
        // With users, network, IPC, host name and processes of its own the container's root can write what is of those
        // only: the rest belongs to the host's root. Where it is that one, the kernel would not ask for capabilities.
        if (input is { Users.Root: not 0, Settings.PrivateNetwork: true })
        {
            yield break;
        }

        yield return new Bind("/proc/sys", "/proc/sys", MountFlags.None) { Reason = Interface + "/proc/sys read-only" };
        if (input.Settings.PrivateNetwork)
        {
            yield return new Bind("/proc/sys/net", "/proc/sys/net", MountFlags.None)
            {
                Reason = Interface + "/proc/sys/net stays writable: the network is the container's own",
            };
        }

        yield return new Remount("/proc/sys", ReadOnlyApi) { Reason = Interface + "/proc/sys read-only" };
    }

    private static IEnumerable<Step> Sys(PlanInput input)
    {
        if (!input.Settings.LeavesNetwork)
        {
            yield break;
        }

        const string Reason = Interface + "with a network of its own, /sys shows its own /sys/class/net";
        if (input.Settings.PrivateNetwork)
        {
            yield return new BringLoopbackUp { Reason = "--private-network: the loopback interface works" };
        }

        yield return input.Users is null
            ? new Mount("sysfs", "/sys/full", RootSteps.SysFlags) { Reason = Reason }
            : new ReplacePin("sysfs", "/sys/full", RootSteps.SysFlags) { Reason = Reason };
        foreach (Step step in NestingSteps.Sys(input))
        {
            yield return step;
        }

        foreach (string part in RootSteps.SysParts.ToArray())
        {
            yield return new Bind("/sys/full/" + part, "/sys/" + part, RootSteps.SysFlags) { Reason = Reason, Optional = true };
        }

        yield return new Unmount("/sys/full") { Reason = Reason };
        yield return new RemoveDirectory("/sys/full") { Reason = Reason };
        yield return new Remount("/sys", RootSteps.SysFlags) { Reason = Interface + "/sys read-only, so that no udev starts inside" };
    }

    private static IEnumerable<Step> Cgroup(PlanInput input)
    {
        if (input.GetsCgroupV1)
        {
            const string Reason = "the tree's systemd knows cgroup version 1 only";
            yield return new Mount("tmpfs", "/sys/fs/cgroup", Api, "mode=0755,size=4m,nr_inodes=1k") { Reason = Reason };
            yield return new MakeDirectory("/sys/fs/cgroup/systemd", 0x1ed) { Reason = Reason };
            yield return new Mount("cgroup", "/sys/fs/cgroup/systemd", Api, "none,name=systemd,xattr") { Reason = Reason };
            yield return new Remount("/sys/fs/cgroup", ReadOnlyApi) { Reason = Reason };
            yield break;
        }

        yield return new Mount("cgroup2", "/sys/fs/cgroup", Api)
        {
            Reason = Interface + "the container manages the groups below its own",
        };
    }

    private static IEnumerable<Step> Identity()
    {
        yield return new Bind(RunHostSteps.BootId, "/proc/sys/kernel/random/boot_id", ReadOnlyApi)
        {
            Reason = "a boot id of the container's own: systemd tells boots apart by it",
        };
        yield return new Bind(RunHostSteps.Kmsg, "/proc/kmsg", ReadOnlyApi)
        {
            Reason = "the kernel's messages are the host's",
        };
    }

    private static IEnumerable<Step> Session(PlanInput input)
    {
        yield return new NewSession { Reason = "PID 1 leads a session of its own" };
        if (input.HasConsole)
        {
            const string Terminal = "/dev/pts/0";
            yield return new UseConsole(CustomMountSteps.Cover(input, Terminal) ? null : Terminal, input.Tree.User?.Uid ?? 0) { Reason = $"--console={input.Console}: standard input, output and error" };
        }

        yield return new SetHostname(input.Settings.Hostname ?? input.Machine)
        {
            Reason = input.Settings.Hostname is null ? "the machine's name" : "--hostname=",
        };
        if (input.Host.LoginUidSet)
        {
            yield return new WriteProc("/proc/self/loginuid", "4294967295")
            {
                Reason = "nobody has logged in inside, as far as auditing goes",
                Optional = true,
            };
        }

        yield return new NewKeyring { Reason = "a session keyring of its own, without the caller's keys" };
    }

    private static IEnumerable<Step> Resources(PlanInput input)
    {
        Settings settings = input.Settings;
        if (settings.OomScoreAdjust is int score && input.Users is null)
        {
            yield return new WriteProc("/proc/self/oom_score_adj", score.ToString()) { Reason = "--oom-score-adjust=" };
        }

        if (!settings.CpuAffinity.IsEmpty)
        {
            yield return new SetAffinity(settings.CpuAffinity) { Reason = "--cpu-affinity=" };
        }

        Personality personality = settings.Personality == Personality.Default && input.Tree.Is32Bit ? Personality.X86 : settings.Personality;
        if (personality != Personality.Default)
        {
            string reason = settings.Personality == Personality.Default ? "the tree is a 32-bit one" : "--personality=";
            yield return new SetPersonality(personality) { Reason = reason };
        }

        foreach (Step step in input.Users is null ? RlimitSteps.Of(input) : [])
        {
            yield return step;
        }
    }
}
