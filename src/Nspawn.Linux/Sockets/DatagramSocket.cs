using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>A datagram of an AF_UNIX socket and who sent it, as the kernel vouches; unix(7).</summary>
/// <param name="Length">How many bytes of the buffer it fills; -1 when nothing is waiting.</param>
/// <param name="SenderPid">The sender as the host numbers it; 0 when unknown.</param>
/// <param name="Complete">It fitted the buffer.</param>
public readonly record struct Datagram(int Length, int SenderPid, bool Complete);

/// <summary>AF_UNIX datagram sockets, the transport of sd_notify(3).</summary>
public static unsafe class DatagramSocket
{
    /// <summary>Room for credentials, a pidfd and the 253 descriptors a message can carry.</summary>
    private const int ControlLength = 2048;

    private const int LongestAddress = 107;

    /// <summary>
    /// A socket connected to an address: a path, or an abstract name with a leading <c>@</c>; null when it cannot be.
    /// </summary>
    public static SafeFileHandle? Connect(ReadOnlySpan<byte> address)
    {
        if (address.Length is 0 or > LongestAddress)
        {
            return null;
        }

        LibC.sockaddr_un name = NameOf(address, out uint length);
        int fd = (int)Check.Result(LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0), "AF_UNIX");
        SafeFileHandle socket = new(fd, ownsHandle: true);
        if (LibC.connect(fd, &name, length) < 0)
        {
            socket.Dispose();
            return null;
        }

        return socket;
    }

    /// <summary>A socket listening at an address, told by the kernel who sends.</summary>
    public static SafeFileHandle Bind(ReadOnlySpan<byte> address)
    {
        LibC.sockaddr_un name = NameOf(address, out uint length);
        const int Type = LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC;
        SafeFileHandle socket = Descriptors.Own(Check.Result(LibC.socket(LibC.AF_UNIX, Type, 0), "AF_UNIX"));
        int on = 1;
        _ = Check.Result(
            LibC.setsockopt(socket.Fd(), LibC.SOL_SOCKET, LibC.SO_PASSCRED, &on, sizeof(int)), "notify socket");
        _ = Check.Result(LibC.bind(socket.Fd(), &name, length), "notify socket");
        return socket;
    }

    /// <summary>A send waits at most so long for a receiver that does not read.</summary>
    public static void LimitSend(SafeFileHandle socket, int seconds)
    {
        LibC.timeval limit = new() { tv_sec = seconds };
        uint length = (uint)sizeof(LibC.timeval);
        _ = Check.Result(
            LibC.setsockopt(socket.Fd(), LibC.SOL_SOCKET, LibC.SO_SNDTIMEO, &limit, length), "socket");
    }

    /// <summary>
    /// Has the kernel turn away datagrams that carry descriptors, so that no descriptor of a stranger has ever to be
    /// closed here; false before Linux 6.16.
    /// </summary>
    public static bool RefuseDescriptors(SafeFileHandle socket)
    {
        int off = 0;
        return LibC.setsockopt(socket.Fd(), LibC.SOL_SOCKET, LibC.SO_PASSRIGHTS, &off, sizeof(int)) == 0;
    }

    /// <summary>Sends one datagram; false when the receiver is gone or does not read.</summary>
    public static bool Send(SafeFileHandle socket, ReadOnlySpan<byte> message)
    {
        fixed (byte* first = message)
        {
            nint sent;
            do
            {
                sent = LibC.send(socket.Fd(), first, (nuint)message.Length, LibC.MSG_NOSIGNAL);
            }
            while (sent < 0 && Check.LastErrno() == Errno.EINTR);

            return sent == message.Length;
        }
    }

    /// <summary>Takes the next waiting datagram without blocking, and closes whatever descriptors came with it.</summary>
    public static Datagram Receive(SafeFileHandle socket, Span<byte> buffer)
    {
        ulong* control = stackalloc ulong[ControlLength / sizeof(ulong)];
        LibC.msghdr message = new() { msg_iovlen = 1, msg_control = control, msg_controllen = ControlLength };
        nint length;
        fixed (byte* first = buffer)
        {
            LibC.iovec vector = new() { iov_base = first, iov_len = (nuint)buffer.Length };
            message.msg_iov = &vector;
            length = LibC.recvmsg(socket.Fd(), &message, LibC.MSG_DONTWAIT | LibC.MSG_CMSG_CLOEXEC);
        }

        if (length < 0)
        {
            Errno errno = Check.LastErrno();
            return errno is Errno.EAGAIN or Errno.EINTR or Errno.ECONNRESET
                ? new Datagram(-1, 0, Complete: false)
                : throw new SyscallException("recvmsg", errno, "notify socket");
        }

        return new Datagram((int)length, TakeControl(message), (message.msg_flags & LibC.MSG_TRUNC) == 0);
    }

    private static LibC.sockaddr_un NameOf(ReadOnlySpan<byte> address, out uint length)
    {
        LibC.sockaddr_un name = new() { sun_family = LibC.AF_UNIX };
        address.CopyTo(new Span<byte>(name.sun_path, LongestAddress));
        // An abstract name starts with a NUL and ends with its length, a path ends with a NUL.
        bool isAbstract = address[0] == (byte)'@';
        name.sun_path[0] = isAbstract ? (byte)0 : address[0];
        length = (uint)(sizeof(ushort) + address.Length + (isAbstract ? 0 : 1));
        return name;
    }

    private static int TakeControl(in LibC.msghdr message)
    {
        int sender = 0;
        byte* at = (byte*)message.msg_control;
        byte* end = at + message.msg_controllen;
        while (end - at >= sizeof(LibC.cmsghdr))
        {
            LibC.cmsghdr* header = (LibC.cmsghdr*)at;
            int* data = (int*)(header + 1);
            int count = ((int)header->cmsg_len - sizeof(LibC.cmsghdr)) / sizeof(int);
            switch (header->cmsg_level, header->cmsg_type)
            {
                case (LibC.SOL_SOCKET, LibC.SCM_CREDENTIALS):
                    sender = ((LibC.ucred*)data)->pid;
                    break;
                case (LibC.SOL_SOCKET, LibC.SCM_RIGHTS or LibC.SCM_PIDFD):
                    for (int i = 0; i < count; i++)
                    {
                        _ = LibC.close(data[i]);
                    }

                    break;
            }

            at += ((int)header->cmsg_len + sizeof(ulong) - 1) & ~(sizeof(ulong) - 1);
        }

        return sender;
    }
}
