using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const int SO_REUSEADDR = 2;
    public const int SO_ERROR = 4;
    public const int IPPROTO_IPV6 = 41;
    public const int IPV6_V6ONLY = 26;
    public const int SHUT_WR = 1;

    [StructLayout(LayoutKind.Sequential, Size = 16)]
    public struct sockaddr_in
    {
        public ushort sin_family;
        public ushort sin_port;
        public fixed byte sin_addr[4];
    }

    public struct sockaddr_in6
    {
        public ushort sin6_family;
        public ushort sin6_port;
        public uint sin6_flowinfo;
        public fixed byte sin6_addr[16];
        public uint sin6_scope_id;
    }

    [LibraryImport(libc, SetLastError = true)]
    public static partial int listen(int fd, int backlog);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int accept4(int fd, void* address, uint* length, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int shutdown(int fd, int how);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int getsockopt(int fd, int level, int name, void* value, uint* length);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint recvfrom(int fd, void* buf, nuint length, int flags, void* address, uint* addressLength);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint sendto(int fd, void* buf, nuint length, int flags, void* address, uint addressLength);
}
