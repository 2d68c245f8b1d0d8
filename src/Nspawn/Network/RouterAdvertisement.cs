using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Nspawn;

/// <summary>What a router says of a link: its prefix, itself as the way out, the name servers; RFC 4861, RFC 8106.</summary>
internal static class RouterAdvertisement
{
    public const byte Solicitation = 133;

    /// <summary>How long a router is believed at most; it has to speak again before.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(9000);

    private const byte Advertisement = 134;
    private const byte SourceLinkLayer = 1, PrefixInformation = 3, RecursiveDnsServer = 25;
    private const byte OnLinkAndAutonomous = 0xc0;
    private const uint Forever = uint.MaxValue;

    /// <summary>The message, its checksum left to the frame.</summary>
    public static byte[] Of(ReadOnlySpan<byte> hardware, IPAddress prefix, bool hasWayOut, ImmutableArray<IPAddress> nameServers)
    {
        List<byte> bytes = [Advertisement, 0, 0, 0, 64 /* hops */, 0];
        bytes.AddRange(Short((ushort)(hasWayOut ? Lifetime.TotalSeconds : 0)));
        bytes.AddRange(new byte[8]); // reachable and retransmission times: as the host likes
        bytes.AddRange([SourceLinkLayer, 1, .. hardware[..6]]);
        bytes.AddRange([PrefixInformation, 4, 64, OnLinkAndAutonomous, .. Number(Forever), .. Number(Forever), 0, 0, 0, 0]);
        bytes.AddRange(prefix.GetAddressBytes());
        byte[][] servers = [.. nameServers.Where(one => one.AddressFamily == AddressFamily.InterNetworkV6).Take(3).Select(one => one.GetAddressBytes())];
        if (hasWayOut && servers.Length > 0)
        {
            bytes.AddRange([RecursiveDnsServer, (byte)(1 + 2 * servers.Length), 0, 0, .. Number((uint)Lifetime.TotalSeconds)]);
            bytes.AddRange(servers.SelectMany(one => one));
        }

        return [.. bytes];
    }

    private static byte[] Short(ushort value)
    {
        byte[] bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Number(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
