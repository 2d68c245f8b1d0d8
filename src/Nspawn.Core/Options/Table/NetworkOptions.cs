using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options about the container's network. Each but the last two gives it one of its own.</summary>
internal static class NetworkOptions
{
    public static readonly ImmutableArray<Option> Rows =
    [
        Privileged("Network.Private", Option.Flag("private-network", null, "No network but a loopback of its own",
            (settings, on) => settings with { PrivateNetwork = on })),
        Privileged("Network.VirtualEthernet", Option.Flag("network-veth", 'n', "A link to the host, host0 inside",
            (settings, on) => settings with { VirtualEthernet = on, PrivateNetwork = settings.PrivateNetwork || on })),
        Pairs("network-veth-extra", "Network.VirtualEthernetExtra", "One more link to the host", exists: false,
            (settings, pairs) => settings with { ExtraLinks = [.. settings.ExtraLinks, .. pairs] }),
        Privileged("Network.Bridge", Option.Value("network-bridge", null, "BRIDGE", "The link is a port of this bridge",
            (settings, value) => OwnNetwork(settings) with { Bridge = InterfaceSyntax.Name(value), VirtualEthernet = true })),
        Privileged("Network.Zone", Option.Value("network-zone", null, "ZONE", "The link is a port of a bridge made for the zone",
            (settings, value) => OwnNetwork(settings) with { Zone = InterfaceSyntax.Zone(value), VirtualEthernet = true })),
        Pairs("network-interface", "Network.Interface", "Move an interface of the host", exists: true,
            (settings, pairs) => settings with { MovedInterfaces = [.. settings.MovedInterfaces, .. pairs] }),
        Pairs("network-macvlan", "Network.MACVLAN", "A macvlan interface on one of the host's", exists: true,
            (settings, pairs) => settings with { Macvlans = [.. settings.Macvlans, .. pairs] }),
        Pairs("network-ipvlan", "Network.IPVLAN", "An ipvlan interface on one of the host's", exists: true,
            (settings, pairs) => settings with { Ipvlans = [.. settings.Ipvlans, .. pairs] }),
        Privileged("Network.NamespacePath", Option.Value("network-namespace-path", null, "PATH", "Join this network namespace",
            (settings, value, context) => settings with { NetworkNamespace = HostPath.Parse(value, context) })) with
        {
            Offer = Offer.Files,
        },
        Privileged("Network.Port", Option.Value("port", 'p', "[tcp|udp:]HOST[:PORT]", "Forward a port of the host",
            (settings, value) => settings with { Ports = [.. settings.Ports, .. Words(value).Select(PortSyntax.Parse)] })) with
        {
            Kind = "port",
        },
        Option.Value("network-manage", null, "MODE", "Who gives host0 addresses and a way out",
            (settings, value) => settings with
            {
                NetworkManage = ModeNames.NetworkManage.ParseOrBoolean(value, NetworkManageMode.Yes, NetworkManageMode.No),
            }) with
        {
            Values = () => ModeNames.NetworkManage.Names,
        },
    ];

    private static Settings OwnNetwork(Settings settings) => settings with { PrivateNetwork = true };

    private static Option Pairs(
        string name, string key, string help, bool exists, Func<Settings, IEnumerable<InterfacePair>, Settings> apply) =>
        Privileged(key, Option.Value(name, null, "HOST[:NAME]", help,
            (settings, value) => apply(OwnNetwork(settings), InterfaceSyntax.Pairs(value, exists))));

    private static Option Privileged(string key, Option option) => option with { Key = key, Privileged = true };

    // A settings file has them all in one assignment.
    private static string[] Words(string value) =>
        value.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words ? words : [""];
}
