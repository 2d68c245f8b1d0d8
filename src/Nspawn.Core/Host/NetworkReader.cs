using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Reads the facts about the host's network that the settings make a difference to.</summary>
public static class NetworkReader
{
    // systemd makes the link when the unit starts, and removes it when it ends.
    private const string NetworkdUnit = "/run/systemd/units/invocation:systemd-networkd.service";

    public static NetworkFacts Read(Settings settings, Func<string, string?> environment)
    {
        if (!settings.LeavesNetwork)
        {
            return new NetworkFacts();
        }

        bool hasLinks = settings.VirtualEthernet || !settings.ExtraLinks.IsEmpty || !settings.MovedInterfaces.IsEmpty
            || !settings.Macvlans.IsEmpty || !settings.Ipvlans.IsEmpty;
        NetworkFacts facts = new()
        {
            Namespace = Namespace(),
            HasNetworkd = HasNetworkd(),
            NamespaceFault = settings.NetworkNamespace is string path ? FaultOf(path) : null,
            TakenPorts = [.. settings.Ports.Where(PortProbe.IsTaken)],
        };
        return hasLinks ? WithLinks(facts, settings, environment) : facts;
    }

    /// <summary>The network the launcher is in.</summary>
    public static ulong Namespace() => FileStatus.At("/proc/self/ns/net")?.Inode ?? 0;

    public static bool HasNetworkd() => Linux.Links.Read(NetworkdUnit) is not null;

    /// <summary>The host's name servers that a container can reach too: its own loopback is not the host's.</summary>
    public static ImmutableArray<string> NameServers()
    {
        foreach (ResolvConfSource source in (ResolvConfSource[])[ResolvConfSource.Host, ResolvConfSource.Uplink])
        {
            ImmutableArray<string> servers = ResolvConf.ReachableServers(HostReader.ReadText(ResolvConf.PathOf(source)) ?? "");
            if (!servers.IsEmpty)
            {
                return servers;
            }
        }

        return [];
    }

    private static NetworkFacts WithLinks(NetworkFacts facts, Settings settings, Func<string, string?> environment)
    {
        using RouteSocket routes = new();
        List<string> missing = [];
        foreach ((string kind, bool asked) in ((string, bool)[])[("macvlan", !settings.Macvlans.IsEmpty), ("ipvlan", !settings.Ipvlans.IsEmpty)])
        {
            if (asked && !routes.CanMake(kind))
            {
                missing.Add(kind);
            }
        }

        return facts with
        {
            Links = [.. routes.Links()],
            MissingKinds = [.. missing],
            Wireless = [.. settings.MovedInterfaces.Select(pair => pair.Host)
                .Where(name => !name.Contains('/') && FileStatus.At($"/sys/class/net/{name}/phy80211") is not null)],
            ContainerAddress = environment("SYSTEMD_NSPAWN_NETWORK_MAC"),
            NameServers = settings.VirtualEthernet ? NameServers() : [],
        };
    }

    private static string? FaultOf(string path)
    {
        using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.NonBlocking, out Mono.Unix.Native.Errno errno);
        return file is null ? ErrnoText.Of(errno) : Namespaces.IsNetwork(file) ? null : "it is no network namespace";
    }
}
