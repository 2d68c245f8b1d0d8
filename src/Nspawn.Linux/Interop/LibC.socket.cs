using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const int AF_UNIX = 1;
    public const int SOCK_STREAM = 1;
    public const int SOCK_DGRAM = 2;
    public const int SOCK_RAW = 3;
    public const int SOCK_SEQPACKET = 5;
    public const int SOCK_CLOEXEC = O_CLOEXEC;
    public const int SOCK_NONBLOCK = O_NONBLOCK;
    public const int SOL_SOCKET = 1;
    public const int SO_PASSCRED = 16;
    public const int SO_RCVTIMEO = 20;
    public const int SO_SNDTIMEO = 21;
    public const int SO_PASSRIGHTS = 83;
    public const int SCM_RIGHTS = 1;
    public const int SCM_CREDENTIALS = 2;
    public const int SCM_PIDFD = 4;
    public const int MSG_CTRUNC = 0x08;
    public const int MSG_TRUNC = 0x20;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_CMSG_CLOEXEC = 0x40000000;

    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_un
    {
        public ushort sun_family;
        public fixed byte sun_path[108];
    }

    public struct timeval
    {
        public long tv_sec;
        public long tv_usec;
    }

    public struct iovec
    {
        public void* iov_base;
        public nuint iov_len;
    }

    public struct msghdr
    {
        public void* msg_name;
        public uint msg_namelen;
        public iovec* msg_iov;
        public nuint msg_iovlen;
        public void* msg_control;
        public nuint msg_controllen;
        public int msg_flags;
    }

    public struct cmsghdr
    {
        public nuint cmsg_len;
        public int cmsg_level;
        public int cmsg_type;
    }

    public struct ucred
    {
        public int pid;
        public uint uid;
        public uint gid;
    }

    [LibraryImport(libc, SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int bind(int fd, void* address, uint length);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int connect(int fd, void* address, uint length);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int setsockopt(int fd, int level, int name, void* value, uint length);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint send(int fd, void* buf, nuint length, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint recv(int fd, void* buf, nuint length, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint recvmsg(int fd, msghdr* message, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint sendmsg(int fd, msghdr* message, int flags);
}
