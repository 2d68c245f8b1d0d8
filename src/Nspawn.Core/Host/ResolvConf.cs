using System.Collections.Immutable;
using System.Net;

namespace Nspawn.Core;

/// <summary>The files of the host that the tree's resolv.conf can be made from; systemd-resolved(8).</summary>
public static class ResolvConf
{
    public static readonly ImmutableArray<ResolvConfSource> Sources =
        [ResolvConfSource.Host, ResolvConfSource.Static, ResolvConfSource.Uplink, ResolvConfSource.Stub];

    /// <summary>The name servers in such a file that are no loopback address: one of those is another in a container.</summary>
    public static ImmutableArray<string> ReachableServers(string content) => [.. Servers(content).Where(server => !IPAddress.IsLoopback(server)).Select(server => server.ToString())];

    /// <summary>There are name servers in such a file, and each is a loopback address.</summary>
    public static bool HasOnlyLoopback(string content) => Servers(content).Any() && Servers(content).All(IPAddress.IsLoopback);

    /// <summary>A container that has such a file finds nobody to ask.</summary>
    public static bool HasNoReachable(string content) => ReachableServers(content).IsEmpty;

    private static IEnumerable<IPAddress> Servers(string content)
    {
        foreach (string line in content.Split('\n'))
        {
            // A link-local server's zone is the host's interface: it says nothing in a container.
            if (line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is ["nameserver", string text, ..]
                && IPAddress.TryParse(text, out IPAddress? address) && !address.IsIPv6LinkLocal)
            {
                yield return address;
            }
        }
    }

    public static string PathOf(ResolvConfSource source) => source switch
    {
        ResolvConfSource.Static => "/usr/lib/systemd/resolv.conf",
        ResolvConfSource.Uplink => "/run/systemd/resolve/resolv.conf",
        ResolvConfSource.Stub => "/run/systemd/resolve/stub-resolv.conf",
        _ => "/etc/resolv.conf",
    };
}
