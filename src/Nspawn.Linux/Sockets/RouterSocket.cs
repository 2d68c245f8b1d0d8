using System.Buffers.Binary;
using System.Net;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Sockets by which a router serves one link: questions of the hosts on it come in, answers go out by it only.</summary>
public static unsafe class RouterSocket
{
    /// <summary>IPv4 datagrams that come by the link for a port; what is broadcast reaches every such socket.</summary>
    /// <param name="link">The link's name.</param>
    /// <param name="port">The port on this side.</param>
    /// <param name="sender">Only from this link-layer address; empty: from all.</param>
    public static SafeFileHandle Udp(string link, ushort port, ReadOnlySpan<byte> sender)
    {
        SafeFileHandle socket = Make(LibC.AF_INET, LibC.SOCK_DGRAM, 0, link, sender);
        Set(socket, LibC.SOL_SOCKET, LibC.SO_REUSEADDR, 1);
        Set(socket, LibC.SOL_SOCKET, LibC.SO_BROADCAST, 1);
        LibC.sockaddr_in name = new() { sin_family = LibC.AF_INET, sin_port = BinaryPrimitives.ReverseEndianness(port) };
        _ = Check.Result(LibC.bind(socket.Fd(), &name, (uint)sizeof(LibC.sockaddr_in)), $"UDP port {port} on {link}");
        return socket;
    }

    /// <summary>ICMPv6 messages of one type that come by the link for all routers; the checksum is the kernel's care.</summary>
    public static SafeFileHandle Icmp(string link, int index, byte type, ReadOnlySpan<byte> sender)
    {
        const int Routable = 255; // what has passed a router is not believed
        SafeFileHandle socket = Make(LibC.AF_INET6, LibC.SOCK_RAW, LibC.IPPROTO_ICMPV6, link, sender);
        uint* passed = stackalloc uint[8]; // struct icmp6_filter: a set bit blocks
        new Span<uint>(passed, 8).Fill(uint.MaxValue);
        passed[type >> 5] &= ~(1u << (type & 31));
        _ = Check.Result(LibC.setsockopt(socket.Fd(), LibC.IPPROTO_ICMPV6, LibC.ICMP6_FILTER, passed, 32), "ICMPv6");
        Set(socket, LibC.IPPROTO_IPV6, LibC.IPV6_MULTICAST_HOPS, Routable);
        Set(socket, LibC.IPPROTO_IPV6, LibC.IPV6_MULTICAST_LOOP, 0);
        LibC.ipv6_mreq group = new() { ipv6mr_interface = (uint)index };
        _ = IPAddress.Parse("ff02::2").TryWriteBytes(new Span<byte>(group.ipv6mr_multiaddr, 16), out _);
        _ = Check.Result(
            LibC.setsockopt(socket.Fd(), LibC.IPPROTO_IPV6, LibC.IPV6_JOIN_GROUP, &group, (uint)sizeof(LibC.ipv6_mreq)), link);
        return socket;
    }

    private static SafeFileHandle Make(int family, int type, int protocol, string link, ReadOnlySpan<byte> sender)
    {
        SafeFileHandle socket = Descriptors.Own(Check.Result(
            LibC.socket(family, type | LibC.SOCK_CLOEXEC | LibC.SOCK_NONBLOCK, protocol), link));
        if (!sender.IsEmpty)
        {
            Filter(socket, sender);
        }

        byte[] name = Encoding.UTF8.GetBytes(link);
        fixed (byte* first = name)
        {
            _ = Check.Result(LibC.setsockopt(socket.Fd(), LibC.SOL_SOCKET, LibC.SO_BINDTODEVICE, first, (uint)name.Length), link);
        }

        return socket;
    }

    /// <summary>Only what comes from this link-layer address. On a bridge with many machines each launcher is woken by its own.</summary>
    public static void Filter(SafeFileHandle socket, ReadOnlySpan<byte> sender)
    {
        const uint Sender = unchecked((uint)-0x200000) + 6; // SKF_LL_OFF, and behind the receiver in an Ethernet header
        ulong* program = stackalloc ulong[6]
        {
            Instruction(0x20 /* load a word */, 0, 0, Sender),
            Instruction(0x15 /* equal */, 0, 3, BinaryPrimitives.ReadUInt32BigEndian(sender)),
            Instruction(0x28 /* load half a word */, 0, 0, Sender + 4),
            Instruction(0x15, 0, 1, BinaryPrimitives.ReadUInt16BigEndian(sender[4..])),
            Instruction(0x06 /* all of it */, 0, 0, uint.MaxValue),
            Instruction(0x06 /* none of it */, 0, 0, 0),
        };
        LibC.sock_fprog header = new() { len = 6, filter = (nint)program };
        _ = Check.Result(
            LibC.setsockopt(socket.Fd(), LibC.SOL_SOCKET, LibC.SO_ATTACH_FILTER, &header, (uint)sizeof(LibC.sock_fprog)), "filter");
    }

    private static ulong Instruction(ushort code, byte whenTrue, byte whenFalse, uint operand) =>
        code | (ulong)whenTrue << 16 | (ulong)whenFalse << 24 | (ulong)operand << 32;

    private static void Set(SafeFileHandle socket, int level, int option, int value) =>
        _ = Check.Result(LibC.setsockopt(socket.Fd(), level, option, &value, sizeof(int)), "socket");
}
