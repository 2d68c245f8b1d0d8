using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The router at the host's end of a link: gives that end its addresses, answers the container's questions for its own,
/// and opens the way out with the first of them. On a zone's bridge every run serves its own machine, told by its
/// link-layer address.
/// </summary>
internal sealed class LinkServer : IDisposable
{
    private const int LinkPrefix = 28, ZonePrefix = 24, IPv6Prefix = 64, Portion = 64;
    private static readonly IPAddress s_router = IPAddress.Parse("fe80::1");
    private static readonly IPAddress s_allNodes = IPAddress.Parse("ff02::1");

    private readonly string _link;
    private readonly int _index;
    private readonly byte[] _hardware;
    private readonly IPAddress _network;
    private readonly int _prefix;
    private readonly IPAddress _networkIPv6;
    private readonly bool _hasWayOutIPv6;
    private readonly ImmutableArray<IPAddress> _nameServers;
    private readonly DhcpServer _dhcp;
    private readonly LockFile? _lease;
    private readonly SafeFileHandle _questions;
    private readonly SafeFileHandle? _solicitations;
    private readonly GuestAddress? _guest;
    private readonly WayOut _wayOut;
    private long _speaksAt = long.MaxValue;
    private bool _isOpen;

    /// <param name="serve">The link, and the bridge it is a port of.</param>
    /// <param name="host">The host's network.</param>
    /// <param name="hostId">What tells this host from others.</param>
    /// <param name="machine">The machine's name.</param>
    /// <param name="inside">The container's network.</param>
    /// <param name="ledger">Where it is written down before it is done.</param>
    public LinkServer(ServeLink serve, RouteSocket host, Guid? hostId, string machine, SafeFileHandle inside, NetworkLedger ledger)
    {
        _link = serve.Bridge ?? serve.Link;
        Link link = host.LinkOf(_link) ?? throw new LaunchException($"the host's interface {_link} is gone");
        _index = link.Index;
        _hardware = [.. link.Address];
        _nameServers = [.. serve.NameServers.Select(IPAddress.Parse)];
        _networkIPv6 = Subnets.PickIPv6(_link, hostId);
        _hasWayOutIPv6 = Forwarding.HasIPv6(host);
        _guest = serve.Bridge is null ? null : new GuestAddress(inside);
        ReadOnlySpan<byte> sender = _guest is null ? [] : _guest.Current;
        using (ZoneBridge.Lock())
        {
            (_network, _prefix) = NetworkOf(host, serve.Bridge is null ? LinkPrefix : ZonePrefix);
            IPAddress client = serve.Bridge is null ? Subnets.Nth(_network, 2) : Lease(machine, ledger, out _lease);
            _dhcp = new DhcpServer(Subnets.Nth(_network, 1), client, _prefix, hasWayOut: true, _nameServers);
            host.AddAddress(_index, Subnets.Nth(_network, 1), _prefix);
        }

        if (serve.Bridge is null)
        {
            TakeAddressesAtOnce(inside);
        }

        host.SetUp(_index);
        _questions = RouterSocket.Udp(_link, DhcpMessage.ServerPort, sender);
        _solicitations = OpenIPv6(host, sender);
        _wayOut = new WayOut(ledger);
    }

    public PollEntry Questions => PollEntry.For(_questions, PollEvents.Readable);

    public PollEntry Solicitations => _solicitations is null ? PollEntry.Idle : PollEntry.For(_solicitations, PollEvents.Readable);

    public PollEntry Changes => _guest?.Entry ?? PollEntry.Idle;

    /// <summary>A router that is silent for too long is forgotten: it speaks again some hours after it last did.</summary>
    public int Timeout => _speaksAt == long.MaxValue ? Poll.Forever : (int)Math.Max(0, _speaksAt - Environment.TickCount64);

