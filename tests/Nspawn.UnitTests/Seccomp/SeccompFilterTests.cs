using System.Collections.Immutable;
using System.Text;
using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class SeccompFilterTests
{
    private const uint EPERM = 0x50001, EINVAL = 0x50016, ENOSYS = 0x50026, EAFNOSUPPORT = 0x50061, Success = 0x50000;

    private const ulong AF_UNIX = 1, AF_NETLINK = 16, NETLINK_ROUTE = 0, NETLINK_AUDIT = 9;

    /// <summary>What systemd-nspawn leaves to a container by default.</summary>
    private static readonly CapabilitySet Usual = new(0xfdecafff);

    [Theory]
    [InlineData("read"), InlineData("openat2"), InlineData("clone3"), InlineData("unshare"), InlineData("setns")]
    [InlineData("io_uring_setup"), InlineData("userfaultfd"), InlineData("ptrace"), InlineData("fsopen")]
    [InlineData("mount_setattr"), InlineData("seccomp"), InlineData("kcmp"), InlineData("mbind"), InlineData("reboot")]
    [InlineData("vhangup"), InlineData("keyctl"), InlineData("landlock_create_ruleset"), InlineData("statmount")]
    [InlineData("listmount"), InlineData("lsm_get_self_attr"), InlineData("lsm_set_self_attr"), InlineData("mseal")]
    [InlineData("setxattrat"), InlineData("open_tree_attr"), InlineData("file_getattr"), InlineData("cachestat")]
    [InlineData("futex_wake"), InlineData("futex_wait"), InlineData("futex_requeue"), InlineData("fchmodat2")]
    [InlineData("sethostname"), InlineData("process_vm_readv"), InlineData("socketcall"), InlineData("umount")]
    public void Call_that_systemd_262_allows_is_allowed(string call) =>
        AssertAnswer(ClassicBpf.Allow, Compile(), call);

    [Theory]
    [InlineData("bpf"), InlineData("perf_event_open"), InlineData("kexec_load"), InlineData("open_by_handle_at")]
    [InlineData("fanotify_init"), InlineData("quotactl"), InlineData("quotactl_fd"), InlineData("swapon")]
    [InlineData("init_module"), InlineData("syslog"), InlineData("mlock"), InlineData("mlockall")]
    [InlineData("pkey_alloc"), InlineData("memfd_secret"), InlineData("lookup_dcookie"), InlineData("modify_ldt")]
    [InlineData("map_shadow_stack"), InlineData("process_mrelease"), InlineData("acct"), InlineData("iopl")]
    [InlineData("clock_settime"), InlineData("clock_settime64"), InlineData("settimeofday"), InlineData("adjtimex")]
    [InlineData("pidfd_getfd"), InlineData("vm86")]
    public void Call_that_systemd_262_refuses_is_not_permitted(string call) =>
        AssertAnswer(EPERM, Compile(), call);

    [Theory]
    [InlineData("uselib"), InlineData("nfsservctl"), InlineData("create_module"), InlineData("ulimit")]
    public void Call_the_kernel_dropped_does_not_exist(string call)
    {
        AssertAnswer(ENOSYS, Compile(), call);
        AssertAnswer(ENOSYS, Compile(deny: ["@obsolete", call]), call);
    }

    [Fact]
    public void Every_number_is_answered_as_the_table_has_it()
    {
        ImmutableArray<ulong> filter = Compile();
        HashSet<uint> x8664 = [], i386 = [];
        foreach ((_, int number, int number32) in AllRows())
        {
            _ = x8664.Add((uint)number);
            _ = i386.Add((uint)number32);
        }

        for (uint number = 0; number <= 600; number++)
        {
            if (!x8664.Contains(number))
            {
                Assert.Equal(ENOSYS, ClassicBpf.Run(filter, ClassicBpf.X8664, number).Result);
            }

            if (!i386.Contains(number))
            {
                Assert.Equal(ENOSYS, ClassicBpf.Run(filter, ClassicBpf.I386, number).Result);
            }
        }

        foreach (uint number in (uint[])[9999, int.MaxValue, uint.MaxValue])
        {
            Assert.Equal(ENOSYS, ClassicBpf.Run(filter, ClassicBpf.X8664, number).Result);
            Assert.Equal(ENOSYS, ClassicBpf.Run(filter, ClassicBpf.I386, number).Result);
        }
    }

    [Fact]
    public void Call_by_its_x32_number_does_not_exist()
    {
        ImmutableArray<ulong> filter = Compile(allow: ["@known"]);
        for (uint number = 0; number <= 600; number++)
        {
            Assert.Equal(ENOSYS, ClassicBpf.Run(filter, ClassicBpf.X8664, number | 0x40000000).Result);
        }
    }

    [Fact]
    public void Call_of_another_architecture_does_not_exist() =>
        Assert.Equal(ENOSYS, ClassicBpf.Run(Compile(), 0xc00000b7, 63).Result);

    [Theory]
    [InlineData(Capability.SysTime, "clock_settime")]
    [InlineData(Capability.SysModule, "finit_module")]
    [InlineData(Capability.SysRawio, "iopl")]
    [InlineData(Capability.IpcLock, "mlock2")]
    [InlineData(Capability.SysPacct, "acct")]
    [InlineData(Capability.SysPtrace, "ptrace")]
    [InlineData(Capability.SysBoot, "reboot")]
    [InlineData(Capability.Syslog, "syslog")]
    [InlineData(Capability.SysTtyConfig, "vhangup")]
    public void Call_goes_with_its_capability(Capability capability, string call)
    {
        AssertAnswer(ClassicBpf.Allow, Compile(CapabilitySet.Of(capability)), call);
        AssertAnswer(EPERM, Compile(CapabilitySet.All.Except(CapabilitySet.Of(capability))), call);
    }

    [Fact]
    public void Allowed_words_are_added_to_the_default()
    {
        ImmutableArray<ulong> filter = Compile(allow: ["bpf", "@clock", "@reboot"]);
        AssertAnswer(ClassicBpf.Allow, filter, "bpf");
        AssertAnswer(ClassicBpf.Allow, filter, "adjtimex");
        AssertAnswer(ClassicBpf.Allow, filter, "kexec_load");
        AssertAnswer(EPERM, filter, "swapon");
    }

    [Fact]
    public void Deny_beats_allow_and_default()
    {
        ImmutableArray<ulong> filter = Compile(allow: ["bpf", "@swap"], deny: ["@swap", "bpf", "mkdir", "@timer"]);
        foreach (string call in (string[])["bpf", "swapon", "mkdir", "setitimer", "times"])
        {
            AssertAnswer(EPERM, filter, call);
        }

        AssertAnswer(ClassicBpf.Allow, filter, "mkdirat");
    }

    [Fact]
    public void Denying_everything_refuses_every_call_the_kernel_has()
    {
        ImmutableArray<ulong> filter = Compile(deny: ["@known"]);
        AssertAnswer(EPERM, filter, "read");
        AssertAnswer(EPERM, filter, "socket");
        AssertAnswer(ENOSYS, filter, "uselib");
    }

    [Fact]
    public void Words_that_name_nothing_are_reported_in_order()
    {
        ImmutableArray<string> allow = ["nosuch", "read", ""], deny = ["@nosuch", "send", "@privileged", "READ"];
        _ = SeccompFilter.Compile(Usual, allow, deny, suppressSync: false, out ImmutableArray<string> unknown);
        Assert.Equal(["nosuch", "", "@nosuch", "READ"], unknown);
    }

    [Fact]
    public void Audit_sockets_look_unsupported_and_no_others()
    {
        ImmutableArray<ulong> filter = Compile();
        foreach ((uint arch, uint socket) in ((uint, uint)[])[(ClassicBpf.X8664, 41), (ClassicBpf.I386, 359)])
        {
            Assert.Equal(EAFNOSUPPORT, ClassicBpf.Run(filter, arch, socket, AF_NETLINK, 3, NETLINK_AUDIT).Result);
            Assert.Equal(ClassicBpf.Allow, ClassicBpf.Run(filter, arch, socket, AF_NETLINK, 3, NETLINK_ROUTE).Result);
            Assert.Equal(ClassicBpf.Allow, ClassicBpf.Run(filter, arch, socket, AF_UNIX, 1, NETLINK_AUDIT).Result);
        }

        // The kernel ignores an int argument's upper half: bits there must not hide the family.
        const ulong High = 1UL << 40;
        Assert.Equal(EAFNOSUPPORT, ClassicBpf.Run(filter, ClassicBpf.X8664, 41, AF_NETLINK | High, 3, NETLINK_AUDIT | High).Result);
    }

    [Fact]
    public void Suppressed_sync_succeeds_at_once()
    {
        ImmutableArray<ulong> filter = Compile(suppressSync: true);
        foreach (string call in (string[])["fsync", "fdatasync", "msync", "sync", "syncfs", "sync_file_range"])
        {
            AssertAnswer(Success, filter, call);
            AssertAnswer(ClassicBpf.Allow, Compile(), call);
        }
    }

    [Theory]
    [InlineData(0, ClassicBpf.Allow)]
    [InlineData(0x242, ClassicBpf.Allow)]
    [InlineData(0x1000, EINVAL)]
    [InlineData(0x101000, EINVAL)]
    [InlineData(0x101241, EINVAL)]
    public void Suppressed_sync_refuses_to_open_for_synchronous_writing(uint flags, uint answer)
    {
        ImmutableArray<ulong> filter = Compile(suppressSync: true);
        Assert.Equal(answer, ClassicBpf.Run(filter, ClassicBpf.X8664, 2, 0, flags).Result);
        Assert.Equal(answer, ClassicBpf.Run(filter, ClassicBpf.X8664, 257, 0, 0, flags).Result);
        Assert.Equal(answer, ClassicBpf.Run(filter, ClassicBpf.I386, 5, 0, flags).Result);
        Assert.Equal(answer, ClassicBpf.Run(filter, ClassicBpf.I386, 295, 0, 0, flags).Result);
        AssertAnswer(ClassicBpf.Allow, filter, "openat2");
    }

    [Fact]
    public void Every_jump_lands_inside_the_program()
    {
        // Every other call allowed: as many runs as can be.
        ImmutableArray<string> everySecond = EverySecond(AllRows().OrderBy(row => row.X8664));
        ImmutableArray<string> everySecond32 = EverySecond(AllRows().OrderBy(row => row.I386));
        foreach (ImmutableArray<ulong> filter in (ImmutableArray<ulong>[])
            [Compile(), Compile(suppressSync: true), Compile(deny: everySecond), Compile(deny: everySecond32, suppressSync: true)])
        {
            Assert.InRange(filter.Length, 1, 4096);
            for (int pc = 0; pc < filter.Length; pc++)
            {
                if (((ushort)filter[pc] & 7) == 5)
                {
                    Assert.InRange(pc + 1 + (byte)(filter[pc] >> 16), 0, filter.Length - 1);
                    Assert.InRange(pc + 1 + (byte)(filter[pc] >> 24), 0, filter.Length - 1);
                    Assert.InRange(pc + 1 + ((ushort)filter[pc] == 5 ? (long)(filter[pc] >> 32) : 0), 0, filter.Length - 1);
                }
            }

            Assert.Equal(6, (ushort)filter[^1]);
        }
    }

    [Fact]
    public void Filter_with_long_jumps_answers_each_call_as_asked()
    {
        ImmutableArray<string> allowed = EverySecond(AllRows().OrderBy(row => row.X8664));
        ImmutableArray<string> denied = [.. AllRows().Select(row => row.Name).Except(allowed)];
        ImmutableArray<ulong> filter = Compile(allow: allowed, deny: denied);
        Assert.Contains(filter, instruction => (ushort)instruction == 5 && instruction >> 32 > 255);

        foreach (string call in allowed)
        {
            AssertAnswer(ClassicBpf.Allow, filter, call);
        }
    }

    [Theory]
    [InlineData("AF_UNIX AF_INET", 1, true)]
    [InlineData("AF_UNIX AF_INET", 2, true)]
    [InlineData("AF_UNIX AF_INET", 10, false)]
    [InlineData("AF_UNIX AF_INET;~AF_INET", 2, false)]
    [InlineData("AF_UNIX;AF_INET", 2, true)]
    [InlineData("~AF_INET AF_INET6", 10, false)]
    [InlineData("~AF_INET AF_INET6", 2, false)]
    [InlineData("~AF_INET AF_INET6", 1, true)]
    [InlineData("~AF_INET AF_INET6", 17, true)]
    [InlineData("~AF_INET AF_INET6;AF_INET", 2, true)]
    [InlineData("none", 1, false)]
    [InlineData("none;", 1, true)]
    public void Sockets_are_of_the_families_that_are_left(string lists, uint family, bool made)
    {
        string[] words = [.. lists.Split(';').Select(list => "--restrict-address-families=" + list), "-D", "/srv/debian", "true"];
        AddressFamilies? families = Commands.Launch(words).AddressFamilies;
        ImmutableArray<ulong> filter = SeccompFilter.Compile(Usual, [], [], suppressSync: false, out _, families);

        const uint Allow = 0x7fff0000, NotSupported = 0x50000 + 97;
        foreach ((uint architecture, uint number) in ((uint, uint)[])[(ClassicBpf.X8664, 41), (ClassicBpf.I386, 359)])
        {
            Assert.Equal(made ? Allow : NotSupported, ClassicBpf.Run(filter, architecture, number, family).Result);
        }
    }

    [Fact]
    public void Call_is_decided_in_few_steps()
    {
        ImmutableArray<ulong> filter = Compile();
        for (uint number = 0; number <= 600; number++)
        {
            // Two for the architecture, the number, a comparison for each halving, the return; socket(2) two more.
            Assert.InRange(ClassicBpf.Run(filter, ClassicBpf.X8664, number).Steps, 1, 12);
            Assert.InRange(ClassicBpf.Run(filter, ClassicBpf.I386, number).Steps, 1, 15);
        }
    }

    private static ImmutableArray<string> EverySecond(IEnumerable<(string Name, int X8664, int I386)> rows) =>
        [.. rows.Where((_, i) => i % 2 == 0).Select(row => row.Name)];

    private static ImmutableArray<ulong> Compile(
        CapabilitySet? retained = null,
        ImmutableArray<string>? allow = null,
        ImmutableArray<string>? deny = null,
        bool suppressSync = false)
    {
        ImmutableArray<ulong> filter = SeccompFilter.Compile(
            retained ?? Usual, allow ?? [], deny ?? [], suppressSync, out ImmutableArray<string> unknown);
        Assert.Empty(unknown);
        return filter;
    }

    /// <summary>Asserts the answer on both architectures, as far as they have the call.</summary>
    private static void AssertAnswer(uint expected, ImmutableArray<ulong> filter, string call)
    {
        (_, int x8664, int i386) = Assert.Single(AllRows(), row => row.Name == call);
        if (x8664 != SyscallTable.Absent)
        {
            Assert.Equal(expected, ClassicBpf.Run(filter, ClassicBpf.X8664, (uint)x8664).Result);
        }

        if (i386 != SyscallTable.Absent)
        {
            Assert.Equal(expected, ClassicBpf.Run(filter, ClassicBpf.I386, (uint)i386).Result);
        }
    }

    internal static List<(string Name, int X8664, int I386)> AllRows()
    {
        List<(string, int, int)> rows = [];
        foreach (SyscallSection section in Enum.GetValues<SyscallSection>())
        {
            foreach (SyscallRows row in SyscallTable.Rows(section))
            {
                rows.Add((Encoding.ASCII.GetString(row.Name), row.X8664, row.I386));
            }
        }

        return rows;
    }
}
