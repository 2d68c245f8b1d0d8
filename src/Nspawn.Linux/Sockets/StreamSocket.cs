using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>AF_UNIX stream sockets; unix(7).</summary>
public static unsafe partial class StreamSocket
{
    public static SafeFileHandle Connect(string path, TimeSpan? patience = null)
    {
        LibC.sockaddr_un name = new() { sun_family = LibC.AF_UNIX };
        _ = Encoding.UTF8.GetBytes(path, new Span<byte>(name.sun_path, 107));
        const int Type = LibC.SOCK_STREAM | LibC.SOCK_CLOEXEC;
        SafeFileHandle socket = Descriptors.Own(Check.Result(LibC.socket(LibC.AF_UNIX, Type, 0), path));
        if (patience is TimeSpan limit)
        {
            LimitWaits(socket, limit); // a connection waits too, when too many others do
        }

        _ = Check.Result(LibC.connect(socket.Fd(), &name, (uint)sizeof(LibC.sockaddr_un)), path);
        return socket;
    }

    /// <summary>A socket for somebody else to connect, who may wait at most so long.</summary>
    public static SafeFileHandle Create(TimeSpan patience)
    {
        const int Type = LibC.SOCK_STREAM | LibC.SOCK_CLOEXEC;
        SafeFileHandle socket = Descriptors.Own(Check.Result(LibC.socket(LibC.AF_UNIX, Type, 0), "AF_UNIX"));
        LimitWaits(socket, patience);
        return socket;
    }

    /// <summary>Each call on the socket waits at most so long for the other side; then it fails with EAGAIN.</summary>
    public static void LimitWaits(SafeFileHandle socket, TimeSpan patience)
    {
        LibC.timeval limit = new() { tv_sec = (long)patience.TotalSeconds, tv_usec = patience.Milliseconds * 1000 };
        foreach (int direction in (ReadOnlySpan<int>)[LibC.SO_RCVTIMEO, LibC.SO_SNDTIMEO])
        {
            _ = Check.Result(
                LibC.setsockopt(socket.Fd(), LibC.SOL_SOCKET, direction, &limit, (uint)sizeof(LibC.timeval)), "socket");
        }
    }

    /// <summary>Sends all of it; the other side's death is an error, no signal.</summary>
    public static void Send(SafeFileHandle socket, ReadOnlySpan<byte> bytes, string subject)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* first = bytes)
            {
                nint sent = LibC.send(socket.Fd(), first, (nuint)bytes.Length, LibC.MSG_NOSIGNAL);
                bytes = bytes[(int)Check.Result(sent, subject, "LibC.send")..];
            }
        }
    }

    /// <summary>Reads up to a zero byte, which is left out; null when the other side ends or says more than the limit.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="limit">The longest message, with its end.</param>
    /// <param name="deadline">When it has to be here, as the clock of ticks has it.</param>
    /// <param name="subject">Whose message, for errors.</param>
    /// <param name="descriptors">Takes those that come with it, in their order; null: the kernel drops them.</param>
    /// <exception cref="SyscallException">EAGAIN: it has not all come by the deadline.</exception>
    public static byte[]? ReadMessage(
        SafeFileHandle socket, int limit, long deadline, string subject, List<SafeFileHandle>? descriptors = null)
    {
        byte[] buffer = new byte[limit];
        int length = 0;
        while (length < limit)
        {
            // In every round: who says a byte now and then is no better than who says nothing. Zero would be for ever.
            LimitWaits(socket, TimeSpan.FromMilliseconds(Math.Max(1, deadline - Environment.TickCount64)));
            fixed (byte* first = &buffer[length])
            {
                nint received = descriptors is null
                    ? Check.Result(LibC.recv(socket.Fd(), first, (nuint)(limit - length), 0), subject)
                    : Receive(socket, first, limit - length, descriptors, subject);
                int end = buffer.AsSpan(length, (int)received).IndexOf((byte)0);
                if (end >= 0)
                {
                    return buffer[..(length + end)];
                }

                if (received == 0)
                {
                    return null;
                }

                length += (int)received;
            }
        }

        return null;
    }
}
