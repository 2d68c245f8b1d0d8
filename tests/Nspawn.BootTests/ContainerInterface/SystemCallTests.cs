using Xunit;

namespace Nspawn.BootTests;

/// <summary>The system call filter, tried from the inside with arguments that do nothing.</summary>
public sealed class SystemCallTests
{
    [Theory]
    [InlineData("bpf")]
    [InlineData("perf_event_open")]
    [InlineData("kexec_load")]
    [InlineData("init_module")]
    [InlineData("finit_module")]
    [InlineData("delete_module")]
    [InlineData("syslog")]
    [InlineData("open_by_handle_at")]
    [InlineData("fanotify_init")]
    [InlineData("quotactl")]
    [InlineData("swapon")]
    [InlineData("swapoff")]
    [InlineData("acct")]
    [InlineData("iopl")]
    [InlineData("ioperm")]
    [InlineData("clock_settime")]
    [InlineData("settimeofday")]
    [InlineData("adjtimex")]
    [InlineData("mlock")]
    [InlineData("mlockall")]
    [InlineData("pkey_alloc")]
    [InlineData("memfd_secret")]
    [InlineData("modify_ldt")]
    [InlineData("lookup_dcookie")]
    public void Blocked(string call) => Assert.Equal("EPERM", ProbeRun.Nspawn()["call." + call]);

    [Theory]
    [InlineData("add_key")]
    [InlineData("keyctl")]
    [InlineData("unshare")]
    [InlineData("setns")]
    [InlineData("mount")]
    [InlineData("pivot_root")]
    [InlineData("chroot")]
    [InlineData("fsopen")]
    [InlineData("open_tree")]
    [InlineData("mount_setattr")]
    [InlineData("name_to_handle_at")]
    [InlineData("userfaultfd")]
    [InlineData("io_uring_setup")]
    [InlineData("ptrace")]
    [InlineData("process_vm_readv")]
    [InlineData("kcmp")]
    [InlineData("reboot")]
    [InlineData("seccomp")]
    public void Allowed(string call) => Assert.DoesNotContain(ProbeRun.Nspawn()["call." + call], (string[])["EPERM", "ENOSYS"]);

    // A C library tries the newest call first and falls back on ENOSYS; EPERM would break it.
    [Theory]
    [InlineData("nonexistent")]
    [InlineData("x32_getpid")]
    public void Unknown_IsNotImplemented(string call) => Assert.Equal("ENOSYS", ProbeRun.Nspawn()["call." + call]);

    [Theory]
    [InlineData("netlink_audit", "EAFNOSUPPORT")]
    [InlineData("netlink_route", "ok")]
    [InlineData("packet", "ok")]
    [InlineData("inet_raw", "ok")]
    [InlineData("unix", "ok")]
    public void Socket(string family, string result) => Assert.Equal(result, ProbeRun.Nspawn()["socket." + family]);

    [Fact]
    public void Filter_OptionsChangeIt()
    {
        Facts facts = ProbeRun.Nspawn(ProbePlace.Pid1, "--system-call-filter=perf_event_open", "--system-call-filter=~kcmp");
        Assert.NotEqual("EPERM", facts["call.perf_event_open"]);
        Assert.Equal("EPERM", facts["call.kcmp"]);
    }

    [Fact]
    public void Capability_OpensItsCalls()
    {
        Facts facts = ProbeRun.Nspawn(ProbePlace.Pid1, "--capability=CAP_IPC_LOCK");
        Assert.NotEqual("EPERM", facts["call.mlock"]);
    }
}
