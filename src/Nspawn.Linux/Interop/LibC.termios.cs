using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const nuint TIOCSCTTY = 0x540E;
    public const nuint TIOCGWINSZ = 0x5413;
    public const nuint TIOCSWINSZ = 0x5414;
    public const nuint TIOCGPTPEER = 0x5441;
    public const nuint TIOCSPTLCK = 0x40045431;
    public const nuint TIOCOUTQ = 0x5411;
    public const nuint FIONREAD = 0x541B;

    public const uint ICRNL = 0x100;
    public const uint ISIG = 0x1;
    public const uint ICANON = 0x2;
    public const uint ECHO = 0x8;
    public const uint ECHONL = 0x40;

    public const int TCSANOW = 0;
    public const int TCSADRAIN = 1;

    public struct winsize
    {
        public ushort ws_row;
        public ushort ws_col;
        public ushort ws_xpixel;
        public ushort ws_ypixel;
    }

    /// <summary>The C library's struct termios.</summary>
    public struct termios
    {
        public uint c_iflag;
        public uint c_oflag;
        public uint c_cflag;
        public uint c_lflag;
        public byte c_line;
        public fixed byte c_cc[32];
        public uint c_ispeed;
        public uint c_ospeed;
    }

    [LibraryImport(libc, SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, nint argument);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int tcgetattr(int fd, termios* termios);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int tcsetattr(int fd, int actions, termios* termios);

    [LibraryImport(libc)]
    public static partial void cfmakeraw(termios* termios);
}
