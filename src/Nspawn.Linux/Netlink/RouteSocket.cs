using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// The network of the namespace its maker was in when it was made: links, addresses and routes; rtnetlink(7). It stays
/// with that namespace, whatever the thread enters later. The kernel's own words on a refusal are the exception's.
/// </summary>
public sealed unsafe partial class RouteSocket : IDisposable
{
    private const int BufferLength = 32 * 1024; // what the kernel fills at most for a dump

    private readonly SafeFileHandle _socket;
    private byte[]? _buffer;
    private uint _sequence;

    public RouteSocket()
    {
        _socket = Open();
        // Without them, an error is a number only, and comes back with all that was asked.
        SetOption(_socket, LibC.NETLINK_EXT_ACK, 1);
        SetOption(_socket, LibC.NETLINK_CAP_ACK, 1);
    }

    public void Dispose() => _socket.Dispose();

    internal static SafeFileHandle Open(int flags = 0) => Descriptors.Own(Check.Result(
        LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC | flags, LibC.NETLINK_ROUTE), "rtnetlink"));

    internal static bool SetOption(SafeFileHandle socket, int option, int value) =>
        LibC.setsockopt(socket.Fd(), LibC.SOL_NETLINK, option, &value, sizeof(int)) == 0;

    private delegate void OnMessage(ushort type, ReadOnlySpan<byte> body);

    /// <summary>Asks for a change and waits for it.</summary>
    private void Change(NetlinkMessage message, string call, string subject) => Ask(message, call, subject, null);

    private void Ask(NetlinkMessage message, string call, string subject, OnMessage? answer)
    {
        ReadOnlySpan<byte> bytes = message.Finish(++_sequence);
        fixed (byte* first = bytes)
        {
            _ = Check.Result(LibC.send(_socket.Fd(), first, (nuint)bytes.Length, 0), subject);
        }

        _buffer ??= new byte[BufferLength];
        while (true)
        {
            nint length;
            fixed (byte* first = _buffer)
            {
                length = LibC.recv(_socket.Fd(), first, BufferLength, 0);
            }

            if (length < 0 && Check.LastErrno() == Errno.EINTR)
            {
                continue;
            }

            if (Read(_buffer.AsSpan(0, (int)Check.Result(length, subject)), call, subject, answer))
            {
                return;
            }
        }
    }

    /// <summary>Takes what came with one read; true when the answer is complete.</summary>
    private bool Read(ReadOnlySpan<byte> bytes, string call, string subject, OnMessage? answer)
    {
        while (bytes.Length >= sizeof(LibC.nlmsghdr))
        {
            LibC.nlmsghdr header = MemoryMarshal.Read<LibC.nlmsghdr>(bytes);
            if (header.nlmsg_len < sizeof(LibC.nlmsghdr) || header.nlmsg_len > bytes.Length)
            {
                throw new SyscallException(call, Errno.EPROTO, subject);
            }

            ReadOnlySpan<byte> body = bytes[sizeof(LibC.nlmsghdr)..(int)header.nlmsg_len];
            bytes = bytes[Math.Min((int)((header.nlmsg_len + 3) & ~3u), bytes.Length)..];
            if (header.nlmsg_seq != _sequence)
            {
                continue; // of an earlier question
            }

            if (header.nlmsg_type is LibC.NLMSG_ERROR or LibC.NLMSG_DONE)
            {
                int error = body.Length >= sizeof(int) ? MemoryMarshal.Read<int>(body) : 0;
                return error == 0 ? true : throw new SyscallException(
                    call, (Errno)(-error), subject, ExplanationIn(header, body));
            }

            answer?.Invoke(header.nlmsg_type, body);
        }

        return false;
    }

    private static string? ExplanationIn(in LibC.nlmsghdr header, ReadOnlySpan<byte> body)
    {
        // The number and the header of what was asked; all of it, unless capped.
        int start = sizeof(int) + sizeof(LibC.nlmsghdr);
        if ((header.nlmsg_flags & LibC.NLM_F_ACK_TLVS) == 0 || body.Length < start)
        {
            return null;
        }

        if ((header.nlmsg_flags & LibC.NLM_F_CAPPED) == 0)
        {
            uint asked = MemoryMarshal.Read<LibC.nlmsghdr>(body[sizeof(int)..]).nlmsg_len;
            start = (int)Math.Min(sizeof(int) + asked, (uint)body.Length);
        }

        NetlinkAttributes attributes = new(body[start..]);
        while (attributes.Next())
        {
            if (attributes.Type == LibC.NLMSGERR_ATTR_MSG)
            {
                return attributes.Text;
            }
        }

        return null;
    }
}
