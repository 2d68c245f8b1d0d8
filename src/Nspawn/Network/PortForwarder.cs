using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Leads ports of the host to the container's address, as it comes and goes: in the packet filter for those who come from
/// elsewhere or by one of the host's addresses, through the launcher for those on the host's loopback.
/// </summary>
internal sealed class PortForwarder : IDisposable
{
    private readonly ImmutableArray<ForwardedPort> _ports;
    private readonly bool _forwards;
    private readonly NetworkLedger _ledger;
    private readonly SafeFileHandle _network;
    private readonly RouteSocket _inside;
    private readonly RouteEvents _events;
    private readonly List<LoopbackPort> _loopback = [];
    private readonly Dictionary<string, IPAddress> _addresses = [];
    private readonly HashSet<string> _recorded = [];
    private readonly HashSet<string> _reached = [];
    private readonly List<SafeFileHandle> _shared = [];

    /// <exception cref="LaunchException">A port is somebody's, or the host has no packet filter to do it with.</exception>
    public PortForwarder(ForwardPorts forward, SafeFileHandle network, NetworkLedger ledger)
    {
        ImmutableArray<ForwardedPort> ports = _ports = forward.Ports;
        _forwards = forward.Forwards;
        _ledger = ledger;
        _network = Descriptors.Duplicate(network);
        (_inside, _events) = Namespaces.InNetwork(network, () => (new RouteSocket(), new RouteEvents(RouteNews.Addresses)));
        RelayBudget budget = new();
        foreach (ForwardedPort port in ports)
        {
            foreach (IPAddress address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
            {
                if (LoopbackPort.Open(port, address, budget, Connect) is LoopbackPort open)
                {
                    _loopback.Add(open);
                }
            }
        }

        using (ZoneBridge.Lock())
        {
            if (Firewall.Prepare("ip") is string fault)
            {
                throw new LaunchException($"--port=: cannot set up the packet filter: {fault}");
            }

            _ = Firewall.Prepare("ip6"); // a kernel without it has nobody who would come by it
            foreach (ForwardedPort port in ports)
            {
                if (Firewall.Has("ip", Firewall.PortMap, KeyOf(port)) || Firewall.Has("ip6", Firewall.PortMap, KeyOf(port)))
                {
                    throw new LaunchException($"--port={port}: port {port.Host} of the host leads to another container already; forward another");
                }
            }
        }
    }

    public int Timeout
    {
        get
        {
            int[] timeouts = [.. _loopback.Select(one => one.Timeout).Where(one => one != Poll.Forever)];
            return timeouts.Length == 0 ? Poll.Forever : timeouts.Min();
        }
    }

    public void AppendEntries(List<PollEntry> entries)
    {
        entries.Add(_events.Entry);
        _loopback.ForEach(one => one.AppendEntries(entries));
    }

    /// <summary>Takes its entries off the front of what came.</summary>
    public void Answer(ref ReadOnlySpan<PollEntry> came)
    {
        bool moved = came[0].Ready;
        came = came[1..];
        foreach (LoopbackPort one in _loopback)
        {
            one.Answer(ref came);
        }

        if (moved)
        {
            _ = _events.Take();
            Follow();
        }
    }

    public void Dispose()
    {
        _loopback.ForEach(one => one.Dispose());
        _events.Dispose();
        _inside.Dispose();
        _network.Dispose();
        _shared.ForEach(one => one.Dispose());
    }

    private static string KeyOf(ForwardedPort port) => $"{(port.Protocol == TransportProtocol.Tcp ? "tcp" : "udp")} . {port.Host}";

    /// <summary>Leads the ports to where the container is now: the first address of each family that is good beyond a link.</summary>
    private void Follow()
    {
        HashSet<AddressFamily> found = [];
        List<LinkAddress> first = _inside.Addresses(
            one => one.IsGlobal && !IPAddress.IsLoopback(one.Address) && found.Add(one.Address.AddressFamily));
        foreach ((string family, AddressFamily kind) in
            ((string, AddressFamily)[])[("ip", AddressFamily.InterNetwork), ("ip6", AddressFamily.InterNetworkV6)])
        {
            IPAddress? now = first.Find(one => one.Address.AddressFamily == kind)?.Address;
            if (Equals(now, _addresses.GetValueOrDefault(family)))
            {
                continue;
            }

            Lead(family, now);
        }
    }

    private void Lead(string family, IPAddress? address)
    {
        if (address is not null && _reached.Add(family))
        {
            LetReach(family);
        }

        using LockFile held = ZoneBridge.Lock();
        foreach (ForwardedPort port in _ports)
        {
            string key = KeyOf(port);
            if (_addresses.ContainsKey(family))
            {
                Firewall.Remove(family, Firewall.PortMap, key);
            }

            if (address is null)
            {
                continue;
            }

            if (_recorded.Add(family + key))
            {
                _ledger.Record(new UndoStep.RemoveElement(family, Firewall.PortMap, key));
            }

            if (Firewall.Add(family, Firewall.PortMap, $"{key} : {address} . {port.Container}") is string fault)
            {
                Complain.Line($"--port={port}: cannot lead to {address}: {fault}");
            }
        }

        _ = address is null ? _addresses.Remove(family) : (_addresses[family] = address) is not null;
    }

    // Whoever comes from another host is only passed on by one that forwards, whatever link the container has.
    private void LetReach(string family)
    {
        using RouteSocket host = new();
        if (family == "ip6" && !Forwarding.HasIPv6(host))
        {
            return;
        }

        string why = "";
        try
        {
            if (_forwards)
            {
                _shared.Add(Forwarding.Join(family, _ledger));
                return;
            }
        }
        catch (SyscallException failure)
        {
            why = $" ({failure.Message})";
        }

        if (!Forwarding.IsOn(family))
        {
            (string name, string setting) = family == "ip6" ? ("IPv6", "net.ipv6.conf.all.forwarding") : ("IPv4", "net.ipv4.ip_forward");
            Complain.Line($"--port=: other hosts do not get through: this host does not forward {name}{why}; sysctl -w {setting}=1");
        }
    }

    // From inside, so that it needs no route and nobody's permission on the way.
    private SafeFileHandle? Connect(bool tcp, ushort port) =>
        (_addresses.GetValueOrDefault("ip") ?? _addresses.GetValueOrDefault("ip6")) is IPAddress address
            ? Namespaces.InNetwork(_network, () => InternetSocket.TryConnect(tcp, new IPEndPoint(address, port)))
            : null;
}
