using System.Diagnostics;

namespace Nspawn.Core;

/// <summary>
/// The system calls of Linux up to 7.2 on the two architectures an x86-64 kernel serves. A row is the call's number on
/// x86-64, its number on i386 (<c>-</c>: not there) and its name.
/// </summary>
/// <remarks>
/// The rows are text, so that a name stands beside its numbers, and constants, so that a launch reads them out of the
/// binary without allocating, in some ten microseconds.
/// </remarks>
internal static partial class SyscallTable
{
    /// <summary>Above every number of the table, on both architectures.</summary>
    public const int Limit = 512;

    /// <summary>The number of a call the architecture does not have.</summary>
    public const int Absent = -1;

    public const SyscallSection Last = SyscallSection.Removed;

    /// <summary>
    /// Calls that systemd and libseccomp know from other architectures: naming them changes nothing here, and is no
    /// mistake.
    /// </summary>
    public static ReadOnlySpan<byte> Elsewhere => """
        arc_gettls arc_settls arc_usr_cmpxchg arm_fadvise64_64 atomic_barrier atomic_cmpxchg_32 breakpoint cachectl
        cacheflush dipc exec_with_loader execv fchroot fstatat get_tls getdomainname getdtablesize gethostname
        getpagesize getxgid getxpid getxuid kern_features llseek memory_ordering multiplexer newfstat old_adjtimex
        oldumount or1k_atomic osf_fstat osf_fstatfs osf_fstatfs64 osf_getdirentries osf_getdomainname osf_getitimer
        osf_getrusage osf_getsysinfo osf_gettimeofday osf_lstat osf_mount osf_proplist_syscall osf_select
        osf_set_program_attributes osf_setitimer osf_setsysinfo osf_settimeofday osf_shmat osf_sigprocmask osf_sigstack
        osf_stat osf_statfs osf_statfs64 osf_swapon osf_syscall osf_sysinfo osf_usleep_thread osf_utimes osf_utsname
        osf_wait4 pciconfig_iobase pciconfig_read pciconfig_write perfctr recv riscv_flush_icache riscv_hwprobe rtas
        s390_guarded_storage s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr s390_sthyi sched_get_affinity
        sched_set_affinity send set_tls sethae setpgrp spu_create spu_run subpage_prot swapcontext switch_endian
        sync_file_range2 sys_debug_setcontext syscall sysmips timerfd usr26 usr32 utrap_install
        """u8;

    public static SyscallRows Rows(SyscallSection section) => new(section switch
    {
        SyscallSection.Default => Default,
        SyscallSection.Sandbox => Sandbox,
        SyscallSection.Aio => Aio,
        SyscallSection.BasicIo => BasicIo,
        SyscallSection.Chown => Chown,
        SyscallSection.FileSystem => FileSystem,
        SyscallSection.IoEvent => IoEvent,
        SyscallSection.Ipc => Ipc,
        SyscallSection.Keyring => Keyring,
        SyscallSection.Mount => Mount,
        SyscallSection.NetworkIo => NetworkIo,
        SyscallSection.Process => Process,
        SyscallSection.Resources => Resources,
        SyscallSection.Setuid => Setuid,
        SyscallSection.Signal => Signal,
        SyscallSection.Sync => Sync,
        SyscallSection.Timer => Timer,
        SyscallSection.Common => Common,
        SyscallSection.Container => Container,
        SyscallSection.Forgotten => Forgotten,
        SyscallSection.Clock => Clock,
        SyscallSection.Module => Module,
        SyscallSection.RawIo => RawIo,
        SyscallSection.Memlock => Memlock,
        SyscallSection.Accounting => Accounting,
        SyscallSection.Tracing => Tracing,
        SyscallSection.Rebooting => Rebooting,
        SyscallSection.KernelLog => KernelLog,
        SyscallSection.Hangup => Hangup,
        SyscallSection.CpuEmulation => CpuEmulation,
        SyscallSection.Debug => Debug,
        SyscallSection.Pkey => Pkey,
        SyscallSection.Swap => Swap,
        SyscallSection.Kexec => Kexec,
        SyscallSection.Obsolete => Obsolete,
        SyscallSection.Privileged => Privileged,
        SyscallSection.Ungrouped => Ungrouped,
        SyscallSection.Removed => Removed,
        _ => throw new UnreachableException(),
    });
}
