namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    // asm/unistd_64.h: the numbers of x86-64, the architecture this launcher is built for.
    public const int SYS_read = 0;
    public const int SYS_write = 1;
    public const int SYS_open = 2;
    public const int SYS_close = 3;
    public const int SYS_poll = 7;
    public const int SYS_rt_sigaction = 13;
    public const int SYS_rt_sigprocmask = 14;
    public const int SYS_ioctl = 16;
    public const int SYS_dup2 = 33;
    public const int SYS_socket = 41;
    public const int SYS_connect = 42;
    public const int SYS_execve = 59;
    public const int SYS_kill = 62;
    public const int SYS_fcntl = 72;
    public const int SYS_chdir = 80;
    public const int SYS_fchdir = 81;
    public const int SYS_mkdir = 83;
    public const int SYS_rmdir = 84;
    public const int SYS_fchown = 93;
    public const int SYS_umask = 95;
    public const int SYS_setsid = 112;
    public const int SYS_setgroups = 116;
    public const int SYS_setresuid = 117;
    public const int SYS_setresgid = 119;
    public const int SYS_capset = 126;
    public const int SYS_rt_sigtimedwait = 128;
    public const int SYS_personality = 135;
    public const int SYS_pivot_root = 155;
    public const int SYS_prctl = 157;
    public const int SYS_chroot = 161;
    public const int SYS_mount = 165;
    public const int SYS_umount2 = 166;
    public const int SYS_reboot = 169;
    public const int SYS_sethostname = 170;
    public const int SYS_sched_setaffinity = 203;
    public const int SYS_exit_group = 231;
    public const int SYS_waitid = 247;
    public const int SYS_keyctl = 250;
    public const int SYS_getdents64 = 217;
    public const int SYS_pipe2 = 293;
    public const int SYS_setns = 308;
    public const int SYS_unshare = 272;
    public const int SYS_prlimit64 = 302;
    public const int SYS_seccomp = 317;
    public const int SYS_bpf = 321;
    public const int SYS_execveat = 322;
}
