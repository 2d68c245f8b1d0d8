using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>A terminal's size in characters.</summary>
public readonly record struct WindowSize(ushort Rows, ushort Columns);

/// <summary>Terminals and pseudo terminals; ioctl_tty(2).</summary>
public static unsafe class Terminal
{
    public static bool Is(SafeFileHandle handle) => LibC.isatty(handle.Fd()) == 1;

    /// <summary>The terminal's size; null when it has none or is no terminal.</summary>
    public static WindowSize? SizeOf(SafeFileHandle terminal)
    {
        LibC.winsize size;
        bool known = LibC.ioctl(terminal.Fd(), LibC.TIOCGWINSZ, (nint)(&size)) == 0;
        return known && size is { ws_row: > 0, ws_col: > 0 } ? new WindowSize(size.ws_row, size.ws_col) : null;
    }

    /// <summary>Gives a pseudo terminal a size; its foreground processes get SIGWINCH when it changed.</summary>
    public static void Resize(SafeFileHandle master, WindowSize to)
    {
        LibC.winsize size = new() { ws_row = to.Rows, ws_col = to.Columns };
        _ = Check.Result(LibC.ioctl(master.Fd(), LibC.TIOCSWINSZ, (nint)(&size)), "console");
    }

    /// <summary>
    /// Opens the slave of a master without naming it, so that it does not matter where the container's devpts is
    /// mounted; null where the kernel refuses.
    /// </summary>
    public static SafeFileHandle? OpenSlave(SafeFileHandle master)
    {
        int fd = LibC.ioctl(master.Fd(), LibC.TIOCGPTPEER, LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC);
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }
}
