using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    public const int SIOCSIFFLAGS = 0x8914;
    public const int IFNAMSIZ = 16;
    public const short IFF_UP = 0x1;
    public const short IFF_LOOPBACK = 0x8;
    public const short IFF_RUNNING = 0x40;

    /// <summary>struct ifreq, of whose union only the flags are used.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    public struct ifreq
    {
        public fixed byte ifr_name[IFNAMSIZ];
        public short ifr_flags;
    }
}