    /// <summary>Answers what has come, a portion at a time, and says what is due.</summary>
    public void Answer()
    {
        if (_guest is not null && _guest.HasChanged())
        {
            RouterSocket.Filter(_questions, _guest.Current);
            if (_solicitations is not null)
            {
                RouterSocket.Filter(_solicitations, _guest.Current);
            }
        }

        // Who asks for an IPv4 address is told of IPv6 at once: systemd-networkd asks for that up to two seconds later.
        bool asks = false;
        Span<byte> buffer = stackalloc byte[1500];
        for (int i = 0; i < Portion && InternetSocket.Receive(_questions, buffer) is { Count: > 0 } got; i++)
        {
            if (DhcpMessage.FromBytes(buffer[..got.Count]) is DhcpMessage asked && _dhcp.Answer(asked) is (byte[] message, IPAddress to))
            {
                OpenWayOut();
                asks |= asked.Type == DhcpType.Request;
                // Who has no address yet has no entry among the neighbours either: all hear it, one listens.
                IPAddress receiver = to.Equals(asked.Current) ? to : IPAddress.Broadcast;
                InternetSocket.SendTo(_questions, message, new IPEndPoint(receiver, DhcpMessage.ClientPort));
            }
        }

        for (int i = 0; i < Portion && _solicitations is not null && InternetSocket.Receive(_solicitations, buffer) is { Count: > 0 } got; i++)
        {
            asks |= buffer[0] == RouterAdvertisement.Solicitation && got.Count >= 8;
        }

        if (_solicitations is not null && (asks || Timeout == 0))
        {
            OpenWayOut();
            Advertise(_solicitations);
        }
    }

    public void Dispose()
    {
        _questions.Dispose();
        _solicitations?.Dispose();
        _guest?.Dispose();
        _wayOut.Dispose();
        _lease?.Dispose();
    }

    /// <summary>
    /// With nobody on the link but this host, whose addresses are known, there is no duplicate to be detected: without
    /// looking for one, IPv6 is there some three seconds earlier. It is the container's switch; it may look nonetheless.
    /// </summary>
    private static void TakeAddressesAtOnce(SafeFileHandle inside)
    {
        try
        {
            _ = Namespaces.InNetwork(inside, () =>
            {
                Sysctl.Write($"/proc/sys/net/ipv6/conf/{InterfaceNames.Container}/accept_dad", "0");
                return true;
            });
        }
        catch (SyscallException)
        {
            // /proc/sys is read-only here: it takes longer
        }
    }

    private void Advertise(SafeFileHandle socket)
    {
        byte[] message = RouterAdvertisement.Of(_hardware, _networkIPv6, _hasWayOutIPv6, _nameServers);
        InternetSocket.SendTo(socket, message, new IPEndPoint(s_allNodes, 0), _index);
        _speaksAt = Environment.TickCount64 + (long)RouterAdvertisement.Lifetime.TotalMilliseconds / 2;
    }

    private void OpenWayOut()
    {
        if (_isOpen)
        {
            return;
        }

        _isOpen = true;
        string? fault = _wayOut.Open(_network, _prefix) ?? (_hasWayOutIPv6 ? _wayOut.Open(_networkIPv6, IPv6Prefix) : null);
        if (fault is not null)
        {
            Complain.Line($"the container has no way out of the host: {fault}");
        }
    }

    private (IPAddress Network, int Prefix) NetworkOf(RouteSocket host, int prefix)
    {
        LinkAddress? there = host.Addresses().Find(one => one.Link == _index && one.Address.AddressFamily == AddressFamily.InterNetwork);
        return there is null ? (Subnets.Pick(_link, prefix, host), prefix) : (Subnets.Of(there.Address, there.Prefix), there.Prefix);
    }

    // With the lock of all zones held.
    private IPAddress Lease(string machine, NetworkLedger ledger, out LockFile lease)
    {
        uint count = (1u << (32 - _prefix)) - 3; // without the network's own address, the host's, and that of all
        uint first = (uint)(Subnets.Hash(machine) % count);
        for (uint i = 0; i < count; i++)
        {
            IPAddress address = Subnets.Nth(_network, 2 + (first + i) % count);
            string path = $"{ledger.Directory}/.{address}";
            if (LockFile.TryTake(path, shared: false, out _) is LockFile taken)
            {
                ledger.Record(new UndoStep.RemoveLock(path));
                lease = taken;
                return address;
            }
        }

        throw new LaunchException($"the zone is full: its network {_network}/{_prefix} has no address left");
    }

    private SafeFileHandle? OpenIPv6(RouteSocket host, ReadOnlySpan<byte> sender)
    {
        try
        {
            host.AddAddress(_index, s_router, IPv6Prefix);
            host.AddAddress(_index, Subnets.Nth(_networkIPv6, 1), IPv6Prefix);
            return RouterSocket.Icmp(_link, _index, RouterAdvertisement.Solicitation, sender);
        }
        catch (SyscallException)
        {
            return null; // IPv6 is switched off here
        }
    }
}
