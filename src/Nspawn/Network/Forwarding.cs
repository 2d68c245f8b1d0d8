using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>That the host passes packets on between its links, as long as a run needs it.</summary>
internal static class Forwarding
{
    private const string IPv4Switch = "/proc/sys/net/ipv4/ip_forward";
    private const string IPv6Settings = "/proc/sys/net/ipv6/conf";

    /// <summary>Switches it on for a family of addresses, "ip" or "ip6".</summary>
    /// <returns>To be closed before the ledger's step is undone.</returns>
    /// <exception cref="SyscallException">The switch cannot be written.</exception>
    public static SafeFileHandle Join(string family, NetworkLedger ledger) => family == "ip6"
        ? SharedDeed.Join("forward-ipv6", ledger, IPv6Steps, ForwardIPv6)
        : SharedDeed.Join("forward-ipv4", ledger, () => Changed(IPv4Switch, "1"), () => Sysctl.Write(IPv4Switch, "1"));

    /// <summary>It is on for a link at least: systemd-networkd has switches of its own for each.</summary>
    public static bool IsOn(string family)
    {
        string settings = family == "ip6" ? IPv6Settings : "/proc/sys/net/ipv4/conf";
        return Sysctl.Names(settings).Exists(link => Sysctl.Read($"{settings}/{link}/forwarding") == "1");
    }

    /// <summary>The host has an IPv6 address that is good beyond a link, on one that is no machine's.</summary>
    public static bool HasIPv6(RouteSocket host)
    {
        HashSet<int> own = [.. host.Links().Where(link => link.IsLoopback || InterfaceNames.IsMachines(link.Name)).Select(link => link.Index)];
        return host.Addresses().Exists(one => one.IsGlobal && one.Address.AddressFamily == AddressFamily.InterNetworkV6 && !own.Contains(one.Link));
    }

    // A host that forwards believes no router any more, unless it is told to: it would lose its own way out.
    private static IEnumerable<UndoStep> IPv6Steps() =>
        Changed($"{IPv6Settings}/all/forwarding", "1").Concat(Believers().SelectMany(path => Changed(path, "2")))
            .Reverse();

    private static void ForwardIPv6()
    {
        foreach (string path in Believers().ToArray())
        {
            Sysctl.Write(path, "2");
        }

        Sysctl.Write($"{IPv6Settings}/all/forwarding", "1");
    }

    private static IEnumerable<string> Believers() =>
        Sysctl.Read($"{IPv6Settings}/all/forwarding") != "0" ? [] : Sysctl.Names(IPv6Settings)
            .Where(name => !InterfaceNames.IsMachines(name) && Sysctl.Read($"{IPv6Settings}/{name}/forwarding") == "0" && Sysctl.Read($"{IPv6Settings}/{name}/accept_ra") == "1")
            .Select(name => $"{IPv6Settings}/{name}/accept_ra");

    private static IEnumerable<UndoStep> Changed(string path, string value) =>
        Sysctl.Read(path) is string now && now != value ? [new UndoStep.WriteSysctl(path, now)] : [];
}
