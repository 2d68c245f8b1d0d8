using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGQUIT = 3;
    public const int SIGKILL = 9;
    public const int SIGUSR1 = 10;
    public const int SIGUSR2 = 12;
    public const int SIGPIPE = 13;
    public const int SIGTERM = 15;
    public const int SIGCHLD = 17;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;
    public const int SIGTTOU = 22;
    public const int SIGWINCH = 28;

    /// <summary>The C library's SIGRTMIN: it keeps the kernel's first two for itself.</summary>
    public const int SIGRTMIN = 34;
    public const int SIGRTMAX = 64;

    public const nint SIG_DFL = 0;
    public const nint SIG_IGN = 1;

    public const int SIG_BLOCK = 0;
    public const int SIG_UNBLOCK = 1;
    public const int SIG_SETMASK = 2;

    public const int SFD_CLOEXEC = O_CLOEXEC;
    public const int SFD_NONBLOCK = O_NONBLOCK;

    public const int P_ALL = 0;
    public const int P_PID = 1;
    public const int P_PIDFD = 3;
    public const int WNOHANG = 1;
    public const int WEXITED = 4;
    public const int WNOWAIT = 0x01000000;
    public const int __WALL = 0x40000000;

    public const int CLD_EXITED = 1;
    public const int CLD_KILLED = 2;
    public const int CLD_DUMPED = 3;

    /// <summary>siginfo_t as waitid(2) fills it for a child.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct siginfo_t
    {
        [FieldOffset(0)] public int si_signo;
        [FieldOffset(4)] public int si_errno;
        [FieldOffset(8)] public int si_code;
        [FieldOffset(16)] public int si_pid;
        [FieldOffset(20)] public uint si_uid;
        [FieldOffset(24)] public int si_status;
    }

    [StructLayout(LayoutKind.Sequential, Size = 128)]
    public struct signalfd_siginfo
    {
        public uint ssi_signo;
        public int ssi_errno;
        public int ssi_code;
        public uint ssi_pid;
        public uint ssi_uid;
    }

    /// <summary>The C library's sigset_t: 1024 bits, of which the kernel uses 64.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    public struct sigset_t
    {
        public ulong bits;
    }

    /// <summary>The C library's struct sigaction; the name without a suffix is the call's.</summary>
    public struct sigaction_t
    {
        public nint sa_handler;
        public sigset_t sa_mask;
        public int sa_flags;
        public nint sa_restorer;
    }

    [LibraryImport(libc, SetLastError = true)]
    public static partial int sigaction(int signum, sigaction_t* act, sigaction_t* oldact);

    [LibraryImport(libc)]
    public static partial nint dlsym(nint handle, nint symbol);

    [LibraryImport(libc)]
    public static partial int pthread_sigmask(int how, sigset_t* set, sigset_t* oldset);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint signal(int signum, nint handler);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int signalfd(int fd, sigset_t* mask, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int kill(int pid, int sig);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int waitid(int idtype, uint id, siginfo_t* info, int options);
}
