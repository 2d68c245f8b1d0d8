using System.Net;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The container's way to other networks: the host forwards, and lends it its own address. Opened with the first
/// question that comes from the container, so that one that never asks costs the host nothing.
/// </summary>
internal sealed class WayOut(NetworkLedger ledger) : IDisposable
{
    private const string IPv4Switch = "/proc/sys/net/ipv4/ip_forward";
    private const string IPv6Settings = "/proc/sys/net/ipv6/conf";

    private readonly List<SafeFileHandle> _shared = [];

    /// <summary>Opens it for a network of the container's.</summary>
    /// <returns>What keeps it shut; null: nothing.</returns>
    public string? Open(IPAddress network, int prefix)
    {
        string family = Firewall.FamilyOf(network), element = $"{network}/{prefix}";
        try
        {
            _shared.Add(family == "ip6"
                ? SharedDeed.Join("forward-ipv6", ledger, IPv6Steps, ForwardIPv6)
                : SharedDeed.Join("forward-ipv4", ledger, IPv4Steps, () => Sysctl.Write(IPv4Switch, "1")));
            _shared.Add(SharedDeed.Join(
                $"masquerade-{network}-{prefix}", ledger, () => [new UndoStep.RemoveElement(family, Firewall.MasqueradeSet, element)],
                () => Masquerade(family, element)));
            return null;
        }
        catch (Exception failure) when (failure is SyscallException or LaunchException)
        {
            return failure.Message;
        }
    }

    public void Dispose() => _shared.ForEach(one => one.Dispose());

    private static IEnumerable<UndoStep> IPv4Steps() => Changed(IPv4Switch, "1");

    private static void Masquerade(string family, string element)
    {
        if (Firewall.Add(family, Firewall.MasqueradeSet, element) is string fault)
        {
            throw new LaunchException(fault);
        }
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
