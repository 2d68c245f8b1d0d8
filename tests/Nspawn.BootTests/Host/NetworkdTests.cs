using Xunit;

namespace Nspawn.BootTests;

/// <summary>On a host where systemd-networkd runs: links are left to it, and it serves them as it serves systemd-nspawn's.</summary>
[Collection(nameof(Hosts))]
public sealed class NetworkdTests(Hosts hosts)
{
    private static readonly TimeSpan s_configuring = TimeSpan.FromSeconds(30);

    public static TheoryData<string, string> Links()
    {
        TheoryData<string, string> rows = [];
        foreach (string fixture in Hosts.All)
        {
            rows.Add(fixture, "--network-veth");
            rows.Add(fixture, "--network-zone=lan");
        }

        return rows;
    }

    [Theory, MemberData(nameof(Links))]
    public void A_Debian_guest_gets_an_address_a_route_name_servers_and_out(string fixture, string option)
    {
        RealHost host = hosts[fixture];
        using Scratch files = new("busybox");
        using Uplink uplink = new(host, files);
        using Machine machine = Guest(host).Boot(option);
        string leader = machine.Show("Leader");

        string address = AddressOf(host, leader);
        Assert.Contains("default via ", Inside("ip", "route"), StringComparison.Ordinal);
        host.Eventually($"cat /proc/{leader}/root/run/systemd/netif/leases/*", lease => lease.Text.Contains("DNS=192.0.2.2", StringComparison.Ordinal));
        // By name: the lease's name server is what a resolver would be told.
        Assert.Contains("page-of-the-peer", Inside("sh", "-ec", """
            echo nameserver 192.0.2.2 >/etc/resolv.conf
            exec bash -c 'exec 3<>/dev/tcp/www.peer.test/80; printf "GET / HTTP/1.0\r\n\r\n" >&3; cat <&3'
            """), StringComparison.Ordinal);

        AssertMachinedKnows(host, machine, option.Contains("zone", StringComparison.Ordinal) ? "vz-lan" : "ve-" + machine.Name, address);
        host.Output("machinectl", "poweroff", machine.Name);
        machine.AssertEnds();
        Assert.DoesNotContain(machine.Name, host.Output("ip", "-o", "link"), StringComparison.Ordinal);
        host.Eventually("ip -o link", links => !links.Text.Contains("vz-lan", StringComparison.Ordinal));

        string Inside(params string[] command) => host.Output(["nsenter", "-a", "-t", leader, .. command]);
    }

    [Theory, MemberData(nameof(Links))]
    public void A_busybox_guest_gets_an_address_a_route_name_servers_and_out(string fixture, string option)
    {
        RealHost host = hosts[fixture];
        using Scratch files = new("busybox");
        using Uplink uplink = new(host, files);
        using Machine machine = new(host, tree: RealHost.BusyboxTree);
        machine.WriteFile("/on-lease", ServedLinkTests.OnLease);
        machine.Host.Output("chmod", "755", machine.Tree + "/on-lease");

        // networkd's server begins a moment after the link is up: the client asks again, as it would at a boot.
        machine.Start(option, "sh", "-c", """
            ip link set host0 up; udhcpc -i host0 -q -n -t 15 -T 1 -s /on-lease
            ip -4 -o addr show dev host0 scope global; ip route; nslookup www.peer.test; timeout 5 wget -q -O - http://www.peer.test/
            """);
        Outcome outcome = machine.Launcher.Wait(s_configuring);

        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Matches("dns=192.0.2.2 router=(10|172|192)[.]", outcome.Text);
        Assert.Matches("inet (10|172|192)[.].*scope global host0", outcome.Text);
        Assert.Matches("default via (10|172|192)[.].* dev host0", outcome.Text);
        Assert.Contains("page-of-the-peer\n", outcome.Text, StringComparison.Ordinal);
        host.Eventually("ip -o link", links => !links.Text.Contains("vz-lan", StringComparison.Ordinal) && !links.Text.Contains(machine.Name, StringComparison.Ordinal));
        machine.AssertNothingLeft();
    }

