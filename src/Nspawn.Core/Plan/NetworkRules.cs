namespace Nspawn.Core;

/// <summary>What the host's network must be for the settings to make sense; all of it is looked at before anything is made.</summary>
internal static class NetworkRules
{
    public static void Check(PlanInput input)
    {
        Settings settings = input.Settings;
        NetworkFacts network = input.Host.Network;
        if (network.NamespaceFault is string fault)
        {
            throw new LaunchException($"--network-namespace-path={settings.NetworkNamespace}: {fault}; name a file such as /run/netns/NAME or /proc/PID/ns/net");
        }

        if (network.ContainerAddress is string address && MacAddresses.Parse(address) is null)
        {
            throw new LaunchException($"$SYSTEMD_NSPAWN_NETWORK_MAC: {Message.Printable(address)} is no link-layer address such as 02:00:00:00:00:01");
        }

        foreach (string kind in network.MissingKinds)
        {
            throw new LaunchException($"--network-{kind}=: this kernel cannot make {kind} interfaces; it needs CONFIG_{kind.ToUpperInvariant()}, or its module (modprobe {kind})");
        }

        foreach (ForwardedPort port in network.TakenPorts)
        {
            throw new LaunchException($"--port={port}: port {port.Host} of the host is taken; see who listens with ss -lntup, or forward another");
        }

        CheckParents(settings, network);
        CheckBridge(settings, network);
        CheckNames(input, network);
    }

    private static void CheckParents(Settings settings, NetworkFacts network)
    {
        foreach ((string option, InterfacePair pair) in
            settings.MovedInterfaces.Select(pair => ("interface", pair))
                .Concat(settings.Macvlans.Select(pair => ("macvlan", pair)))
                .Concat(settings.Ipvlans.Select(pair => ("ipvlan", pair))))
        {
            if (network.LinkOf(pair.Host) is not { } link)
            {
                throw new LaunchException($"--network-{option}={pair.Host}: no such interface on the host; ip link lists them");
            }

            if (link.IsLoopback)
            {
                throw new LaunchException($"--network-{option}={pair.Host}: the loopback interface stays where it is; every network has its own");
            }

            if (option == "interface" && network.Wireless.Contains(pair.Host))
            {
                throw new LaunchException($"--network-interface={pair.Host}: a wireless interface goes only with its radio; move that by iw phy ... set netns");
            }
        }
    }

    private static void CheckBridge(Settings settings, NetworkFacts network)
    {
        if (settings.Bridge is string bridge && network.LinkOf(bridge) is not { Kind: "bridge" or "openvswitch" })
        {
            throw new LaunchException(network.LinkOf(bridge) is null
                ? $"--network-bridge={bridge}: no such bridge on the host; make it (ip link add {bridge} type bridge), or use --network-zone="
                : $"--network-bridge={bridge}: the host's interface {bridge} is no bridge");
        }

        if (settings.Zone is string zone && network.LinkOf(InterfaceNames.Zone(zone)) is { Kind: not "bridge" })
        {
            throw new LaunchException($"--network-zone={zone}: the host's interface {InterfaceNames.Zone(zone)} is no bridge");
        }
    }

    private static void CheckNames(PlanInput input, NetworkFacts network)
    {
        HashSet<string> onHost = [];
        foreach (MakeVeth veth in NetworkSteps.Of(input).OfType<MakeVeth>())
        {
            if (!onHost.Add(veth.HostName))
            {
                throw new LaunchException($"two links would be called {veth.HostName} on the host; give one another name");
            }

            if (network.LinkOf(veth.HostName) is not null)
            {
                string remedy = veth.Reason == "--network-veth-extra=" ? "give this one another name" : "give the machine another name with --machine=";
                throw new LaunchException($"an interface {veth.HostName} is there on the host already; {remedy}");
            }

            if (veth.AltName is { Length: > InterfaceSyntax.LongestAltName })
            {
                throw new LaunchException($"the interface name {veth.AltName} is too long; give the machine a shorter name with --machine=");
            }
        }

        HashSet<string> inside = ["lo"];
        foreach (string name in NetworkSteps.ContainerNames(input))
        {
            if (!inside.Add(name))
            {
                throw new LaunchException($"two interfaces would be called {name} in the container; give one another name (HOST:NAME)");
            }
        }
    }
}
