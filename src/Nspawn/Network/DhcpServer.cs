using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Nspawn;

/// <summary>
/// A DHCP server for one client: the one address that is the container's, for as long as it lives, so that no lease is
/// ever renewed. RFC 2131 and 2132. It remembers nothing: every answer follows from the question.
/// </summary>
internal sealed class DhcpServer(
    IPAddress server, IPAddress client, int prefix, bool hasWayOut, ImmutableArray<IPAddress> nameServers)
{
    private const byte SubnetMask = 1, Router = 3, DomainNameServer = 6, LeaseTime = 51, ServerIdentifier = 54;
    private const uint Forever = uint.MaxValue;

    /// <summary>The answer to a client's message, and whom it goes to; null: it wants none.</summary>
    public (byte[] Message, IPAddress To)? Answer(DhcpMessage asked)
    {
        switch (asked.Type)
        {
            case DhcpType.Discover:
                return (asked.Reply(DhcpType.Offer, client, Options(leased: true)), Receiver(asked));
            case DhcpType.Request when asked.Server is IPAddress chosen && !chosen.Equals(server):
                return null; // another server's
            case DhcpType.Request when Wanted(asked).Equals(client):
                return (asked.Reply(DhcpType.Ack, client, Options(leased: true)), Receiver(asked));
            case DhcpType.Request:
                return (asked.Reply(DhcpType.Nak, IPAddress.Any, [(ServerIdentifier, server.GetAddressBytes())]), IPAddress.Broadcast);
            case DhcpType.Inform:
                return (asked.Reply(DhcpType.Ack, IPAddress.Any, Options(leased: false)), asked.Current);
            default:
                return null;
        }
    }

    private static IPAddress Wanted(DhcpMessage asked) => asked.Requested ?? asked.Current;

    private IPAddress Receiver(DhcpMessage asked) =>
        !asked.Current.Equals(IPAddress.Any) ? asked.Current : asked.Broadcast ? IPAddress.Broadcast : client;

    private IEnumerable<(byte Number, byte[] Value)> Options(bool leased)
    {
        yield return (ServerIdentifier, server.GetAddressBytes());
        if (leased)
        {
            yield return (LeaseTime, Number(Forever));
        }

        yield return (SubnetMask, Number(prefix == 0 ? 0 : uint.MaxValue << (32 - prefix)));
        if (hasWayOut)
        {
            yield return (Router, server.GetAddressBytes());
        }

        byte[] servers = [.. nameServers.Where(one => one.AddressFamily == AddressFamily.InterNetwork).Take(3).SelectMany(one => one.GetAddressBytes())];
        if (servers.Length > 0)
        {
            yield return (DomainNameServer, servers);
        }
    }

    private static byte[] Number(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
