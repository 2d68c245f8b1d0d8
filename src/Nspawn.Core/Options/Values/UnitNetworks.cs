using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Nspawn.Core;

/// <summary>The values of the properties that say with whom a unit may talk; systemd.resource-control(5).</summary>
internal static class UnitNetworks
{
    private const int Unspecified = 0, Inet = 2, Inet6 = 10; // AF_*
    private const int Tcp = 6, Udp = 17; // IPPROTO_*

    /// <summary>Addresses with a prefix length or without, and the names that stand for several.</summary>
    public static ImmutableArray<NetworkPrefix> Addresses(IEnumerable<string> words) => [.. words.SelectMany(Prefixes)];

    /// <summary><c>[ipv4:|ipv6:][tcp:|udp:]PORT[-PORT]</c>, or <c>any</c>; nothing takes earlier ones back.</summary>
    public static ImmutableArray<SocketBind> SocketBinds(string value)
    {
        if (value.Length == 0)
        {
            return [];
        }

        (int family, int protocol, ushort first, int count) = (Unspecified, 0, 0, 0);
        string[] fields = value == "any" ? [] : value.Split(':');
        for (int i = 0; i < fields.Length; i++)
        {
            bool known = fields[i] switch
            {
                "ipv4" when i == 0 => (family = Inet) != 0,
                "ipv6" when i == 0 => (family = Inet6) != 0,
                "tcp" when protocol == 0 => (protocol = Tcp) != 0,
                "udp" when protocol == 0 => (protocol = Udp) != 0,
                _ => i == fields.Length - 1 && IsPorts(fields[i], out first, out count),
            };
            if (!known)
            {
                throw new UsageException("expected any or ADDRESS-FAMILY:PROTOCOL:PORT, such as ipv4:tcp:8000-8999");
            }
        }

        return [new SocketBind(family, protocol, (ushort)count, first)];
    }

    private static bool IsPorts(string text, out ushort first, out int count)
    {
        string[] ends = text.Split('-');
        count = 0;
        if (!ushort.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out first) || first == 0 || ends.Length > 2)
        {
            return false;
        }

        bool read = ushort.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out ushort last);
        count = last - first + 1;
        return read && last >= first;
    }

    private static IEnumerable<NetworkPrefix> Prefixes(string word) => word switch
    {
        "any" => [Prefix("0.0.0.0/0"), Prefix("::/0")],
        "localhost" => [Prefix("127.0.0.0/8"), Prefix("::1/128")],
        "link-local" => [Prefix("169.254.0.0/16"), Prefix("fe80::/64")],
        "multicast" => [Prefix("224.0.0.0/4"), Prefix("ff00::/8")],
        _ => [Prefix(word)],
    };

    private static NetworkPrefix Prefix(string text)
    {
        string[] parts = text.Split('/');
        if (parts.Length <= 2 && IPAddress.TryParse(parts[0], out IPAddress? address) && !parts[0].Contains('%'))
        {
            bool four = address.AddressFamily == AddressFamily.InterNetwork;
            bool isWhole = !four || address.ToString() == parts[0]; // not 10, 10.1 or 010.0.0.1, which mean others than they seem to
            uint most = four ? 32u : 128u;
            uint length = most;
            if (isWhole && (parts.Length == 1 || (uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out length) && length <= most)))
            {
                return new NetworkPrefix(four ? Inet : Inet6, [.. address.GetAddressBytes()], length);
            }
        }

        throw new UsageException("expected addresses such as 192.0.2.0/24 or 2001:db8::1, or any, localhost, link-local, multicast");
    }
}
