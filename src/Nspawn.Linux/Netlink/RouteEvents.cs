using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>What one wants to hear of.</summary>
public enum RouteNews
{
    /// <summary>A link has come, gone, or changed.</summary>
    Links,

    /// <summary>An address has come or gone.</summary>
    Addresses,
}

/// <summary>Tells when something has changed in the namespace its maker was in; rtnetlink(7).</summary>
public sealed unsafe class RouteEvents : IDisposable
{
    private const int Portion = 256;

    private readonly SafeFileHandle _socket = RouteSocket.Open(LibC.SOCK_NONBLOCK);

    public RouteEvents(RouteNews news)
    {
        // Without a port of its own it passes for the kernel, which is not told its own news.
        LibC.sockaddr_nl name = new() { nl_family = LibC.AF_NETLINK };
        _ = Check.Result(LibC.bind(_socket.Fd(), &name, (uint)sizeof(LibC.sockaddr_nl)), "rtnetlink");
        foreach (int group in news == RouteNews.Links ? [LibC.RTNLGRP_LINK] : (int[])[LibC.RTNLGRP_IPV4_IFADDR, LibC.RTNLGRP_IPV6_IFADDR])
        {
            _ = RouteSocket.SetOption(_socket, LibC.NETLINK_ADD_MEMBERSHIP, group);
        }
    }

    public PollEntry Entry => PollEntry.For(_socket, PollEvents.Readable);

    /// <summary>
    /// Takes what has come, or a portion of it: whoever makes news without end holds nobody up. What it was does not
    /// matter: whoever asks looks at everything anew.
    /// </summary>
    /// <returns>Whether there was any.</returns>
    public bool Take()
    {
        byte* buffer = stackalloc byte[4096];
        for (int i = 0; i < Portion; i++)
        {
            if (LibC.recv(_socket.Fd(), buffer, 4096, 0) < 0
                && Check.LastErrno() is not (Errno.EINTR or Errno.ENOBUFS))
            {
                return i > 0;
            }
        }

        return true;
    }

    public void Dispose() => _socket.Dispose();
}
