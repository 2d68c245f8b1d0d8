using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>What to wait for on a descriptor, or what has come; errors and hang-ups are always reported.</summary>
[Flags]
public enum PollEvents : short
{
    None = 0,
    Readable = LibC.POLLIN,
    Priority = LibC.POLLPRI,
    Writable = LibC.POLLOUT,
    Error = LibC.POLLERR,
    HangUp = LibC.POLLHUP,
}

/// <summary>One descriptor of a poll(2); laid out as the kernel's struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PollEntry
{
    private int _fd;
    private PollEvents _asked;
    private PollEvents _came;

    /// <summary>
    /// An entry that waits for nothing: not even for an error or a hang-up, which would end every wait at once.
    /// </summary>
    public static PollEntry Idle => new() { _fd = -1 };

    /// <summary>An entry that waits for these; one that waits for none is idle.</summary>
    public static PollEntry For(SafeFileHandle handle, PollEvents events) => events == PollEvents.None
        ? Idle
        : new PollEntry { _fd = handle.Fd(), _asked = events };

    /// <summary>Takes back what the last wait reported.</summary>
    internal void Forget() => _came = PollEvents.None;

    /// <summary>Something came; reading or writing will tell what.</summary>
    public readonly bool Ready => _came != PollEvents.None;

    /// <summary>A read would give data, an end or an error.</summary>
    public readonly bool CanRead => (_came & ~PollEvents.Writable) != 0;

    /// <summary>A write would take data or give an error.</summary>
    public readonly bool CanWrite => (_came & ~PollEvents.Readable) != 0;
}

/// <summary>Waiting for several descriptors; poll(2).</summary>
public static unsafe class Poll
{
    /// <summary>Waits for good: no timer fires.</summary>
    public const int Forever = -1;

    /// <summary>How many entries are ready; 0 when the time is up or a signal came between.</summary>
    public static int Wait(Span<PollEntry> entries, int timeoutMilliseconds)
    {
        fixed (PollEntry* first = entries)
        {
            int ready = LibC.poll((LibC.pollfd*)first, (nuint)entries.Length, timeoutMilliseconds);
            if (ready >= 0)
            {
                return ready;
            }
        }

        Errno errno = Check.LastErrno();
        if (errno is not (Errno.EINTR or Errno.EAGAIN))
        {
            throw new SyscallException("poll", errno, "descriptors");
        }

        // The kernel leaves the results of the last call in place.
        foreach (ref PollEntry entry in entries)
        {
            entry.Forget();
        }

        return 0;
    }
}
