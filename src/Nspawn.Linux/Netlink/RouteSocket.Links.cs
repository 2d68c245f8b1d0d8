using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

public sealed unsafe partial class RouteSocket
{
    /// <summary>No link has a longer name, in bytes.</summary>
    public const int LongestName = LibC.IFNAMSIZ - 1;

    private const uint Up = (uint)LibC.IFF_UP;
    private const ushort Make = LibC.NLM_F_CREATE | LibC.NLM_F_EXCL | LibC.NLM_F_ACK;

    /// <summary>Every link of the namespace.</summary>
    public List<Link> Links()
    {
        List<Link> links = [];
        Ask(NetlinkMessage.Of(LibC.RTM_GETLINK, LibC.NLM_F_DUMP, default(LibC.ifinfomsg)), "RTM_GETLINK", "links", (type, body) =>
        {
            if (type == LibC.RTM_NEWLINK && body.Length >= sizeof(LibC.ifinfomsg))
            {
                links.Add(Link.FromMessage(body));
            }
        });
        return links;
    }

    /// <summary>The link of a name, the main one or another; null: there is none.</summary>
    public Link? LinkOf(string name)
    {
        bool fits = Encoding.UTF8.GetByteCount(name) <= LongestName;
        return (fits ? LinkBy(LibC.IFLA_IFNAME, name) : null) ?? LinkBy(LibC.IFLA_ALT_IFNAME, name);
    }

    /// <summary>The link of a number; null: there is none.</summary>
    public Link? LinkOf(int index) => GetLink(new LibC.ifinfomsg { ifi_index = index }, null, "");

    /// <summary>A pair of links, one here and one in another namespace.</summary>
    /// <param name="here">The end in this namespace.</param>
    /// <param name="there">The end in the other.</param>
    /// <param name="namespaceThere">A descriptor of the other.</param>
    /// <param name="master">The bridge the end here becomes a port of, up at once; 0: none, and it stays down.</param>
    public void MakeVeth(NewLink here, NewLink there, SafeFileHandle namespaceThere, int master)
    {
        LibC.ifinfomsg info = master == 0 ? default : new() { ifi_flags = Up, ifi_change = Up };
        NetlinkMessage message = Named(NetlinkMessage.Of(LibC.RTM_NEWLINK, Make, info), here);
        if (master != 0)
        {
            _ = message.Number(LibC.IFLA_MASTER, (uint)master);
        }

        AppendKind(message, "veth", data => data.Nested(LibC.VETH_INFO_PEER, peer =>
            Named(peer.Append(default(LibC.ifinfomsg)), there).Number(LibC.IFLA_NET_NS_FD, (uint)namespaceThere.Fd())));
        Change(message, "RTM_NEWLINK", here.Name);
    }

    /// <summary>A bridge, up. One with an address of its own keeps it whatever its ports are.</summary>
    public void MakeBridge(NewLink bridge)
    {
        LibC.ifinfomsg info = new() { ifi_flags = Up, ifi_change = Up };
        NetlinkMessage message = Named(NetlinkMessage.Of(LibC.RTM_NEWLINK, Make, info), bridge);
        AppendKind(message, "bridge", _ => { });
        Change(message, "RTM_NEWLINK", bridge.Name);
    }

    /// <summary>A link with an address of its own on another's wire, in another namespace; its siblings reach it.</summary>
    public void MakeMacvlan(int parent, NewLink there, SafeFileHandle namespaceThere) => MakeBranch(
        "macvlan", parent, there, namespaceThere, data => data.Number(LibC.IFLA_MACVLAN_MODE, LibC.MACVLAN_MODE_BRIDGE));

    /// <summary>A link that shares another's address on the wire, in another namespace.</summary>
    public void MakeIpvlan(int parent, NewLink there, SafeFileHandle namespaceThere) => MakeBranch(
        "ipvlan", parent, there, namespaceThere, data => data.Short(LibC.IFLA_IPVLAN_MODE, LibC.IPVLAN_MODE_L2));

    /// <summary>Whether this kernel can make links of a kind that needs a parent: asked for one without, nothing is made.</summary>
    public bool CanMake(string kind)
    {
        NetlinkMessage message = NetlinkMessage.Of(LibC.RTM_NEWLINK, Make, default(LibC.ifinfomsg));
        AppendKind(message.Text(LibC.IFLA_IFNAME, "nspawn-probe"), kind, _ => { });
        try
        {
            Change(message, "RTM_NEWLINK", kind);
        }
        catch (SyscallException refusal)
        {
            return refusal.Errno != Errno.EOPNOTSUPP;
        }

        return true;
    }

