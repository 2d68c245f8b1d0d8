using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Picks networks for links between host and container: private ones that nothing on the host leads to yet, the same
/// for the same name as long as that is so.
/// </summary>
internal static class Subnets
{
    private static readonly byte[] s_key = Convert.FromHexString("6f2c1f6b3a3b4f0c9a55f4a2c1d7e8b0");

    /// <summary>Private networks of RFC 1918, the largest first.</summary>
    private static readonly (uint Network, int Prefix)[] s_private =
        [(0x0a000000, 8), (0xac100000, 12), (0xc0a80000, 16)];

    /// <summary>A free IPv4 network of a size.</summary>
    public static IPAddress Pick(string name, int prefix, RouteSocket host)
    {
        const int Attempts = 64;
        (uint Network, int Prefix)[] taken = [.. Taken(host)];
        foreach ((uint network, int wide) in s_private)
        {
            for (int attempt = 0; attempt < Attempts; attempt++)
            {
                uint pick = network | (uint)Hash($"{name}/{attempt}") & ~Mask(wide) & Mask(prefix);
                if (!taken.Any(other => Overlap(pick, prefix, other.Network, other.Prefix)))
                {
                    return Address(pick);
                }
            }
        }

        throw new LaunchException("every private IPv4 network is in use on this host; see ip route, or use --network-manage=no");
    }

    /// <summary>A unique local IPv6 network, 64 bits long; RFC 4193.</summary>
    public static IPAddress PickIPv6(string name, Guid? hostId)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Hash($"{hostId:N}/{name}"));
        bytes[0] = 0xfd;
        return new IPAddress(bytes);
    }

    /// <summary>The address of a number in a network.</summary>
    public static IPAddress Nth(IPAddress network, uint number)
    {
        byte[] bytes = network.GetAddressBytes();
        Span<byte> end = bytes.AsSpan(bytes.Length - sizeof(uint));
        BinaryPrimitives.WriteUInt32BigEndian(end, BinaryPrimitives.ReadUInt32BigEndian(end) | number);
        return new IPAddress(bytes);
    }

    /// <summary>The network an IPv4 address is in.</summary>
    public static IPAddress Of(IPAddress address, int prefix) => Address(Number(address) & Mask(prefix));

    /// <summary>Something that differs from name to name, and stays.</summary>
    public static ulong Hash(string name) => SipHash.Of(s_key, Encoding.UTF8.GetBytes(name));

    private static IEnumerable<(uint Network, int Prefix)> Taken(RouteSocket host) =>
        host.Addresses().Where(one => one.Address.AddressFamily == AddressFamily.InterNetwork).Select(one => (Number(one.Address), one.Prefix))
            .Concat(host.Routes().Where(one => !one.IsIPv6 && one.Destination is not null).Select(one => (Number(one.Destination!), one.Prefix)));

    private static bool Overlap(uint one, int onePrefix, uint other, int otherPrefix) =>
        ((one ^ other) & Mask(Math.Min(onePrefix, otherPrefix))) == 0;

    private static uint Mask(int prefix) => prefix == 0 ? 0 : uint.MaxValue << (32 - prefix);

    private static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static IPAddress Address(uint number)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}
