using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Tells when an address has come or gone in the namespace its maker was in; rtnetlink(7).</summary>
public sealed unsafe class AddressEvents : IDisposable
{
    private readonly SafeFileHandle _socket = RouteSocket.Open(LibC.SOCK_NONBLOCK);

    public AddressEvents()
    {
        // Without a port of its own it passes for the kernel, which is not told its own news.
        LibC.sockaddr_nl name = new() { nl_family = LibC.AF_NETLINK };
        _ = Check.Result(LibC.bind(_socket.Fd(), &name, (uint)sizeof(LibC.sockaddr_nl)), "rtnetlink");
        _ = RouteSocket.SetOption(_socket, LibC.NETLINK_ADD_MEMBERSHIP, LibC.RTNLGRP_IPV4_IFADDR);
        _ = RouteSocket.SetOption(_socket, LibC.NETLINK_ADD_MEMBERSHIP, LibC.RTNLGRP_IPV6_IFADDR);
    }

    public PollEntry Entry => PollEntry.For(_socket, PollEvents.Readable);

    /// <summary>Takes what has come. Which address it was does not matter: whoever asks looks at all of them anew.</summary>
    public void Take()
    {
        byte* buffer = stackalloc byte[4096];
        nint length;
        do
        {
            length = LibC.recv(_socket.Fd(), buffer, 4096, 0);
        }
        while (length >= 0 || Check.LastErrno() is Errno.EINTR or Errno.ENOBUFS);
    }

    public void Dispose() => _socket.Dispose();
}
