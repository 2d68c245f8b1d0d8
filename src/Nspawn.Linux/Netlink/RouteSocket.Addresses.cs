using System.Net;
using System.Runtime.InteropServices;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>An address of a link.</summary>
/// <param name="Link">The link's index.</param>
/// <param name="Address">The address itself.</param>
/// <param name="Prefix">How many of its bits name the network.</param>
/// <param name="IsGlobal">It is good beyond the link.</param>
public sealed record LinkAddress(int Link, IPAddress Address, int Prefix, bool IsGlobal);

/// <summary>A route of the main table.</summary>
/// <param name="Link">The link it leads to; 0: several, or none.</param>
/// <param name="Destination">The network; null: everywhere.</param>
/// <param name="Prefix">How many bits of it count.</param>
/// <param name="IsIPv6">Which family everywhere is meant in.</param>
public sealed record LinkRoute(int Link, IPAddress? Destination, int Prefix, bool IsIPv6);

public sealed unsafe partial class RouteSocket
{
    public List<LinkAddress> Addresses() => Addresses(_ => true);

    /// <summary>Those that are wanted. In a container there may be any number of them: what is not kept takes no memory.</summary>
    public List<LinkAddress> Addresses(Predicate<LinkAddress> isWanted)
    {
        List<LinkAddress> addresses = [];
        Ask(NetlinkMessage.Of(LibC.RTM_GETADDR, LibC.NLM_F_DUMP, default(LibC.ifaddrmsg)), "RTM_GETADDR", "addresses", (type, body) =>
        {
            if (type == LibC.RTM_NEWADDR && AddressFrom(body) is LinkAddress address && isWanted(address))
            {
                addresses.Add(address);
            }
        });
        return addresses;
    }

    public List<LinkRoute> Routes()
    {
        List<LinkRoute> routes = [];
        Ask(NetlinkMessage.Of(LibC.RTM_GETROUTE, LibC.NLM_F_DUMP, default(LibC.rtmsg)), "RTM_GETROUTE", "routes", (type, body) =>
        {
            if (type == LibC.RTM_NEWROUTE && RouteFrom(body) is LinkRoute route)
            {
                routes.Add(route);
            }
        });
        return routes;
    }

    /// <summary>Gives a link an address; one it has already is no error.</summary>
    public void AddAddress(int link, IPAddress address, int prefix)
    {
        byte[] bytes = address.GetAddressBytes();
        bool isIPv6 = bytes.Length == 16;
        NetlinkMessage message = NetlinkMessage.Of(LibC.RTM_NEWADDR, Make, new LibC.ifaddrmsg
        {
            ifa_family = (byte)(isIPv6 ? LibC.AF_INET6 : LibC.AF_INET),
            ifa_prefixlen = (byte)prefix,
            ifa_flags = isIPv6 ? LibC.IFA_F_NODAD : (byte)0,
            ifa_scope = address.IsIPv6LinkLocal ? LibC.RT_SCOPE_LINK : LibC.RT_SCOPE_UNIVERSE,
            ifa_index = (uint)link,
        });
        _ = message.Bytes(LibC.IFA_LOCAL, bytes).Bytes(LibC.IFA_ADDRESS, bytes);
        try
        {
            Change(message, "RTM_NEWADDR", address.ToString());
        }
        catch (SyscallException failure) when (failure.Errno is Errno.EEXIST)
        {
            // Another machine of the same zone gave it.
        }
    }

    // A tentative address is not the link's yet: another event says when it is.
    private static LinkAddress? AddressFrom(ReadOnlySpan<byte> body)
    {
        if (body.Length < sizeof(LibC.ifaddrmsg))
        {
            return null;
        }

        LibC.ifaddrmsg info = MemoryMarshal.Read<LibC.ifaddrmsg>(body);
        IPAddress? address = null;
        NetlinkAttributes attributes = new(body[sizeof(LibC.ifaddrmsg)..]);
        while (attributes.Next())
        {
            // On a link between two points, ADDRESS is the other's.
            if (attributes.Type == LibC.IFA_LOCAL || (attributes.Type == LibC.IFA_ADDRESS && address is null))
            {
                address = AddressOf(attributes.Value) ?? address;
            }
        }

        return address is null || (info.ifa_flags & LibC.IFA_F_TENTATIVE) != 0
            ? null
            : new LinkAddress((int)info.ifa_index, address, info.ifa_prefixlen, info.ifa_scope < LibC.RT_SCOPE_LINK);
    }

    private static LinkRoute? RouteFrom(ReadOnlySpan<byte> body)
    {
        if (body.Length < sizeof(LibC.rtmsg))
        {
            return null;
        }

        LibC.rtmsg info = MemoryMarshal.Read<LibC.rtmsg>(body);
        if (info.rtm_table != LibC.RT_TABLE_MAIN)
        {
            return null;
        }

        LinkRoute route = new(0, null, info.rtm_dst_len, info.rtm_family == LibC.AF_INET6);
        NetlinkAttributes attributes = new(body[sizeof(LibC.rtmsg)..]);
        while (attributes.Next())
        {
            route = attributes.Type switch
            {
                LibC.RTA_DST => route with { Destination = AddressOf(attributes.Value) },
                LibC.RTA_OIF => route with { Link = (int)attributes.Number },
                _ => route,
            };
        }

        return route;
    }

    private static IPAddress? AddressOf(ReadOnlySpan<byte> bytes) => bytes.Length is 4 or 16 ? new IPAddress(bytes) : null;
}
