using Xunit;

namespace Nspawn.BootTests;

/// <summary>Without systemd-networkd on the host: addresses, a route, name servers and a way out by nspawn itself.</summary>
public sealed class ServedLinkTests
{
    private const string OnLease = """
        #!/bin/sh
        [ "$1" = bound ] || exit 0
        ip addr add $ip/$mask dev $interface
        ip route add default via $router
        echo "dns=$dns router=$router"

        """;

    /// <summary>Waits for both families, then asks the peer for a page by each.</summary>
    private const string AskPeer = """
        for i in $(seq 100); do ip -6 -o addr show dev host0 scope global | grep -v tentative | grep -q fd && ip -6 route | grep -q ^default && break; sleep 0.1; done
        ip -o addr show dev host0 scope global
        timeout 5 wget -q -O - http://192.0.2.2/; timeout 5 wget -q -O - 'http://[2001:db8:1::2]/'
        """;

    [Theory]
    [InlineData("-n")]
    [InlineData("--network-zone=lan")]
    public void A_busybox_guest_gets_addresses_a_route_name_servers_and_out(string option)
    {
        using Scratch scratch = new Scratch("busybox").WriteProgram("/on-lease", OnLease);
        using TestNetworks networks = new();
        using Command web = Web(networks, scratch);
        Outcome outcome = networks.Run(scratch, [option, "sh", "-c", $"ip link set host0 up; udhcpc -i host0 -q -n -s /on-lease; {AskPeer}; cat /etc/resolv.conf"], 40);

        AssertReachesOut(outcome);
        Assert.Contains("router=10.", outcome.Text);
        networks.AssertAsBefore();
    }

    [Theory]
    [InlineData("trixie", "-n")]
    [InlineData("bookworm", "--network-zone=lan")]
    public void A_Debian_guest_with_networkd_gets_addresses_a_route_and_out(string fixture, string option)
    {
        Need.Tool("busybox");
        using Scratch scratch = BootReport.InjectInto(new Scratch(fixture), AskPeer.Replace("wget", "/busybox wget") + "\nip route; networkctl status host0 2>&1 | grep -i dns");
        File.Copy("/usr/bin/busybox", scratch.At("/busybox"));
        scratch.Link("/etc/systemd/system/multi-user.target.wants/systemd-networkd.service", "/usr/lib/systemd/system/systemd-networkd.service");
        using TestNetworks networks = new();
        using Command web = Web(networks, scratch);
        Outcome outcome = networks.Run(scratch, [option, "-b"], 120);

        AssertReachesOut(outcome);
        Assert.Contains("default via 10.", outcome.Text);
        networks.AssertAsBefore();
    }

    [Fact]
    public void Machines_of_a_zone_have_different_addresses_and_reach_each_other()
    {
        using Scratch scratch = new Scratch("busybox").WriteProgram("/on-lease", OnLease);
        using TestNetworks networks = new();
        string[] lease = ["--read-only", "--network-zone=lan", "sh", "-c", "ip link set host0 up; udhcpc -i host0 -q -n -s /on-lease >/dev/null; ip -4 -o addr show host0; echo READY; sleep 30"];
        List<Command> machines = [.. Enumerable.Range(0, 5).Select(i => networks.Start(scratch, ["-M", $"{scratch.Name}-{i}", .. lease]))];
        try
        {
            Assert.All(machines, one => Assert.True(one.WaitForOutput("READY", TimeSpan.FromSeconds(30)), one.OutputSoFar));
            string[] addresses = [.. machines.Select(one => one.OutputSoFar.Split("inet ")[1].Split('/')[0])];
            Assert.Equal(addresses.Length, addresses.Distinct().Count());
            Outcome outcome = networks.Run(scratch, ["--read-only", "-M", scratch.Name + "-x", "--network-zone=lan", "sh", "-c",
                $"ip link set host0 up; udhcpc -i host0 -q -n -s /on-lease >/dev/null; for a in {string.Join(' ', addresses)}; do ping -c1 -W2 $a; done"]);
            Assert.Equal(addresses.Length, outcome.Text.Split("1 packets received").Length - 1);
        }
        finally
        {
            machines.ForEach(one => one.Signal(Mono.Unix.Native.Signum.SIGTERM));
            machines.ForEach(one => _ = one.Wait(TimeSpan.FromSeconds(10)));
            machines.ForEach(one => one.Dispose());
        }

        networks.AssertAsBefore();
    }

    [Fact]
    public void Which_way_was_taken_is_said_in_one_line()
    {
        using Scratch scratch = new("busybox");
        using TestNetworks networks = new();
        using Command launcher = Command.Start("nsenter", [.. networks.Enter, Launcher.Nspawn.Program, "-D", scratch.Tree, "-M", scratch.Name, "-n", "true"]);
        Assert.Contains("host0 gets its addresses and its way out from nspawn", launcher.Wait(TimeSpan.FromSeconds(20)).Error);
    }

    private static void AssertReachesOut(Outcome outcome)
    {
        Assert.True(outcome.Text.Contains("inet 10.", StringComparison.Ordinal), outcome.ToString());
        Assert.True(outcome.Text.Contains("inet6 fd", StringComparison.Ordinal), outcome.ToString());
        Assert.True(outcome.Text.Split("page-of-the-peer").Length == 3, outcome.ToString());
    }

    private static Command Web(TestNetworks networks, Scratch scratch)
    {
        File.WriteAllText(Path.Combine(scratch.Outside, "index.html"), "page-of-the-peer\n");
        return networks.StartOnPeer("busybox", "httpd", "-f", "-p", "[::]:80", "-h", scratch.Outside);
    }
}
