using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>How a terminal treats what is typed and printed; termios(3).</summary>
public sealed unsafe class TerminalAttributes
{
    /// <summary>How many bytes <see cref="ToBytes"/> gives.</summary>
    public static readonly int Length = sizeof(LibC.termios);

    private readonly LibC.termios _termios;

    private TerminalAttributes(LibC.termios termios) => _termios = termios;

    /// <summary>The attributes as the C library's struct termios, for whoever has to restore them in our stead.</summary>
    public byte[] ToBytes()
    {
        LibC.termios termios = _termios;
        return new ReadOnlySpan<byte>(&termios, sizeof(LibC.termios)).ToArray();
    }

    public static TerminalAttributes FromBytes(ReadOnlySpan<byte> bytes)
    {
        LibC.termios termios;
        bytes[..sizeof(LibC.termios)].CopyTo(new Span<byte>(&termios, sizeof(LibC.termios)));
        return new TerminalAttributes(termios);
    }

    /// <summary>The attributes of a terminal; null when it is none.</summary>
    public static TerminalAttributes? Of(SafeFileHandle handle)
    {
        LibC.termios termios;
        return LibC.tcgetattr(handle.Fd(), &termios) == 0 ? new TerminalAttributes(termios) : null;
    }

    /// <summary>Nothing interpreted, in either direction; cfmakeraw(3).</summary>
    public TerminalAttributes Raw()
    {
        LibC.termios termios = _termios;
        LibC.cfmakeraw(&termios);
        return new TerminalAttributes(termios);
    }

    /// <summary>What is typed comes a line at a time, and of it only the line's end is shown.</summary>
    public TerminalAttributes Silent()
    {
        LibC.termios termios = _termios;
        termios.c_iflag |= LibC.ICRNL;
        termios.c_lflag = (termios.c_lflag & ~LibC.ECHO) | LibC.ICANON | LibC.ISIG | LibC.ECHONL;
        return new TerminalAttributes(termios);
    }

    /// <summary>Raw for what is typed, as before for what is printed.</summary>
    public TerminalAttributes RawInput()
    {
        LibC.termios termios = Raw()._termios;
        termios.c_oflag = _termios.c_oflag;
        return new TerminalAttributes(termios);
    }

    /// <summary>Raw for what is printed, as before for what is typed.</summary>
    public TerminalAttributes RawOutput()
    {
        LibC.termios termios = _termios;
        termios.c_oflag = Raw()._termios.c_oflag;
        return new TerminalAttributes(termios);
    }

    /// <summary>
    /// Sets the attributes at once; false when the terminal is gone. What is still to be printed is not waited for:
    /// a terminal stopped with Ctrl-S would hold the launcher for ever.
    /// </summary>
    public bool Apply(SafeFileHandle terminal)
    {
        // A background process that sets attributes is stopped with SIGTTOU, unless it blocks that.
        SignalSet before = SignalMask.Block(SignalSet.Of(LibC.SIGTTOU));
        try
        {
            LibC.termios termios = _termios;
            return LibC.tcsetattr(terminal.Fd(), LibC.TCSANOW, &termios) == 0;
        }
        finally
        {
            SignalMask.Set(before);
        }
    }
}