    // The packet filter's tables are networkd's too: neither takes anything of the other's away.
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void A_forwarded_port_leads_to_the_address_that_networkd_gave(string fixture)
    {
        RealHost host = hosts[fixture];
        using Scratch files = new("busybox");
        using Uplink uplink = new(host, files);
        using Machine machine = Guest(host);
        machine.WriteFile("/usr/local/page", """
            use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0); bind($s, pack_sockaddr_in(80, INADDR_ANY)) or die; listen($s, 5);
            while (accept(my $c, $s)) { sysread $c, my $asked, 1000; print $c "HTTP/1.0 200 OK\r\n\r\npage-of-the-guest\n"; close $c }
            """);
        machine.WriteFile("/etc/systemd/system/page.service", "[Service]\nExecStart=perl /usr/local/page");
        machine.WriteFile("/etc/systemd/system/multi-user.target.wants/page.service", "", linkTo: "../page.service");
        machine.Boot("-n", "--port=8080:80");
        string leader = machine.Show("Leader");
        _ = AddressOf(host, leader);
        host.Eventually($"cat /proc/{leader}/net/tcp", listening => listening.Text.Contains(":0050 ", StringComparison.Ordinal));

        foreach (string at in (string[])["192.0.2.1", "127.0.0.1"])
        {
            Assert.Contains("page-of-the-guest", host.Output(
                "bash", "-c", $"""exec 3<>/dev/tcp/{at}/8080; printf 'GET / HTTP/1.0\r\n\r\n' >&3; cat <&3"""), StringComparison.Ordinal);
        }

        using Command fromPeer = uplink.OnPeer("curl", "-sS", "-m", "5", "http://192.0.2.1:8080/");
        Assert.Equal("page-of-the-guest\n", fromPeer.Wait(TimeSpan.FromSeconds(10)).Text);
        machine.Signal(Mono.Unix.Native.Signum.SIGTERM);
        machine.AssertEnds();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Who_looks_after_the_link_is_said_in_one_line(string fixture)
    {
        NestedLauncher.NotOnReference("it says nothing");
        RealHost host = hosts[fixture];
        using Scratch files = new("busybox");
        using Machine machine = new(host);
        string[] options = ["-n", "true"];
        Assert.Contains("host0 gets its addresses and its way out from nspawn", Said(), StringComparison.Ordinal);
        using (new Uplink(host, files))
        {
            Assert.Contains("host0 is left to systemd-networkd, which runs on this host", Said(), StringComparison.Ordinal);
            options = ["-n", "--network-manage=yes", "true"];
            Assert.Contains("host0 gets its addresses and its way out from nspawn: --network-manage=yes", Said(), StringComparison.Ordinal);
        }

        string Said() => host.Run(NestedLauncher.CommandLine(machine.Name, options, quiet: false)).Error;
    }

    private static Machine Guest(RealHost host)
    {
        Machine machine = new(host);
        machine.WriteFile("/etc/systemd/system/multi-user.target.wants/systemd-networkd.service", "", linkTo: "/usr/lib/systemd/system/systemd-networkd.service");
        return machine;
    }

    /// <summary>The IPv4 address of host0, once it has one.</summary>
    private static string AddressOf(RealHost host, string leader)
    {
        string ask = $"nsenter -n -t {leader} ip -4 -o address show dev host0 scope global";
        host.Eventually(ask, said => said.Text.Contains("inet 192.168.", StringComparison.Ordinal) || said.Text.Contains("inet 10.", StringComparison.Ordinal) || said.Text.Contains("inet 172.", StringComparison.Ordinal), s_configuring);
        return host.Shell(ask).Text.Split("inet ")[1].Split('/')[0];
    }

    private static void AssertMachinedKnows(RealHost host, Machine machine, string link, string address)
    {
        string status = host.Output("machinectl", "status", "--no-pager", "-n0", machine.Name);
        Assert.Contains("Iface: " + link, status, StringComparison.Ordinal);
        Assert.Contains("Address: " + address, status, StringComparison.Ordinal);
        // The guest may have its lease while the host's end still looks whether its own IPv6 address is anybody else's.
        host.Eventually($"networkctl status --no-pager -n0 {link}", said => said.Text.Contains("routable (configured)", StringComparison.Ordinal));
        string bytes = host.Output(
            "busctl", "call", "org.freedesktop.machine1", "/org/freedesktop/machine1", "org.freedesktop.machine1.Manager", "GetMachineAddresses", "s", machine.Name);
        Assert.Contains("2 4 " + address.Replace('.', ' '), bytes, StringComparison.Ordinal);
        // nss-mymachines
        Assert.Contains(address, host.Output("getent", "ahostsv4", machine.Name), StringComparison.Ordinal);
    }
}
