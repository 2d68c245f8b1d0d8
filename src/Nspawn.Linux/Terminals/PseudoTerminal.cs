using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>The launcher's end of the container's console; pty(7).</summary>
public static unsafe class PseudoTerminal
{
    /// <summary>A new terminal of the devpts that a tree has at /dev/pts; null where it has none.</summary>
    public static SafeFileHandle? TryOpenMaster(RootDirectory root)
    {
        // As a place first, and then that very place: whatever else stood there could act, or wait.
        using SafeFileHandle? place = root.TryOpen("/dev/pts/ptmx", OpenMode.Path, out _);
        return place is null || !FileStatus.Of(place, "/dev/pts/ptmx").IsTerminalMaster || !FileSystems.IsDevpts(place)
            ? null
            : Descriptors.TryOpen($"/proc/self/fd/{place.Fd()}", OpenMode.ReadWrite, out _);
    }

    /// <summary>Makes the slave of a new master usable, and opens it.</summary>
    public static SafeFileHandle Unlock(SafeFileHandle master)
    {
        int locked = 0;
        _ = Check.Result(LibC.ioctl(master.Fd(), LibC.TIOCSPTLCK, (nint)(&locked)), "console");
        return Terminal.OpenSlave(master) ?? throw new SyscallException("ioctl", Check.LastErrno(), "console");
    }

    /// <summary>Reads and writes return at once from now on; the description is the launcher's own.</summary>
    public static void MakeNonBlocking(SafeFileHandle master)
    {
        int fd = master.Fd();
        nint flags = Check.Result(LibC.fcntl(fd, LibC.F_GETFL, 0), "console");
        _ = Check.Result(LibC.fcntl(fd, LibC.F_SETFL, flags | LibC.O_NONBLOCK), "console");
    }

    /// <summary>
    /// What the container printed. The kernel says would-block only when it has handed over all that was printed
    /// before the call.
    /// </summary>
    public static IoResult Read(SafeFileHandle master, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            return IoResult.Of(LibC.read(master.Fd(), first, (nuint)buffer.Length));
        }
    }

    /// <summary>Types into the container.</summary>
    public static IoResult Write(SafeFileHandle master, ReadOnlySpan<byte> data)
    {
        fixed (byte* first = data)
        {
            return IoResult.Of(LibC.write(master.Fd(), first, (nuint)data.Length));
        }
    }
}
