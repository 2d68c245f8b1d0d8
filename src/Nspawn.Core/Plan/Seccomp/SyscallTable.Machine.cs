namespace Nspawn.Core;

/// <content>Calls that reach the machine beyond the container: allowed with a capability, or refused.</content>
internal static partial class SyscallTable
{
    /// <summary>@clock; with CAP_SYS_TIME.</summary>
    private static ReadOnlySpan<byte> Clock => """
        159 124 adjtimex
        305 343 clock_adjtime
          - 405 clock_adjtime64
        227 264 clock_settime
          - 404 clock_settime64
        164  79 settimeofday
        """u8;

    /// <summary>@module; with CAP_SYS_MODULE.</summary>
    private static ReadOnlySpan<byte> Module => """
        176 129 delete_module
        313 350 finit_module
        175 128 init_module
        """u8;

    /// <summary>@raw-io; with CAP_SYS_RAWIO.</summary>
    private static ReadOnlySpan<byte> RawIo => """
        173 101 ioperm
        172 110 iopl
        """u8;

    /// <summary>@memlock; with CAP_IPC_LOCK.</summary>
    private static ReadOnlySpan<byte> Memlock => """
        149 150 mlock
        325 376 mlock2
        151 152 mlockall
        150 151 munlock
        152 153 munlockall
        """u8;

    /// <summary>With CAP_SYS_PACCT.</summary>
    private static ReadOnlySpan<byte> Accounting => """
        163  51 acct
        """u8;

    /// <summary>With CAP_SYS_PTRACE.</summary>
    private static ReadOnlySpan<byte> Tracing => """
        101  26 ptrace
        """u8;

    /// <summary>With CAP_SYS_BOOT.</summary>
    private static ReadOnlySpan<byte> Rebooting => """
        169  88 reboot
        """u8;

    /// <summary>With CAP_SYSLOG.</summary>
    private static ReadOnlySpan<byte> KernelLog => """
        103 103 syslog
        """u8;

    /// <summary>With CAP_SYS_TTY_CONFIG.</summary>
    private static ReadOnlySpan<byte> Hangup => """
        153 111 vhangup
        """u8;

    /// <summary>@cpu-emulation.</summary>
    private static ReadOnlySpan<byte> CpuEmulation => """
        154 123 modify_ldt
          - 166 vm86
          - 113 vm86old
        """u8;

    /// <summary>@debug less ptrace.</summary>
    private static ReadOnlySpan<byte> Debug => """
        212 253 lookup_dcookie
        298 336 perf_event_open
        438 438 pidfd_getfd
        """u8;

    /// <summary>@pkey.</summary>
    private static ReadOnlySpan<byte> Pkey => """
        330 381 pkey_alloc
        331 382 pkey_free
        329 380 pkey_mprotect
        """u8;

    /// <summary>@swap.</summary>
    private static ReadOnlySpan<byte> Swap => """
        168 115 swapoff
        167  87 swapon
        """u8;

    /// <summary>@reboot less reboot.</summary>
    private static ReadOnlySpan<byte> Kexec => """
        320   - kexec_file_load
        246 283 kexec_load
        """u8;

    /// <summary>@obsolete as far as the kernel still has them.</summary>
    private static ReadOnlySpan<byte> Obsolete => """
          -  68 sgetmask
          -  69 ssetmask
          -  25 stime
        139 135 sysfs
        136  62 ustat
        """u8;

    /// <summary>
    /// The calls of @privileged that are in no other group: they reach objects no namespace confines.
    /// </summary>
    private static ReadOnlySpan<byte> Privileged => """
        321 357 bpf
        300 338 fanotify_init
        301 339 fanotify_mark
        304 342 open_by_handle_at
        179 131 quotactl
        443 443 quotactl_fd
        """u8;

    /// <summary>In no group at all.</summary>
    private static ReadOnlySpan<byte> Ungrouped => """
        470 470 listns
        453 453 map_shadow_stack
        447 447 memfd_secret
        448 448 process_mrelease
        471 471 rseq_slice_yield
        """u8;

    /// <summary>
    /// Numbers with a name whose call the kernel dropped or never had: the answer is the kernel's own, ENOSYS.
    /// </summary>
    private static ReadOnlySpan<byte> Removed => """
        183 137 afs_syscall
          - 134 bdflush
          -  17 break
        174 127 create_module
          -  35 ftime
        177 130 get_kernel_syms
        181 188 getpmsg
          -  32 gtty
          - 112 idle
          -  53 lock
          -  56 mpx
        180 169 nfsservctl
          -  44 prof
          -  98 profil
        182 189 putpmsg
        178 167 query_module
        185   - security
          -  31 stty
        156 149 _sysctl
        184   - tuxcall
          -  58 ulimit
        134  86 uselib
        236 273 vserver
        """u8;
}
