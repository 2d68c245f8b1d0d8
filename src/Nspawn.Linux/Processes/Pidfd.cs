using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>How a child ended: by a status of its own, or by a signal.</summary>
/// <param name="Signalled">Killed by a signal.</param>
/// <param name="Value">The exit status or the signal.</param>
public readonly record struct ChildEnd(bool Signalled, int Value);

/// <summary>A process held by descriptor, which never means another process later; pidfd_open(2).</summary>
public static unsafe class Pidfd
{
    private const long PidfsMagic = 0x50494446;

    /// <summary>The process that has the number now; null when there is none.</summary>
    public static SafeFileHandle? TryOpen(int pid, out Errno errno)
    {
        nint fd = LibC.syscall(LibC.SYS_pidfd_open, pid, 0, 0, 0, 0, 0);
        errno = fd < 0 ? Check.LastErrno() : 0;
        return fd < 0 ? null : Descriptors.Own(fd);
    }

    /// <summary>The process has not ended; a zombie has.</summary>
    public static bool IsAlive(SafeFileHandle pidfd)
    {
        Span<PollEntry> look = [PollEntry.For(pidfd, PollEvents.Readable)];
        return Poll.Wait(look, 0) == 0;
    }

    /// <summary>A number no other process ever has had or will have; null before Linux 6.9.</summary>
    public static ulong? Identity(SafeFileHandle pidfd)
    {
        LibC.statfs_t status;
        return LibC.fstatfs(pidfd.Fd(), &status) == 0 && status.f_type == PidfsMagic
            ? FileStatus.Of(pidfd, "pidfd").Inode
            : null;
    }

    /// <summary>Sends a signal; false when the process is gone.</summary>
    public static bool Send(SafeFileHandle pidfd, int signal)
    {
        nint result = LibC.syscall(LibC.SYS_pidfd_send_signal, pidfd.Fd(), signal, 0, 0, 0, 0);
        if (result < 0 && Check.LastErrno() == Errno.ESRCH)
        {
            return false;
        }

        _ = Check.Result(result, Signal.NameOf(signal), "LibC.SYS_pidfd_send_signal");
        return true;
    }

    /// <summary>Waits for a child's end and reaps it; waitid(2).</summary>
    public static ChildEnd Wait(SafeFileHandle pidfd)
    {
        LibC.siginfo_t info = default;
        while (LibC.waitid(LibC.P_PIDFD, (uint)pidfd.Fd(), &info, LibC.WEXITED | LibC.__WALL) < 0)
        {
            Errno errno = Check.LastErrno();
            if (errno != Errno.EINTR)
            {
                throw new SyscallException("waitid", errno, "leader");
            }
        }

        return new ChildEnd(info.si_code != LibC.CLD_EXITED, info.si_status);
    }
}
