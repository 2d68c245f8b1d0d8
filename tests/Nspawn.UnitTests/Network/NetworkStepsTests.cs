using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class NetworkStepsTests
{
    private static readonly Link s_eth0 = new(2, "eth0") { AltNames = ["enp1s0"] };
    private static readonly Link s_bridge = new(3, "br0") { Kind = "bridge" };

    private static readonly HostFacts s_host = PlanFacts.Host with
    {
        Network = new NetworkFacts { Links = [new Link(1, "lo") { IsLoopback = true }, s_eth0, s_bridge], NameServers = ["192.0.2.1"] },
    };

    [Fact]
    public void A_veth_has_systemds_names()
    {
        MakeVeth veth = Only<MakeVeth>("-M web -n true");

        Assert.Equal(("ve-web", "host0", null, null), (veth.HostName, veth.Name, veth.Bridge, veth.AltName));
        Assert.Equal(("vb-web", "br0", false), Port(Only<MakeVeth>("-M web --network-bridge=br0 true")));
        Assert.Equal(("vb-web", "vz-lan", true), Port(Only<MakeVeth>("-M web --network-zone=lan true")));
        Assert.Equal("ve-averyveryverylongname", Only<MakeVeth>("-M averyveryverylongname -n true").AltName);
    }

    [Fact]
    public void Any_link_gives_the_container_a_network_of_its_own()
    {
        foreach (string option in (string[])["-n", "--network-zone=lan", "--network-bridge=br0", "--network-veth-extra=a", "--network-macvlan=eth0", "--network-interface=eth0"])
        {
            Plan plan = PlanOf($"-M web {option} true");

            Assert.True(plan.Namespaces.HasFlag(CloneFlags.NewNet), option);
            Assert.IsType<KeepNetworkLedger>(plan.Network[0]);
        }

        Assert.Empty(PlanOf("-M web --private-network true").Network);
        Assert.Empty(PlanOf("-M web true").Network);
    }

    [Fact]
    public void Names_in_the_container_have_the_usual_prefixes()
    {
        Assert.Equal("mv-eth0", Only<MakeMacvlan>("--network-macvlan=eth0 true").Name);
        Assert.Equal("iv-eth0", Only<MakeIpvlan>("--network-ipvlan=eth0 true").Name);
        Assert.Equal("wan", Only<MakeMacvlan>("--network-macvlan=eth0:wan true").Name);
        Assert.Equal(("eth0", "eth0"), Names(Only<MoveInterface>("--network-interface=enp1s0 true")));
        Assert.Equal(("eth0", "up"), Names(Only<MoveInterface>("--network-interface=eth0:up true")));
    }

    [Fact]
    public void The_launcher_serves_the_link_unless_networkd_does()
    {
        HostFacts withNetworkd = s_host with { Network = s_host.Network with { HasNetworkd = true } };

        Assert.Equal(["192.0.2.1"], Only<ServeLink>("-M web -n true").NameServers);
        Assert.Equal("vz-lan", Only<ServeLink>("-M web --network-zone=lan true").Bridge);
        Assert.Empty(PlanOf("-n true", withNetworkd).Network.OfType<ServeLink>());
        Assert.Single(PlanOf("-n --network-manage=yes true", withNetworkd).Network.OfType<ServeLink>());
        Assert.Empty(PlanOf("-n --network-manage=no true").Network.OfType<ServeLink>());
        Assert.Empty(PlanOf("--network-bridge=br0 true").Network.OfType<ServeLink>());
        Assert.Contains(PlanOf("-n true", withNetworkd).Notices, notice => notice.Contains("systemd-networkd"));
        Assert.Contains(PlanOf("-n true").Notices, notice => notice.Contains("from nspawn"));
    }

    [Theory]
    [InlineData("--network-interface=eth9 true", "no such interface")]
    [InlineData("--network-macvlan=eth9 true", "no such interface")]
    [InlineData("--network-interface=lo true", "loopback")]
    [InlineData("--network-bridge=br9 true", "no such bridge")]
    [InlineData("--network-bridge=eth0 true", "is no bridge")]
    [InlineData("--network-veth-extra=eth0 true", "there on the host already")]
    [InlineData("--network-veth-extra=a --network-veth-extra=a:b true", "two links would be called a")]
    [InlineData("--network-veth-extra=a:x --network-veth-extra=b:x true", "two interfaces would be called x")]
    [InlineData("-n --network-veth-extra=a:host0 true", "two interfaces would be called host0")]
    public void What_cannot_be_is_said_before_anything_is_made(string line, string said) =>
        Assert.Contains(said, Assert.Throws<LaunchException>(() => PlanOf("-M web " + line)).Message);

    [Theory]
    [InlineData("--network-bridge=br0 --network-zone=lan true", "exclude each other")]
    [InlineData("--network-namespace-path=/run/netns/x -n true", "joins a network as it is")]
    [InlineData("-p 80 true", "--port=")]
    [InlineData("-n -p 80 -p 80:81 true", "forwarded already")]
    public void What_contradicts_itself_is_refused(string line, string said) =>
        Assert.Contains(said, Assert.Throws<UsageException>(() => PlanOf(line)).Message);

    [Fact]
    public void A_joined_namespace_is_neither_made_nor_administered()
    {
        Plan plan = PlanOf("--network-namespace-path=/run/netns/x true");

        Assert.False(plan.Namespaces.HasFlag(CloneFlags.NewNet));
        Assert.Single(plan.Host.OfType<JoinNetwork>());
        Assert.False(plan.Leader.OfType<SetCapabilities>().Single().Bounding.Contains(Capability.NetAdmin));
        Assert.Contains(plan.Leader, step => step is Mount { Type: "sysfs" });
        Assert.DoesNotContain(plan.Leader, step => step is BringLoopbackUp);
    }

    [Fact]
    public void A_kernel_without_a_kind_a_taken_port_and_a_false_namespace_are_told()
    {
        Assert.Contains("CONFIG_IPVLAN", Refusal("--network-ipvlan=eth0 true", s_host.Network with { MissingKinds = ["ipvlan"] }));
        Assert.Contains("port 80 of the host is taken", Refusal("-n -p 80 true", s_host.Network with { TakenPorts = [new(TransportProtocol.Tcp, 80, 80)] }));
        Assert.Contains("no network namespace", Refusal("--network-namespace-path=/etc/hosts true", s_host.Network with { NamespaceFault = "it is no network namespace" }));
        Assert.Contains("SYSTEMD_NSPAWN_NETWORK_MAC", Refusal("-n true", s_host.Network with { ContainerAddress = "nonsense" }));
        Assert.Contains("radio", Refusal("--network-interface=eth0 true", s_host.Network with { Wireless = ["eth0"] }));
    }

    [Theory]
    [InlineData("-n", false, true)]
    [InlineData("--network-bridge=br0", false, true)]
    [InlineData("--network-bridge=br0 --network-manage=no", false, false)]
    [InlineData("--network-bridge=br0", true, false)]
    [InlineData("--network-bridge=br0 --network-manage=yes", true, true)]
    public void The_host_forwards_for_a_port_unless_others_look_after_its_network(string options, bool hasNetworkd, bool forwards) => Assert.Equal(
        forwards,
        PlanOf($"{options} -p 80 true", s_host with { Network = s_host.Network with { HasNetworkd = hasNetworkd } }).Network.OfType<ForwardPorts>().Single().Forwards);

    private static string Refusal(string line, NetworkFacts network) =>
        Assert.Throws<LaunchException>(() => PlanOf(line, s_host with { Network = network })).Message;

    private static T Only<T>(string line)
        where T : Step => PlanOf(line).Network.OfType<T>().Single();

    private static Plan PlanOf(string line, HostFacts? host = null) => PlanFacts.PlanOf("-D /srv/debian " + line, host ?? s_host);

    private static (string, string?, bool) Port(MakeVeth veth) => (veth.HostName, veth.Bridge, veth.IsZone);

    private static (string, string) Names(MoveInterface move) => (move.HostName, move.Name);
}
