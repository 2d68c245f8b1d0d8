using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// The init of <c>--as-pid2</c>: PID 1 that stays behind when the payload becomes PID 2, reaps what is orphaned, and
/// turns the shutdown signals that service managers know into an orderly end. It is still a copy of the launcher, under
/// the same rule as every cloned child: raw calls only, no allocation.
/// </summary>
internal static unsafe class StubInit
{
    /// <summary>What the stub needs, compiled before the clone.</summary>
    internal struct Arguments
    {
        /// <summary>The launcher's own command line: what /proc/1/cmdline shows unless overwritten.</summary>
        public byte* ArgStart;
        public nint ArgLength;

        /// <summary>The caller's environment: what /proc/1/environ shows unless overwritten.</summary>
        public byte* EnvStart;
        public nint EnvLength;

        /// <summary>What it shows instead; no longer than what it replaces.</summary>
        public byte* Environment;
        public nint EnvironmentLength;
        public byte* Name; // 16 bytes, NUL-terminated

        /// <summary>Added to the signal that killed the payload; 0: the end is a plain 255, as systemd-nspawn has it.</summary>
        public int SignalBase;
    }

    private const int PR_SET_NAME = 15;
    private const int PR_SET_DUMPABLE = 4;
    private const uint LINUX_REBOOT_MAGIC1 = 0xfee1dead;
    private const int LINUX_REBOOT_MAGIC2 = 672274793;
    private const int RB_AUTOBOOT = 0x01234567;
    private const int RB_POWER_OFF = 0x4321FEDC;
    private const int ExceptionStatus = 255;
    private const int SIGRTMIN = LibC.SIGRTMIN;

    private struct Timespec
    {
        public long tv_sec;
        public long tv_nsec;
    }

    private enum Ending
    {
        None,
        PowerOff,
        Reboot,
    }

    /// <summary>Forks. The child returns and goes on towards the payload; the parent never returns.</summary>
    /// <remarks>
    /// The payload may trace PID 1, and through /proc/1/fd would reach whatever the launcher has open: the host's
    /// mounts. So nothing is left there before the child goes on, which waits for the end of a pipe.
    /// </remarks>
    internal static void BecomeUnlessChild(nint argument, int* errno)
    {
        ulong all = ulong.MaxValue;
        ulong before = 0;
        int* gate = stackalloc int[2];
        Hide((Arguments*)argument);
        _ = LibC.syscall_raw(LibC.SYS_rt_sigprocmask, LibC.SIG_SETMASK, (nint)(&all), (nint)(&before), 8, 0, 0);
        if (LibC.syscall_raw(LibC.SYS_pipe2, (nint)gate, LibC.O_CLOEXEC, 0, 0, 0, 0) < 0)
        {
            Leave(ExceptionStatus);
        }

        LibC.clone_args clone = new() { exit_signal = LibC.SIGCHLD };
        nint pid = LibC.syscall_raw(LibC.SYS_clone3, (nint)(&clone), sizeof(LibC.clone_args), 0, 0, 0, 0);
        if (pid == 0)
        {
            byte nothing;
            _ = LibC.syscall_raw(LibC.SYS_close, gate[1], 0, 0, 0, 0, 0);
            _ = LibC.syscall_raw(LibC.SYS_read, gate[0], (nint)(&nothing), 1, 0, 0, 0);
            _ = LibC.syscall_raw(LibC.SYS_rt_sigprocmask, LibC.SIG_SETMASK, (nint)(&before), 0, 8, 0, 0);
            _ = LibC.syscall_raw(LibC.SYS_setsid, 0, 0, 0, 0, 0, 0);
            return;
        }

        _ = LibC.syscall_raw(LibC.SYS_close_range, 0, unchecked((nint)uint.MaxValue), 0, 0, 0, 0);
        _ = LibC.syscall_raw(LibC.SYS_prctl, PR_SET_NAME, (nint)((Arguments*)argument)->Name, 0, 0, 0, 0);
        Serve(pid, ((Arguments*)argument)->SignalBase, errno);
    }

