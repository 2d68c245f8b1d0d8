using System.Net;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// A forwarded port on the host's loopback: no rule of the packet filter leads from there to another network, so the
/// launcher passes on what comes. It also keeps the port from being taken by anybody else.
/// </summary>
internal sealed class LoopbackPort : IDisposable
{
    private const int MostConnections = 128, MostSenders = 64, LongestDatagram = 65536, Portion = 64;
    private const long ForgetMilliseconds = 60_000;

    private readonly ForwardedPort _port;
    private readonly SafeFileHandle _listener;
    private readonly RelayBudget _budget;
    private readonly Func<bool, ushort, SafeFileHandle?> _connect;
    private readonly List<TcpRelay> _connections = [];
    private readonly List<Sender> _senders = [];
    private byte[]? _datagram;

    private LoopbackPort(ForwardedPort port, SafeFileHandle listener, RelayBudget budget, Func<bool, ushort, SafeFileHandle?> connect) =>
        (_port, _listener, _budget, _connect) = (port, listener, budget, connect);

    /// <summary>Where somebody has sent datagrams from, and the socket in the container that speaks for him.</summary>
    private sealed record Sender(IPEndPoint Address, SafeFileHandle Socket)
    {
        public long LastUse { get; set; }
    }

    /// <summary>Listens on a loopback address; null: this host has none of that family.</summary>
    /// <param name="port">The port.</param>
    /// <param name="address">The address.</param>
    /// <param name="budget">What all ports of the container have to share.</param>
    /// <param name="connect">Gives a socket in the container that leads to one of its ports; null: it has no address now.</param>
    /// <exception cref="LaunchException">Somebody else listens there.</exception>
    public static LoopbackPort? Open(ForwardedPort port, IPAddress address, RelayBudget budget, Func<bool, ushort, SafeFileHandle?> connect)
    {
        bool tcp = port.Protocol == TransportProtocol.Tcp;
        SafeFileHandle? listener = InternetSocket.TryListen(tcp, new IPEndPoint(address, port.Host), out Mono.Unix.Native.Errno errno);
        return listener is not null ? new LoopbackPort(port, listener, budget, connect)
            : errno == Mono.Unix.Native.Errno.EADDRINUSE
                ? throw new LaunchException($"--port={port}: port {port.Host} of the host is taken by another machine or program; forward another")
                : null;
    }

    /// <summary>When somebody who has been silent is forgotten; -1: there is nobody.</summary>
    public int Timeout => _senders.Count == 0 ? Poll.Forever
        : (int)Math.Max(0, _senders.Min(one => one.LastUse) + ForgetMilliseconds - Environment.TickCount64);

    // Who is not accepted waits in the kernel's queue; one that could not be accepted would end every wait at once.
    private bool HasRoom => _connections.Count < MostConnections && _budget.Has(RelayBudget.Connection);

    public void AppendEntries(List<PollEntry> entries)
    {
        entries.Add(_port.Protocol == TransportProtocol.Udp || HasRoom ? PollEntry.For(_listener, PollEvents.Readable) : PollEntry.Idle);
        foreach (TcpRelay one in _connections)
        {
            entries.Add(one.Client);
            entries.Add(one.Container);
        }

        foreach (Sender one in _senders)
        {
            entries.Add(PollEntry.For(one.Socket, PollEvents.Readable));
        }
    }

    /// <summary>Takes its entries off the front of what came.</summary>
    public void Answer(ref ReadOnlySpan<PollEntry> came)
    {
        bool asked = came[0].Ready;
        came = came[1..];
        foreach (TcpRelay one in _connections)
        {
            one.Move(came[0], came[1]);
            came = came[2..];
        }

        foreach (Sender one in _senders)
        {
            if (came[0].Ready)
            {
                PassBack(one);
            }

            came = came[1..];
        }

        Forget();
        if (asked && _port.Protocol == TransportProtocol.Tcp)
        {
            Accept();
        }
        else if (asked)
        {
            PassOn();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _connections.ForEach(one => one.Dispose());
        _senders.ForEach(one => one.Socket.Dispose());
    }

    private void Forget()
    {
        foreach (TcpRelay done in _connections.FindAll(one => one.Done))
        {
            done.Dispose();
            _ = _connections.Remove(done);
            _budget.GiveBack(RelayBudget.Connection);
        }

        long now = Environment.TickCount64;
        foreach (Sender silent in _senders.FindAll(one => now - one.LastUse >= ForgetMilliseconds))
        {
            Drop(silent);
        }
    }

    private void Drop(Sender one)
    {
        one.Socket.Dispose();
        _ = _senders.Remove(one);
        _budget.GiveBack(RelayBudget.Sender);
    }

    private void Accept()
    {
        while (HasRoom && InternetSocket.Accept(_listener) is SafeFileHandle client)
        {
            if (_connect(true, _port.Container) is SafeFileHandle container)
            {
                _budget.Take(RelayBudget.Connection);
                _connections.Add(new TcpRelay(client, container));
            }
            else
            {
                client.Dispose();
            }
        }
    }

    private void PassOn()
    {
        _datagram ??= new byte[LongestDatagram];
        for (int i = 0; i < Portion; i++)
        {
            IoResult got = InternetSocket.ReceiveFrom(_listener, _datagram, out IPEndPoint? from);
            if (from is null)
            {
                return;
            }

            Sender? sender = _senders.Find(one => one.Address.Equals(from)) ?? Welcome(from);

            if (sender is not null)
            {
                sender.LastUse = Environment.TickCount64;
                _ = InternetSocket.Send(sender.Socket, _datagram.AsSpan(0, got.Count));
            }
        }
    }

    /// <summary>Somebody new, for whom the one who has been silent longest may have to go; null: he cannot be heard.</summary>
    private Sender? Welcome(IPEndPoint from)
    {
        if (_senders.Count > 0 && (_senders.Count == MostSenders || !_budget.Has(RelayBudget.Sender)))
        {
            Drop(_senders.MinBy(one => one.LastUse)!);
        }

        if (!_budget.Has(RelayBudget.Sender) || _connect(false, _port.Container) is not SafeFileHandle socket)
        {
            return null;
        }

        _budget.Take(RelayBudget.Sender);
        Sender sender = new(from, socket);
        _senders.Add(sender);
        return sender;
    }

    private void PassBack(Sender to)
    {
        _datagram ??= new byte[LongestDatagram];
        for (int i = 0; i < Portion; i++)
        {
            IoResult got = InternetSocket.Receive(to.Socket, _datagram);
            if (got.Error != 0)
            {
                return; // nothing now, or nobody listens in there
            }

            to.LastUse = Environment.TickCount64;
            InternetSocket.SendTo(_listener, _datagram.AsSpan(0, got.Count), to.Address);
        }
    }
}