    /// <summary>Gives a link another name beside its own.</summary>
    public void AddAltName(string link, string name)
    {
        NetlinkMessage message = NetlinkMessage.Of(
            LibC.RTM_NEWLINKPROP, LibC.NLM_F_CREATE | LibC.NLM_F_EXCL | LibC.NLM_F_ACK, default(LibC.ifinfomsg));
        _ = message.Text(LibC.IFLA_IFNAME, link).Nested(LibC.IFLA_PROP_LIST, list => list.Text(LibC.IFLA_ALT_IFNAME, name));
        Change(message, "RTM_NEWLINKPROP", link);
    }

    /// <summary>Takes such a name away.</summary>
    public void RemoveAltName(int link, string name)
    {
        NetlinkMessage message = NetlinkMessage.Of(LibC.RTM_DELLINKPROP, LibC.NLM_F_ACK, new LibC.ifinfomsg { ifi_index = link });
        _ = message.Nested(LibC.IFLA_PROP_LIST, list => list.Text(LibC.IFLA_ALT_IFNAME, name));
        Change(message, "RTM_DELLINKPROP", name);
    }

    public void SetUp(int link) => Change(
        NetlinkMessage.Of(LibC.RTM_NEWLINK, LibC.NLM_F_ACK, new LibC.ifinfomsg
        {
            ifi_index = link,
            ifi_flags = Up,
            ifi_change = Up,
        }), "RTM_NEWLINK", $"link {link}");

    /// <summary>Moves a link to another namespace, under another name there, and under its own number.</summary>
    public void Move(Link link, SafeFileHandle namespaceThere, string nameThere, bool keepIndex)
    {
        NetlinkMessage message = NetlinkMessage.Of(
            LibC.RTM_NEWLINK, LibC.NLM_F_ACK, new LibC.ifinfomsg { ifi_index = link.Index, ifi_change = Up });
        _ = message.Number(LibC.IFLA_NET_NS_FD, (uint)namespaceThere.Fd()).Text(LibC.IFLA_IFNAME, nameThere);
        if (keepIndex)
        {
            _ = message.Number(LibC.IFLA_NEW_IFINDEX, (uint)link.Index);
        }

        Change(message, "RTM_NEWLINK", link.Name);
    }

    /// <summary>Removes a link; false when it is not there.</summary>
    public bool Remove(string name)
    {
        try
        {
            Change(
                NetlinkMessage.Of(LibC.RTM_DELLINK, LibC.NLM_F_ACK, default(LibC.ifinfomsg)).Text(LibC.IFLA_IFNAME, name),
                "RTM_DELLINK", name);
            return true;
        }
        catch (SyscallException failure) when (failure.Errno is Errno.ENODEV || (failure.Errno is Errno.EPERM && LinkOf(name) is null))
        {
            return false; // who may remove none is not told whether it is there
        }
    }

    private void MakeBranch(
        string kind, int parent, NewLink there, SafeFileHandle namespaceThere, Action<NetlinkMessage> data)
    {
        NetlinkMessage message = Named(NetlinkMessage.Of(LibC.RTM_NEWLINK, Make, default(LibC.ifinfomsg)), there)
            .Number(LibC.IFLA_LINK, (uint)parent).Number(LibC.IFLA_NET_NS_FD, (uint)namespaceThere.Fd());
        AppendKind(message, kind, data);
        Change(message, "RTM_NEWLINK", there.Name);
    }

    private Link? LinkBy(ushort attribute, string name) => GetLink(default, message => message.Text(attribute, name), name);

    private Link? GetLink(in LibC.ifinfomsg info, Action<NetlinkMessage>? by, string subject)
    {
        NetlinkMessage message = NetlinkMessage.Of(LibC.RTM_GETLINK, LibC.NLM_F_ACK, info);
        by?.Invoke(message);
        Link? found = null;
        try
        {
            Ask(message, "RTM_GETLINK", subject, (_, body) => found = Link.FromMessage(body));
        }
        catch (SyscallException failure) when (failure.Errno is Errno.ENODEV or Errno.EINVAL or Errno.ERANGE)
        {
            return null;
        }

        return found;
    }

    private static NetlinkMessage Named(NetlinkMessage message, NewLink link)
    {
        _ = message.Text(LibC.IFLA_IFNAME, link.Name);
        return link.Address is ReadOnlyMemory<byte> address ? message.Bytes(LibC.IFLA_ADDRESS, address.Span) : message;
    }

    private static void AppendKind(NetlinkMessage message, string kind, Action<NetlinkMessage> data) =>
        _ = message.Nested(LibC.IFLA_LINKINFO, info => info.Text(LibC.IFLA_INFO_KIND, kind).Nested(LibC.IFLA_INFO_DATA, data));
}
