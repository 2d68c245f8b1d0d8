using System.Net;
using System.Net.Sockets;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// systemd's tables for containers, io.systemd.nat: whose packets go out under the host's address, and which ports of the
/// host lead where. systemd-nspawn, systemd-networkd and all runs share them; only what is in them is ever removed.
/// </summary>
internal static class Firewall
{
    public const string MasqueradeSet = "masq_saddr";
    public const string PortMap = "map_port_ipport";

    private const string Table = "io.systemd.nat";

    /// <summary>The family of a table for an address.</summary>
    public static string FamilyOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? "ip6" : "ip";

    /// <summary>Adds an element to a set or map, and makes the table first where it is not there: two runs must not do that at a time.</summary>
    /// <returns>What is wrong; null: nothing.</returns>
    public static string? Add(string family, string set, string element)
    {
        string command = $"add element {family} {Table} {set} {{ {element} }}";
        return Nftables.Run(command) is null ? null : Prepare(family) ?? Nftables.Run(command);
    }

    /// <summary>Makes the table where it is not there; null, or what is wrong. Two runs must not do that at a time.</summary>
    public static string? Prepare(string family) =>
        Nftables.Run($"list map {family} {Table} {PortMap}") is null ? null : Nftables.Run(TableOf(family));

    /// <summary>Takes an element out; one that is not there is no error.</summary>
    public static void Remove(string family, string set, string element) =>
        _ = Nftables.Run($"delete element {family} {Table} {set} {{ {element} }}");

    public static bool Has(string family, string set, string element) =>
        Nftables.Run($"get element {family} {Table} {set} {{ {element} }}") is null;

    /// <summary>What of the packet filter drops what is to be forwarded is not ours to change: these are accepted elsewhere.</summary>
    private static string TableOf(string family)
    {
        (string type, string loopback) = family == "ip6" ? ("ipv6_addr", "::1") : ("ipv4_addr", "127.0.0.0/8");
        string ports = $"dnat {family} to meta l4proto . th dport map @{PortMap}";
        return $$"""
            add table {{family}} {{Table}}
            add set {{family}} {{Table}} {{MasqueradeSet}} { type {{type}}; flags interval; }
            add map {{family}} {{Table}} {{PortMap}} { type inet_proto . inet_service : {{type}} . inet_service; }
            add chain {{family}} {{Table}} prerouting { type nat hook prerouting priority dstnat + 1; policy accept; }
            add chain {{family}} {{Table}} output { type nat hook output priority -99; policy accept; }
            add chain {{family}} {{Table}} postrouting { type nat hook postrouting priority srcnat + 1; policy accept; }
            add rule {{family}} {{Table}} prerouting fib daddr type local {{ports}}
            add rule {{family}} {{Table}} output {{family}} daddr != {{loopback}} oif "lo" {{ports}}
            add rule {{family}} {{Table}} postrouting {{family}} saddr @{{MasqueradeSet}} masquerade
            """;
    }
}
