namespace Nspawn.Core;

/// <summary>The container's links to the host, decided.</summary>
internal static class NetworkSteps
{
    /// <summary>On the host, before the container's first process is there.</summary>
    public static IEnumerable<Step> OnHost(PlanInput input)
    {
        if (input.Settings.NetworkNamespace is string path)
        {
            yield return new JoinNetwork(path) { Reason = "--network-namespace-path=" };
        }
    }

    public static IEnumerable<Step> Of(PlanInput input)
    {
        Step[] links = [.. Moved(input), .. Veth(input), .. ExtraLinks(input), .. Branches(input), .. Served(input), .. Ports(input)];
        return links.Length == 0
            ? []
            : [new KeepNetworkLedger(
                RunPaths.NetworkDirectory(input.Host.Network.Namespace), RunPaths.NameOf(input.Machine, input.Host.RunId))
            {
                Reason = "so that the next launch can undo what is done to the host's network, should all who know of it be killed",
            }, .. links];
    }

    /// <summary>The launcher itself looks after the host's end of the link.</summary>
    public static bool IsServed(PlanInput input) =>
        input.Settings is { VirtualEthernet: true, Bridge: null } && IsManaged(input);

    /// <summary>What the end of the first link on the host is called.</summary>
    public static string HostName(PlanInput input) => InterfaceNames.Shorten(WholeHostName(input));

    /// <summary>Names in the container, which all have to differ.</summary>
    public static IEnumerable<string> ContainerNames(PlanInput input) =>
        Of(input).SelectMany(step => step switch
        {
            MakeVeth veth => [veth.Name],
            MakeMacvlan macvlan => [macvlan.Name],
            MakeIpvlan ipvlan => [ipvlan.Name],
            MoveInterface move => [move.Name],
            _ => (string[])[],
        });

    private static IEnumerable<Step> Moved(PlanInput input) => input.Settings.MovedInterfaces.Select(pair =>
    {
        string name = input.Host.Network.LinkOf(pair.Host)?.Name ?? pair.Host;
        return new MoveInterface(name, pair.Container ?? name, HostSteps.NetworkPin(input)) { Reason = "--network-interface=" };
    });

    private static IEnumerable<Step> Veth(PlanInput input)
    {
        Settings settings = input.Settings;
        if (!settings.VirtualEthernet)
        {
            yield break;
        }

        MacAddresses addresses = new(input.Host.MachineId, input.Machine);
        string whole = WholeHostName(input);
        string name = InterfaceNames.Shorten(whole);
        yield return new MakeVeth(name, addresses.Host, InterfaceNames.Container, input.Host.Network.ContainerAddress ?? addresses.Container)
        {
            Reason = settings.Zone is not null ? "--network-zone=" : settings.Bridge is not null ? "--network-bridge=" : "--network-veth",
            AltName = name == whole ? null : whole,
            Bridge = settings.Zone is string zone ? InterfaceNames.Zone(zone) : settings.Bridge,
            IsZone = settings.Zone is not null,
        };
    }

    private static IEnumerable<Step> ExtraLinks(PlanInput input)
    {
        MacAddresses addresses = new(input.Host.MachineId, input.Machine);
        return input.Settings.ExtraLinks.Select((pair, i) =>
            new MakeVeth(pair.Host, addresses.ExtraHost(i), pair.Container ?? pair.Host, addresses.ExtraContainer(i))
            {
                Reason = "--network-veth-extra=",
            });
    }

    private static IEnumerable<Step> Branches(PlanInput input)
    {
        MacAddresses addresses = new(input.Host.MachineId, input.Machine);
        NetworkFacts network = input.Host.Network;
        foreach ((InterfacePair pair, int i) in input.Settings.Macvlans.Select((pair, i) => (pair, i)))
        {
            string name = pair.Container ?? InterfaceNames.Shorten("mv-" + pair.Host);
            yield return new MakeMacvlan(network.LinkOf(pair.Host)?.Name ?? pair.Host, name, addresses.Macvlan(i)) { Reason = "--network-macvlan=" };
        }

        foreach (InterfacePair pair in input.Settings.Ipvlans)
        {
            string name = pair.Container ?? InterfaceNames.Shorten("iv-" + pair.Host);
            yield return new MakeIpvlan(network.LinkOf(pair.Host)?.Name ?? pair.Host, name) { Reason = "--network-ipvlan=" };
        }
    }

    private static IEnumerable<Step> Served(PlanInput input)
    {
        if (IsServed(input))
        {
            yield return new ServeLink(
                HostName(input), input.Settings.Zone is string zone ? InterfaceNames.Zone(zone) : null, input.Host.Network.NameServers)
            {
                Reason = input.Settings.NetworkManage == NetworkManageMode.Yes
                    ? "--network-manage=yes"
                    : "no systemd-networkd runs on the host: without it the link would lead nowhere",
                Optional = input.Settings.NetworkManage == NetworkManageMode.Auto,
            };
        }
    }

    private static IEnumerable<Step> Ports(PlanInput input)
    {
        if (!input.Settings.Ports.IsEmpty)
        {
            yield return new ForwardPorts(input.Settings.Ports) { Reason = "--port=", Forwards = IsManaged(input) };
        }
    }

    private static bool IsManaged(PlanInput input) =>
        input.Settings.NetworkManage == NetworkManageMode.Yes
        || (input.Settings.NetworkManage == NetworkManageMode.Auto && !input.Host.Network.HasNetworkd);

    private static string WholeHostName(PlanInput input) =>
        InterfaceNames.Host(input.Machine, isPort: input.Settings.Bridge is not null || input.Settings.Zone is not null);
}