    // Nobody inside may see the launcher's environment or its command line; not dumpable: /proc/1/exe and /proc/1/mem
    // stay shut to whoever lacks CAP_SYS_PTRACE over the launcher's user namespace. Before the fork, as the child's
    // memory is a copy.
    private static void Hide(Arguments* arguments)
    {
        _ = LibC.syscall_raw(LibC.SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0, 0);
        for (nint i = 0; i < arguments->EnvLength; i++)
        {
            arguments->EnvStart[i] = i < arguments->EnvironmentLength ? arguments->Environment[i] : (byte)0;
        }

        bool named = false;
        for (nint i = 0; i < arguments->ArgLength; i++)
        {
            named |= arguments->Name[named ? 0 : i] == 0;
            arguments->ArgStart[i] = named ? (byte)0 : arguments->Name[i];
        }
    }

    private static void Serve(nint payload, int signalBase, int* errno)
    {
        ulong all = ulong.MaxValue;
        Ending ending = Ending.None;
        Timespec grace = new() { tv_sec = 90 };
        LibC.siginfo_t info;
        while (true)
        {
            Reap(payload, ending, signalBase);
            Timespec* timeout = ending == Ending.None ? null : &grace;
            nint signal = LibC.syscall_raw(
                LibC.SYS_rt_sigtimedwait, (nint)(&all), (nint)(&info), (nint)timeout, 8, 0, 0);
            if (signal < 0)
            {
                if (timeout is not null && *errno == LibC.EAGAIN) // the grace has passed
                {
                    Leave(ExceptionStatus);
                }

                continue;
            }

            Ending asked = EndingAskedBy((int)signal);
            if (asked != Ending.None && ending == Ending.None)
            {
                ending = asked;
                _ = LibC.syscall_raw(LibC.SYS_kill, payload, LibC.SIGTERM, 0, 0, 0, 0);
                _ = LibC.syscall_raw(LibC.SYS_kill, payload, LibC.SIGCONT, 0, 0, 0, 0);
                _ = LibC.syscall_raw(LibC.SYS_kill, payload, LibC.SIGHUP, 0, 0, 0, 0);
            }
        }
    }

    private static Ending EndingAskedBy(int signal) => signal switch
    {
        SIGRTMIN + 3 or SIGRTMIN + 4 or SIGRTMIN + 13 or SIGRTMIN + 14 => Ending.PowerOff,
        LibC.SIGINT or SIGRTMIN + 5 or SIGRTMIN + 6 or SIGRTMIN + 15 or SIGRTMIN + 16 => Ending.Reboot,
        _ => Ending.None,
    };

    private static void Reap(nint payload, Ending ending, int signalBase)
    {
        LibC.siginfo_t info;
        while (true)
        {
            info.si_pid = 0;
            nint result = LibC.syscall_raw(
                LibC.SYS_waitid, LibC.P_ALL, 0, (nint)(&info), LibC.WEXITED | LibC.WNOHANG, 0, 0);
            if (result < 0 || info.si_pid == 0)
            {
                return;
            }

            if (info.si_pid == payload)
            {
                switch (ending)
                {
                    case Ending.Reboot:
                        Reboot(RB_AUTOBOOT);
                        break;
                    case Ending.PowerOff:
                        Reboot(RB_POWER_OFF);
                        break;
                }

                bool exited = info.si_code == LibC.CLD_EXITED;
                Leave(exited ? info.si_status : signalBase == 0 ? ExceptionStatus : signalBase + info.si_status);
            }
        }
    }

    private static void Reboot(int command) =>
        _ = LibC.syscall_raw(LibC.SYS_reboot, unchecked((int)LINUX_REBOOT_MAGIC1), LINUX_REBOOT_MAGIC2, command, 0, 0, 0);

    private static void Leave(int status) => Child.Exit(status);
}
