using System.Text;
using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class OciBundleTests
{
    private const string Namespaces = """[{"type":"pid"},{"type":"mount"},{"type":"ipc"},{"type":"uts"},{"type":"cgroup"}]""";

    [Fact]
    public void A_bundle_has_its_own_tree() =>
        Assert.All(
            (string[])["-D", "-i", "--template"], option => Assert.StartsWith("--oci-bundle= excludes", Commands.Refusal("--oci-bundle=/b", option, "/x", "-M", "m")));

    [Fact]
    public void What_a_bundle_asks_for_becomes_settings()
    {
        Settings settings = Settled("""
            "process":{"terminal":false,"args":["sh","-c","x y"],"env":["A=b","HOME"],"cwd":"/srv","noNewPrivileges":true,"oomScoreAdj":100,
              "user":{"uid":7,"gid":8,"additionalGids":[9,10]},
              "rlimits":[{"type":"RLIMIT_NOFILE","soft":1024,"hard":4096},{"type":"RLIMIT_CORE","soft":18446744073709551615,"hard":-1}],
              "capabilities":{"bounding":["CAP_CHOWN","CAP_NET_ADMIN"],"ambient":["CAP_CHOWN"]} },
            "root":{"path":"rootfs","readonly":true},"hostname":"box"
            """, $$"""
            "namespaces":{{Namespaces.Replace("]", ",{\"type\":\"network\"}]", StringComparison.Ordinal)}},
            "cgroupsPath":"my.slice:x:y",
            "resources":{"memory":{"limit":1000000,"reservation":500000,"swap":3000000},"cpu":{"shares":1024,"quota":50000,"period":100000,"cpus":"0-1"},"pids":{"limit":64} }
            """);

        Assert.Equal(["sh", "-c", "x y"], settings.Arguments.AsEnumerable());
        Assert.Equal(["A=b"], settings.Environment.AsEnumerable());
        Assert.Equal(("/bundle/rootfs", true, "box", "/srv"), (settings.Directory, settings.ReadOnly, settings.Hostname, settings.WorkingDirectory));
        Assert.Equal((ConsoleMode.Pipe, true, 100, true, "my.slice"), (settings.Console, settings.NoNewPrivileges, settings.OomScoreAdjust, settings.PrivateNetwork, settings.Slice));
        Assert.Equal(("7", "8", true), (settings.User, settings.Group, settings.UserNeedNotExist));
        Assert.Equal([9u, 10u], settings.UserGroups!.Value.AsEnumerable());
        Assert.Equal(new Rlimit(1024, 4096), settings.Rlimits[RlimitResource.Nofile]);
        Assert.Equal(new Rlimit(Rlimit.Infinity, Rlimit.Infinity), settings.Rlimits[RlimitResource.Core]);
        Assert.Equal(CapabilitySet.Of(Capability.Chown, Capability.NetAdmin), RetainedCapabilities.Of(settings));
        Assert.Equal(CapabilitySet.Of(Capability.Chown), settings.AmbientCapabilities);
        Assert.Equal(["MemoryMax=1000000", "MemoryLow=500000", "MemorySwapMax=2000000", "CPUWeight=39", "CPUQuota=50%", "AllowedCPUs=0-1", "TasksMax=64"], settings.Properties.AsEnumerable());
        Assert.Equal((ResolvConfMode.Off, TimezoneMode.Off, LinkJournalMode.No), (settings.ResolvConf, settings.Timezone, settings.LinkJournal));
    }

    [Fact]
    public void The_command_line_has_its_way()
    {
        const string Process = """ "process":{"args":["sh"],"env":["A=b"],"cwd":"/srv","user":{"uid":7,"gid":8},"capabilities":{"bounding":["CAP_CHOWN"]} },"root":{"path":"/trees/x"} """;
        Settings settings = Settled(Process, $"\"namespaces\":{Namespaces}", "-u root --chdir=/tmp -E A=c --drop-capability=CAP_KILL --resolv-conf=copy-host ls");

        Assert.Equal(["ls"], settings.Arguments.AsEnumerable());
        Assert.Equal(("/trees/x", "root", null, "/tmp"), (settings.Directory, settings.User, settings.Group, settings.WorkingDirectory));
        Assert.Equal(["A=b", "A=c"], settings.Environment.AsEnumerable());
        Assert.Equal(ResolvConfMode.CopyHost, settings.ResolvConf);
        Assert.True(RetainedCapabilities.Of(settings).Contains(Capability.SysAdmin));
    }

    [Fact]
    public void Mounts_are_the_containers_where_it_has_its_own()
    {
        Settings settings = Settled("""
            "process":{"args":["sh"]},"root":{"path":"r"},"mounts":[
              {"destination":"/proc","type":"proc","source":"proc"},{"destination":"/dev","type":"tmpfs","options":["nosuid"]},
              {"destination":"/sys/fs/cgroup/systemd","type":"cgroup"},{"destination":"/dev/shm","type":"tmpfs"},
              {"destination":"/data","type":"bind","source":"data","options":["rbind","ro","nosuid","nodev","rprivate"]},
              {"destination":"/one","source":"/host","options":["bind","noexec"]},
              {"destination":"/scratch","type":"tmpfs","options":["nosuid","size=1m","mode=1777"]}]
            """, $$"""
            "namespaces":{{Namespaces}},
            "devices":[{"path":"/dev/null","type":"c","major":1,"minor":3},{"path":"/dev/kvm","type":"c","major":10,"minor":232}],
            "maskedPaths":["/proc/kcore","/proc/latency_stats","/sys/firmware"],"readonlyPaths":["/proc/sys","/proc/bus","/etc"]
            """);

        Assert.Equal(
            [
                new BindCustomMount("/bundle/data", "/data", false, true, true) { Flags = MountFlags.NoSuid | MountFlags.NoDev },
                new BindCustomMount("/host", "/one", false, false, false) { Flags = MountFlags.NoExec },
                new TmpfsCustomMount("/scratch", "mode=0755,size=1m,mode=1777") { Flags = MountFlags.NoDev | MountFlags.NoSuid },
                new BindCustomMount("/dev/kvm", "/dev/kvm", false, false, false),
                new InaccessibleCustomMount("/proc/latency_stats") { IsOptional = true },
                new InaccessibleCustomMount("/sys/firmware") { IsOptional = true },
                new BindCustomMount("/etc", "/etc", true, true, true) { IsOptional = true },
            ],
            settings.Mounts.AsEnumerable());
    }

    [Fact]
    public void A_filter_is_the_launchers_in_other_words()
    {
        Settings allowed = Settled("""  "process":{"args":["sh"]},"root":{"path":"r"} """, $$"""
            "namespaces":{{Namespaces}},"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read","write","bpf","no_such_call"],"action":"SCMP_ACT_ALLOW"}]}
            """);
        Assert.Equal(["bpf", "no_such_call", "read", "write"], allowed.AllowSystemCalls.Order());
        Assert.Contains("openat", allowed.DenySystemCalls);
        Assert.DoesNotContain("read", allowed.DenySystemCalls);

        Settings denied = Settled("""  "process":{"args":["sh"]},"root":{"path":"r"} """, $$"""
            "namespaces":{{Namespaces}},"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["ptrace"],"action":"SCMP_ACT_KILL"},{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}
            """);
        Assert.Equal(["ptrace"], denied.DenySystemCalls.AsEnumerable());
        Assert.Contains("read", denied.AllowSystemCalls);
    }

    [Fact]
    public void What_has_no_effect_is_said()
    {
        OciBundle bundle = Parse("""
            "process":{"args":["sh"],"apparmorProfile":"docker-default","selinuxLabel":""},"root":{"path":"r"},"hooks":{"prestart":[]},"domainname":"x","solaris":{}
            """, $$""" "namespaces":{{Namespaces.Replace("]", ",{\"type\":\"time\"}]", StringComparison.Ordinal)}},"intelRdt":{},"resources":{"hugepageLimits":[],"devices":[{"allow":false},{"allow":true}]} """);

        Assert.Equal(
            [
                "domainname has no effect here", "hooks are not run", "intelRdt has no effect here", "linux.namespaces: a time name space is not made",
                "linux.resources.devices have no effect here: a device is allowed by passing it, in linux.devices",
                "linux.resources.hugepageLimits has no effect here", "process.apparmorProfile has no effect here", "solaris has no effect here",
            ],
            bundle.Warnings.Select(one => one.Replace("linux.intelRdt", "intelRdt", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    public static TheoryData<string, string, string> Refused => new()
    {
        { "its ociVersion is 2.0: expected 1.x", "!2.0", "" },
        { "it names no root.path", """ "process":{"args":["x"]} """, "" },
        { "it has no process", """ "root":{"path":"r"} """, "" },
        { "its process.args name no program", """ "process":{"args":[]},"root":{"path":"r"} """, "" },
        { "its hostname a b will not do", """ "process":{"args":["x"]},"root":{"path":"r"},"hostname":"a b" """, "" },
        { "its process.cwd srv will not do", """ "process":{"args":["x"],"cwd":"srv"},"root":{"path":"r"} """, "" },
        { "its process.rlimits have two RLIMIT_CORE", """ "process":{"args":["x"],"rlimits":[{"type":"RLIMIT_CORE"},{"type":"RLIMIT_CORE"}]},"root":{"path":"r"} """, "" },
        { "its process.rlimits RLIMIT_NOT will not do", """ "process":{"args":["x"],"rlimits":[{"type":"RLIMIT_NOT"}]},"root":{"path":"r"} """, "" },
        { "its process.capabilities.bounding CAP_NOT will not do", """ "process":{"args":["x"],"capabilities":{"bounding":["CAP_NOT"]} },"root":{"path":"r"} """, "" },
        { "its mount /x is of the type ext4", """ "process":{"args":["x"]},"root":{"path":"r"},"mounts":[{"destination":"/x","type":"ext4","source":"/dev/sda"}] """, "" },
        { "its mount /x has the option nosymfollow, which cannot be done", """ "process":{"args":["x"]},"root":{"path":"r"},"mounts":[{"destination":"/x","type":"bind","source":"/y","options":["nosymfollow"]}] """, "" },
        { "its mounts have ../x", """ "process":{"args":["x"]},"root":{"path":"r"},"mounts":[{"destination":"../x","type":"tmpfs"}] """, "" },
        { "it wants the host's pid name space", Good, """ "namespaces":[{"type":"mount"}] """ },
        { "it wants the pid name space at /proc/1/ns/pid", Good, """ "namespaces":[{"type":"pid","path":"/proc/1/ns/pid"}] """ },
        { "it wants a user name space", Good, """ "namespaces":[{"type":"user"}] """ },
        { "it has linux.sysctl", Good, $$""" "namespaces":{{Namespaces}},"sysctl":{"net.ipv4.ip_forward":"1"} """ },
        { "its device /dev/x is of the type p", Good, $$""" "namespaces":{{Namespaces}},"devices":[{"path":"/dev/x","type":"p"}] """ },
        { "looks at arguments", Good, $$""" "namespaces":{{Namespaces}},"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0}]}]} """ },
        { "the action SCMP_ACT_NOTIFY", Good, $$""" "namespaces":{{Namespaces}},"seccomp":{"defaultAction":"SCMP_ACT_NOTIFY"} """ },
        { "linux.rootfsPropagation is shared", Good, $$""" "namespaces":{{Namespaces}},"rootfsPropagation":"shared" """ },
        { "process.args has another form", """ "process":{"args":"sh"},"root":{"path":"r"} """, "" },
    };

    private const string Good = """ "process":{"args":["sh"]},"root":{"path":"r"} """;

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_is_refused(string message, string document, string linux)
    {
        string refusal = document.StartsWith('!')
            ? Assert.Throws<OciException>(() => OciBundle.Parse(Encoding.UTF8.GetBytes($$"""{"ociVersion":"{{document[1..]}}"}"""), "/bundle")).Message
            : Assert.Throws<OciException>(() => Parse(document, linux.Length == 0 ? $"\"namespaces\":{Namespaces}" : linux)).Message;

        Assert.Contains(message, refusal);
        Assert.DoesNotContain('\n', refusal);
    }

    [Fact]
    public void Any_document_is_a_bundle_or_is_refused()
    {
        Random random = new(20251104);
        string whole = Document("""
            "process":{"terminal":true,"args":["sh"],"env":["A=b"],"cwd":"/","user":{"uid":1,"gid":1},"rlimits":[{"type":"RLIMIT_CORE","soft":1,"hard":2}],"capabilities":{"bounding":["CAP_KILL"]} },
            "root":{"path":"r"},"hostname":"h","mounts":[{"destination":"/x","type":"bind","source":"y","options":["ro"]}]
            """, $$""" "namespaces":{{Namespaces}},"devices":[{"path":"/dev/x","type":"c"}],"maskedPaths":["/x"],"resources":{"memory":{"limit":5},"cpu":{"quota":1,"period":0} },"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["ptrace"],"action":"SCMP_ACT_ERRNO"}]} """);
        string[] pieces = ["{", "}", "[", "]", "\"", ":", ",", "null", "0", "-1", "1e999", "18446744073709551616", "\\u0000", "args", "true", "..", "/", "\0", "SCMP_ACT_ALLOW", "%"];
        for (int i = 0; i < 10_000; i++)
        {
            StringBuilder text = new(whole);
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int at = random.Next(text.Length);
                _ = random.Next(2) == 0 ? text.Remove(at, Math.Min(text.Length - at, random.Next(12))) : text.Insert(at, pieces[random.Next(pieces.Length)]);
            }

            try
            {
                OciBundle bundle = OciBundle.Parse(Encoding.UTF8.GetBytes(text.ToString()), "/bundle");
                _ = Assert.IsType<ParsedCommandLine.Launch>(Commands.Parse("-q")).Request.With(null, bundle.Defaults);
            }
            catch (Exception refused) when (refused is OciException or UsageException)
            {
                Assert.Matches("^[^\n]{5,700}$", refused.Message);
            }
        }
    }

    private static string Document(string document, string linux) => $$"""{"ociVersion":"1.0.2",{{document}},"linux":{ {{linux}} } }""";

    private static OciBundle Parse(string document, string linux) => OciBundle.Parse(Encoding.UTF8.GetBytes(Document(document, linux)), "/bundle");

    private static Settings Settled(string document, string linux, string line = "-q") =>
        Assert.IsType<ParsedCommandLine.Launch>(Commands.Parse(line.Split(' '))).Request.With(null, Parse(document, linux).Defaults).Settings;
}
