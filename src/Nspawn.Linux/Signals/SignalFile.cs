using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Blocked signals as something to poll and read; signalfd(2).</summary>
public sealed unsafe class SignalFile : IDisposable
{
    public SignalFile(SignalSet signals)
    {
        LibC.sigset_t set = new() { bits = signals.Mask };
        nint fd = Check.Result(LibC.signalfd(-1, &set, LibC.SFD_CLOEXEC | LibC.SFD_NONBLOCK), "signals");
        Handle = new SafeFileHandle(fd, ownsHandle: true);
    }

    public SafeFileHandle Handle { get; }

    /// <summary>The next pending signal's number; 0 when none is pending.</summary>
    public int Read()
    {
        LibC.signalfd_siginfo info;
        nint count = LibC.read(Handle.Fd(), &info, (nuint)sizeof(LibC.signalfd_siginfo));
        if (count > 0)
        {
            return (int)info.ssi_signo;
        }

        Errno errno = Check.LastErrno();
        return errno is Errno.EAGAIN or Errno.EINTR ? 0 : throw new SyscallException("read", errno, "signalfd");
    }

    public void Dispose() => Handle.Dispose();
}
