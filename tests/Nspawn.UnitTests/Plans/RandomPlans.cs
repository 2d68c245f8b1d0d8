using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn.UnitTests;

/// <summary>Plans of random command lines on random hosts with random trees; the same ones in every run.</summary>
internal static class RandomPlans
{
    /// <summary>Part of every credential's value: it must never be seen in a plan.</summary>
    public const string Secret = "s3cr3t";

    private const int Seed = 20260611;
    private const int Rounds = 900;

    private static readonly string[] s_words =
    [
        "--read-only", "-x", "--ephemeral=memory", "--ephemeral=disk", "--volatile=yes", "--volatile=state", "--volatile=overlay", "--pivot-root=/new:/old", "--overlay=/srv/data:+/opt:/mnt", "--overlay-ro=/srv/data::/mnt/x", "--private-network", "--pipe", "--console=interactive", "--console=passive",
        "--console=read-only", "--uid=joe", "--uid=root", "--chdir=/srv/x", "-EFOO=bar", "-EPATH=/opt/bin:rel::/bin", "-ETERM=vt220",
        "-EASKED", "--hostname=h", "-Mmachine", "--uuid=0123456789abcdef0123456789abcdef", "--capability=all",
        "--capability=CAP_NET_ADMIN", "--drop-capability=all", "--drop-capability=CAP_CHOWN", "--ambient-capability=CAP_NET_RAW",
        "--no-new-privileges=yes", "--system-call-filter=~@mount", "--rlimit=NOFILE=infinity", "--rlimit=CPU=10:20",
        "--oom-score-adjust=-100", "--cpu-affinity=0,2", "--personality=x86-64", "--bind=/srv/data", "--bind=/dev/kvm",
        "--bind-ro=/srv/conf:/etc/conf", "--bind=+/opt:/mnt", "--bind=:/scratch", "--tmpfs=/var/tmp", "--inaccessible=/proc/mdstat",
        "--inaccessible=/boot", "--tmpfs=/proc/fs", "--bind=:/proc/bus", "--bind=/srv/data:/proc/x", "--notify-ready=yes",
        $"--set-credential=one:{Secret}1", $"--set-credential=two:x{Secret}", "--load-credential=three:/srv/three", "--register=no",
        "--slice=a.slice", "--property=MemoryMax=1G", "--keep-unit", "-j", "--kill-signal=TERM", "--suppress-sync=yes",
        .. ModeNames.ResolvConf.Names.Select(mode => "--resolv-conf=" + mode), .. ModeNames.Timezone.Names.Select(mode => "--timezone=" + mode),
        .. ModeNames.LinkJournal.Names.Select(mode => "--link-journal=" + mode),
    ];

    private static readonly string[] s_modes = ["--quiet", "--boot", "--as-pid2"];

    private static readonly string[] s_operands = ["", "ls", "/bin/ls -l", "./x", "KEY=value systemd.unit=x -z"];

    /// <summary>The plans, each with what it was made from; combinations that are refused give none.</summary>
    public static IEnumerable<(Settings Settings, HostFacts Host, Plan Plan)> All()
    {
        Random random = new(Seed);
        for (int i = 0; i < Rounds; i++)
        {
            string mode = s_modes[random.Next(s_modes.Length)];
            string[] options = [mode, .. Enumerable.Range(0, random.Next(12)).Select(_ => s_words[random.Next(s_words.Length)])];
            string[] operands = s_operands[random.Next(s_operands.Length)].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            HostFacts host = Host(random);
            TreeFacts tree = Tree(random);
            Settings? settings = SettingsOf([.. options, "--", .. operands]);
            if (settings is not null && PlanOf(settings, host, tree) is Plan plan)
            {
                yield return (settings, host, plan);
            }
        }
    }

    private static Settings? SettingsOf(string[] args)
    {
        // Every variable is set in the caller's environment: what is not asked for would be noticed.
        OptionContext caller = new(name => "leak-" + name, "/home/joe");
        try
        {
            return ((ParsedCommandLine.Launch)CommandLine.Parse(args, "nspawn", caller)).Request.With(file: null).Settings;
        }
        catch (UsageException)
        {
            return null;
        }
    }

    private static Plan? PlanOf(Settings settings, HostFacts host, TreeFacts tree)
    {
        try
        {
            TreeUser user = settings.User == "joe" ? PlanFacts.Joe : tree.User!;
            return Planner.Create(settings, host, tree with { User = user });
        }
        catch (LaunchException)
        {
            return null;
        }
    }

    private static HostFacts Host(Random random) => (random.Next(2) == 0 ? PlanFacts.Host : PlanFacts.HostWithTerminal) with
    {
        Bounding = random.Next(4) == 0 ? new CapabilitySet((ulong)random.NextInt64() & CapabilitySet.All.Mask) : CapabilitySet.All,
        Cgroups = (CgroupLayout)random.Next(3),
        Controllers = random.Next(2) == 0 ? [] : PlanFacts.Host.Controllers,
        HasSystemBus = random.Next(2) == 0,
        IsSystemd = random.Next(2) == 0,
        Machined = (MachinedDoor)random.Next(3),
        HasTun = random.Next(2) == 0,
        HasFuse = random.Next(2) == 0,
        HasKcore = random.Next(2) == 0,
        LocksTrees = random.Next(2) == 0,
        LoginUidSet = random.Next(2) == 0,
        ListenFds = random.Next(3),
        LocaltimeLink = random.Next(2) == 0 ? null : PlanFacts.Host.LocaltimeLink,
        ResolvConf = PlanFacts.Host.ResolvConf.Add(ResolvConfSource.Stub, "nameserver 127.0.0.53\n"),
        Limits = [.. PlanFacts.Host.Limits.Select(limit => random.Next(2) == 0 ? limit : new Rlimit(1024, 4096))],
    };

    private static TreeFacts Tree(Random random) => (random.Next(3) == 0 ? PlanFacts.FreshTree : PlanFacts.Tree) with
    {
        Journal = new JournalPlaces { HostIsPersistent = random.Next(4) != 0, Host = random.Next(2) == 0 ? null : FileType.Directory },
        Is32Bit = random.Next(4) == 0,
        ResolvConf = new TreeFile((TreeFileKind)random.Next(4), "nameserver 192.0.2.1\n"),
        Localtime = new TreeFile((TreeFileKind)random.Next(4), "/usr/share/zoneinfo/UTC"),
        User = random.Next(2) == 0 ? TreeUser.Root with { Home = "relative" } : PlanFacts.Tree.User,
    };
}
