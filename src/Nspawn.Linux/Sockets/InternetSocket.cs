using System.Buffers.Binary;
using System.Net;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>TCP and UDP sockets that never block; tcp(7), udp(7). A socket belongs to the network its maker was in.</summary>
public static unsafe class InternetSocket
{
    /// <summary>Somebody on the host listens on the port, on whichever of its addresses.</summary>
    public static bool IsTaken(bool tcp, ushort port)
    {
        foreach (IPAddress any in (IPAddress[])[IPAddress.Any, IPAddress.IPv6Any])
        {
            using SafeFileHandle? socket = TryListen(tcp, new IPEndPoint(any, port), out Errno errno);
            if (socket is null && errno == Errno.EADDRINUSE)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A socket that listens at an address; null: it cannot be had.</summary>
    public static SafeFileHandle? TryListen(bool tcp, IPEndPoint address, out Errno errno)
    {
        const int Backlog = 128;
        SafeFileHandle? socket = TryMake(tcp, address.Address, out errno);
        if (socket is null)
        {
            return null;
        }

        int on = 1;
        if (tcp)
        {
            // Connections that have ended a moment ago take nothing from the next.
            _ = LibC.setsockopt(socket.Fd(), LibC.SOL_SOCKET, LibC.SO_REUSEADDR, &on, sizeof(int));
        }

        _ = LibC.setsockopt(socket.Fd(), LibC.IPPROTO_IPV6, LibC.IPV6_V6ONLY, &on, sizeof(int));
        LibC.sockaddr_in6 name = NameOf(address, out uint length);
        if (LibC.bind(socket.Fd(), &name, length) < 0 || (tcp && LibC.listen(socket.Fd(), Backlog) < 0))
        {
            errno = Check.LastErrno();
            socket.Dispose();
            return null;
        }

        return socket;
    }

    /// <summary>A socket on its way to an address; null: there is none.</summary>
    public static SafeFileHandle? TryConnect(bool tcp, IPEndPoint address)
    {
        SafeFileHandle? socket = TryMake(tcp, address.Address, out _);
        if (socket is null)
        {
            return null;
        }

        LibC.sockaddr_in6 name = NameOf(address, out uint length);
        if (LibC.connect(socket.Fd(), &name, length) < 0 && Check.LastErrno() != Errno.EINPROGRESS)
        {
            socket.Dispose();
            return null;
        }

        return socket;
    }

    /// <summary>The next connection that waits; null: none does.</summary>
    public static SafeFileHandle? Accept(SafeFileHandle listener)
    {
        int fd = LibC.accept4(listener.Fd(), null, null, LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC);
        return fd < 0 ? null : Descriptors.Own(fd);
    }

    /// <summary>The error a connecting socket has come to; 0: it is connected, or still on its way.</summary>
    public static Errno ErrorOf(SafeFileHandle socket)
    {
        int error = 0;
        uint length = sizeof(int);
        return LibC.getsockopt(socket.Fd(), LibC.SOL_SOCKET, LibC.SO_ERROR, &error, &length) < 0 ? Check.LastErrno() : (Errno)error;
    }

    /// <summary>Says that nothing more will be sent.</summary>
    public static void EndSending(SafeFileHandle socket) => _ = LibC.shutdown(socket.Fd(), LibC.SHUT_WR);

    public static IoResult Receive(SafeFileHandle socket, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            return IoResult.Of(LibC.recv(socket.Fd(), first, (nuint)buffer.Length, 0));
        }
    }

    public static IoResult Send(SafeFileHandle socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            return IoResult.Of(LibC.send(socket.Fd(), first, (nuint)bytes.Length, LibC.MSG_NOSIGNAL));
        }
    }

    /// <summary>The next datagram and who sent it.</summary>
    public static IoResult ReceiveFrom(SafeFileHandle socket, Span<byte> buffer, out IPEndPoint? sender)
    {
        LibC.sockaddr_in6 name;
        uint length = (uint)sizeof(LibC.sockaddr_in6);
        fixed (byte* first = buffer)
        {
            IoResult result = IoResult.Of(LibC.recvfrom(socket.Fd(), first, (nuint)buffer.Length, 0, &name, &length));
            sender = result.Error == 0 ? EndPointOf(name) : null;
            return result;
        }
    }

    public static void SendTo(SafeFileHandle socket, ReadOnlySpan<byte> bytes, IPEndPoint receiver, int link = 0)
    {
        LibC.sockaddr_in6 name = NameOf(receiver, out uint length);
        name.sin6_scope_id = (uint)link; // which an address that is good on one link only needs
        fixed (byte* first = bytes)
        {
            _ = LibC.sendto(socket.Fd(), first, (nuint)bytes.Length, LibC.MSG_NOSIGNAL, &name, length); // lost as any datagram may be
        }
    }

    private static SafeFileHandle? TryMake(bool tcp, IPAddress family, out Errno errno)
    {
        int type = (tcp ? LibC.SOCK_STREAM : LibC.SOCK_DGRAM) | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC;
        int fd = LibC.socket(IsIPv6(family) ? LibC.AF_INET6 : LibC.AF_INET, type, 0);
        errno = fd < 0 ? Check.LastErrno() : 0;
        return fd < 0 ? null : Descriptors.Own(fd);
    }

    private static bool IsIPv6(IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    private static LibC.sockaddr_in6 NameOf(IPEndPoint address, out uint length)
    {
        LibC.sockaddr_in6 name = default;
        ushort port = BinaryPrimitives.ReverseEndianness((ushort)address.Port);
        if (IsIPv6(address.Address))
        {
            name.sin6_family = LibC.AF_INET6;
            name.sin6_port = port;
            _ = address.Address.TryWriteBytes(new Span<byte>(name.sin6_addr, 16), out _);
            length = (uint)sizeof(LibC.sockaddr_in6);
            return name;
        }

        LibC.sockaddr_in* shorter = (LibC.sockaddr_in*)&name;
        shorter->sin_family = LibC.AF_INET;
        shorter->sin_port = port;
        _ = address.Address.TryWriteBytes(new Span<byte>(shorter->sin_addr, 4), out _);
        length = (uint)sizeof(LibC.sockaddr_in);
        return name;
    }

    private static IPEndPoint EndPointOf(LibC.sockaddr_in6 name)
    {
        LibC.sockaddr_in* shorter = (LibC.sockaddr_in*)&name;
        return name.sin6_family == LibC.AF_INET6
            ? new IPEndPoint(new IPAddress(new ReadOnlySpan<byte>(name.sin6_addr, 16)), BinaryPrimitives.ReverseEndianness(name.sin6_port))
            : new IPEndPoint(new IPAddress(new ReadOnlySpan<byte>(shorter->sin_addr, 4)), BinaryPrimitives.ReverseEndianness(shorter->sin_port));
    }
}
