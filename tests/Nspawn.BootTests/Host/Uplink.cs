using System.Globalization;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>
/// A wire from a booted host to a third one, a network namespace of the test's, and systemd-networkd in the booted one, which
/// looks after it. 192.0.2.1 and 2001:db8:1::1 here, .2 and ::2 there, where a page and a name server are.
/// </summary>
internal sealed class Uplink : IDisposable
{
    private const string Settings = "/run/systemd/network/10-up0.network";

    private readonly RealHost _host;
    private readonly Command _peer = Command.Start("unshare", ["--net", "sleep", "600"]);
    private readonly List<Command> _servers = [];

    public Uplink(RealHost host, Scratch files)
    {
        Need.Tool("ip");
        Need.Tool("busybox");
        Need.Tool("perl");
        _host = host;
        TestNetworks.WaitForOwn(_peer);
        foreach (string line in (string[])
        [
            "link set lo up",
            $"link add eth0 type veth peer name up0 netns {host.Leader.ToString(CultureInfo.InvariantCulture)}",
            "address add 192.0.2.2/24 dev eth0", "address add 2001:db8:1::2/64 dev eth0 nodad", "link set eth0 up",
        ])
        {
            TestNetworks.Ip(_peer, line);
        }

        host.Write(Settings, """
            [Match]
            Name=up0
            [Network]
            Address=192.0.2.1/24
            Address=2001:db8:1::1/64
            Gateway=192.0.2.2
            DNS=192.0.2.2
            IPv6AcceptRA=no

            """);
        host.Output("systemctl", "start", "systemd-networkd.service");
        host.Eventually("networkctl status --no-pager -n0 up0", said => said.Text.Contains("routable (configured)", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(files.Outside, "index.html"), "page-of-the-peer\n");
        _servers.Add(OnPeer("busybox", "httpd", "-f", "-p", "[::]:80", "-h", files.Outside));
        _servers.Add(OnPeer("perl", "-e", TestNetworks.NameServer));
    }

    /// <summary>Starts a program on the third host.</summary>
    public Command OnPeer(params string[] command) => Command.Start("nsenter", [TestNetworks.NetworkOf(_peer), .. command]);

    public void Dispose()
    {
        _host.Shell($"rm {Settings}; systemctl stop systemd-networkd.service 'systemd-networkd*.socket'; ip link delete up0");
        _servers.ForEach(one => one.Dispose());
        _peer.Dispose();
        Assert.Equal("inactive", _host.Shell("systemctl is-active systemd-networkd.service").Text.TrimEnd());
    }
}
