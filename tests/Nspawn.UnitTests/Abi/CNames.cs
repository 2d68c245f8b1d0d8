namespace Nspawn.UnitTests;

/// <summary>
/// Where a name of the kernel layer is not simply the name in the C headers. Every entry has to be needed: a test fails
/// for one that fits nothing.
/// </summary>
internal static class CNames
{
    public static readonly string[] Headers =
    [
        "dirent.h", "errno.h", "fcntl.h", "net/if.h", "poll.h", "sched.h", "signal.h", "stddef.h", "stdio.h", "termios.h", "time.h",
        "unistd.h", "sys/file.h", "sys/inotify.h", "sys/ioctl.h", "sys/mman.h", "sys/mount.h", "sys/personality.h", "sys/prctl.h", "sys/reboot.h", "sys/resource.h",
        "sys/signalfd.h", "sys/socket.h", "sys/stat.h", "sys/statfs.h", "sys/statvfs.h", "sys/syscall.h", "sys/time.h", "sys/uio.h",
        "sys/un.h", "sys/wait.h",
        "linux/bpf.h", "linux/btrfs.h", "linux/btrfs_tree.h", "linux/capability.h", "linux/close_range.h", "linux/dm-ioctl.h", "linux/filter.h", "linux/keyctl.h", "linux/loop.h", "linux/magic.h",
        "linux/if_addr.h", "linux/if_link.h", "linux/netlink.h", "linux/nsfs.h", "linux/rtnetlink.h", "linux/veth.h",
        "linux/openat2.h", "linux/posix_acl.h", "linux/posix_acl_xattr.h", "netinet/in.h", "netinet/icmp6.h", "linux/reboot.h", "linux/sched.h", "linux/seccomp.h",
    ];

    /// <summary>Structs, by the type's name, whose name in C is not <c>struct</c> and the same.</summary>
    public static readonly Dictionary<string, string> Structs = new()
    {
        ["LibC.siginfo_t"] = "siginfo_t",
        ["LibC.sigset_t"] = "sigset_t",
        ["LibC.sigaction_t"] = "struct sigaction",
        ["LibC.flock_t"] = "struct flock",
        ["LibC.statx_t"] = "struct statx",
        ["LibC.statfs_t"] = "struct statfs",
        ["StubInit.Timespec"] = "struct timespec",
        ["Bpf.LoadAttributes"] = "union bpf_attr",
        ["Bpf.AttachAttributes"] = "union bpf_attr",
        ["PollEntry"] = "struct pollfd",
        ["Rlimit"] = "struct rlimit",
    };

    /// <summary>Fields and constants that are called something else in C; for a constant any expression.</summary>
    public static readonly Dictionary<string, string> Members = new()
    {
        ["LibC.sigset_t.bits"] = "__val[0]",
        ["LibC.SIG_DFL"] = "(long)SIG_DFL",
        ["LibC.SIG_IGN"] = "(long)SIG_IGN",
        ["PollEntry._fd"] = "fd",
        ["PollEntry._asked"] = "events",
        ["PollEntry._came"] = "revents",
        ["Rlimit.Soft"] = "rlim_cur",
        ["Rlimit.Hard"] = "rlim_max",
        ["Rlimit.Infinity"] = "RLIM_INFINITY",
        ["FileSystems.Cgroup2Magic"] = "CGROUP2_SUPER_MAGIC",
        ["FileSystems.OverlayMagic"] = "OVERLAYFS_SUPER_MAGIC",
        ["Pidfd.PidfsMagic"] = "PID_FS_MAGIC",
        ["DirectoryListing.LengthOffset"] = "offsetof(struct dirent64, d_reclen)",
        ["DirectoryListing.TypeOffset"] = "offsetof(struct dirent64, d_type)",
        ["DirectoryListing.NameOffset"] = "offsetof(struct dirent64, d_name)",
        // linux/fs.h and sys/mount.h exclude each other.
        ["LibC.FS_IOC_GETFLAGS"] = "_IOR('f', 1, long)",
        ["LibC.FS_IOC_SETFLAGS"] = "_IOW('f', 2, long)",
        ["LibC.EXT4_IOC_RESIZE_FS"] = "_IOW('f', 16, unsigned long long)",
        ["LibC.XFS_IOC_FSGEOMETRY"] = "_IOR('X', 126, unsigned char[256])",
        ["LibC.XFS_IOC_FSGROWFSDATA"] = "_IOW('X', 110, unsigned char[16])",
        ["LibC.FICLONE"] = "_IOW(0x94, 9, int)",
        ["LibC.FS_IMMUTABLE_FL"] = "STATX_ATTR_IMMUTABLE",
        ["LibC.FS_APPEND_FL"] = "STATX_ATTR_APPEND",
        ["Personalities.Linux"] = "PER_LINUX",
        ["Personalities.Linux32"] = "PER_LINUX32",
    };

    /// <summary>What the compiler cannot be asked about, and why.</summary>
    public static readonly Dictionary<string, string> Unchecked = new()
    {
        ["LibC.SIGRTMIN"] = "a call at run time: the C library keeps some signals to itself",
        ["LibC.SIGRTMAX"] = "a call at run time",
        ["StubInit.SIGRTMIN"] = "the same as LibC.SIGRTMIN",
        ["sizeof Bpf.LoadAttributes"] = "the kernel takes a prefix of the union",
        ["sizeof Bpf.AttachAttributes"] = "the kernel takes a prefix of the union",
    };

    /// <summary>Macros that some headers in use do not have yet, and since when they exist: checked where there are.</summary>
    public static readonly Dictionary<string, string> NotInEveryHeader = new()
    {
        ["LibC.SCM_PIDFD"] = "Linux 6.5, glibc 2.39",
        ["LibC.SO_PASSRIGHTS"] = "Linux 6.16",
        ["Pidfd.PidfsMagic"] = "Linux 6.9",
    };
}
