using System.Globalization;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Without systemd-networkd on the host: addresses, a route, name servers and a way out by nspawn itself.</summary>
public sealed class ServedLinkTests
{
    /// <summary>What udhcpc(8) of the guest runs.</summary>
    public const string OnLease = """
        #!/bin/sh
        [ "$1" = bound ] || exit 0
        ip addr add $ip/$mask dev $interface
        ip route add default via $router
        for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf
        echo "dns=$dns router=$router"

        """;

    /// <summary>Waits for both families, then asks the peer for a page by each.</summary>
    private const string AskPeer = """
        for i in $(seq 100); do ip -6 -o addr show dev host0 scope global | grep -v tentative | grep -q fd && ip -6 route | grep -q ^default && break; sleep 0.1; done
        ip -o addr show dev host0 scope global
        if [ -e /etc/debian_version ]; then getent ahostsv4 www.peer.test; else nslookup www.peer.test; fi
        timeout 5 wget -q -O - http://192.0.2.2/; timeout 5 wget -q -O - 'http://[2001:db8:1::2]/'
        """;

    [Theory]
    [InlineData("-n")]
    [InlineData("--network-zone=lan")]
    public void A_busybox_guest_gets_addresses_a_route_name_servers_and_out(string option)
    {
        using Scratch scratch = new Scratch("busybox").WriteProgram("/on-lease", OnLease);
        using TestNetworks networks = new();
        using Command web = Web(networks, scratch), names = Names(networks, scratch);
        Outcome outcome = networks.Run(scratch, [option, "sh", "-c", $"ip link set host0 up; udhcpc -i host0 -q -n -s /on-lease; {AskPeer}"], 40);

        AssertReachesOut(outcome);
        Assert.Contains("dns=192.0.2.2 router=10.", outcome.Text);
        networks.AssertAsBefore();
    }

    [Theory]
    [InlineData("trixie", "-n")]
    [InlineData("bookworm", "--network-zone=lan")]
    public void A_Debian_guest_with_networkd_gets_addresses_a_route_and_out(string fixture, string option)
    {
        Need.Tool("busybox");
        using Scratch scratch = BootReport.InjectInto(new Scratch(fixture), """
            for i in $(seq 100); do ls /run/systemd/netif/leases/* && break; sleep 0.1; done
            sed -n 's/^DNS=/nameserver /p' /run/systemd/netif/leases/* >/etc/resolv.conf

            """ + AskPeer.Replace("wget", "/busybox wget") + "\nip route; networkctl status --no-pager -n0 host0");
        File.Copy("/usr/bin/busybox", scratch.At("/busybox"));
        scratch.Link("/etc/systemd/system/multi-user.target.wants/systemd-networkd.service", "/usr/lib/systemd/system/systemd-networkd.service");
        using TestNetworks networks = new();
        using Command web = Web(networks, scratch), names = Names(networks, scratch);
        Outcome outcome = networks.Run(scratch, [option, "-b"], 120);

        AssertReachesOut(outcome);
        Assert.Contains("default via 10.", outcome.Text);
        Assert.Contains("2001:db8:1::2", outcome.Text.Split("DNS: 192.0.2.2")[1]);
        networks.AssertAsBefore();
    }

    [Fact]
    public void Fifty_machines_of_a_zone_have_different_addresses_and_reach_each_other()
    {
        // The kernel has one table of neighbours for all networks, with room for 1024: nobody may keep all he has met.
        const int Count = 50;
        using Scratch scratch = new Scratch("busybox").WriteProgram("/on-lease", OnLease.Replace(" >/etc/resolv.conf", " >/dev/null"));
        using TestNetworks networks = new();
        string[] payload =
        [
            "--read-only", "--network-zone=lan", $"--bind-ro={scratch.Outside}:/run/test", "sh", "-c",
            """
            ip link set host0 up; udhcpc -i host0 -q -n -t 20 -s /on-lease >/dev/null 2>&1; ip -4 -o addr show host0; echo READY
            until [ -e /run/test/all ]; do sleep 0.2; done
            n=0
            for other in $(cat /run/test/all); do
                for try in 1 2 3; do ping -c1 -W2 $other >/dev/null && echo "reached $other." && break; done # who forgets loses what waits
                n=$((n + 1)); [ $((n % 8)) != 0 ] || ip neigh flush dev host0
            done
            echo DONE; sleep 100
            """,
        ];
        List<Command> machines = [.. Enumerable.Range(0, Count).Select(i => networks.Start(scratch, ["-M", $"{scratch.Name}-{i}", .. payload]))];
        try
        {
            Assert.All(machines, one => Assert.True(one.WaitForOutput("READY", TimeSpan.FromSeconds(60)), one.OutputSoFar));
            string[] addresses = [.. machines.Select(one => one.OutputSoFar.Split("inet ")[1].Split('/')[0])];
            Assert.Equal(Count, addresses.Distinct().Count());
            File.WriteAllLines(scratch.Outside + "/new", addresses);
            File.Move(scratch.Outside + "/new", scratch.Outside + "/all");
            Assert.All(machines, one => Assert.True(one.WaitForOutput("DONE", TimeSpan.FromSeconds(60)), one.OutputSoFar));
            Assert.All(machines, one => Assert.All(addresses, address => Assert.Contains($"reached {address}.", one.OutputSoFar)));
        }
        finally
        {
            machines.ForEach(one => one.Signal(Mono.Unix.Native.Signum.SIGTERM));
            machines.ForEach(one => _ = one.Wait(TimeSpan.FromSeconds(20)));
            machines.ForEach(one => one.Dispose());
        }

        networks.AssertAsBefore();
    }

    [Fact]
    public void In_a_zone_a_guest_may_change_its_link_layer_address()
    {
        using Scratch scratch = new Scratch("busybox").WriteProgram("/on-lease", OnLease);
        using TestNetworks networks = new();
        Outcome outcome = networks.Run(scratch, ["--network-zone=lan", "sh", "-c",
            $"ip link set host0 address 02:aa:bb:cc:dd:ee; ip link set host0 up; udhcpc -i host0 -q -n -s /on-lease; {AskPeer.Split('\n')[0]}; ip -o addr show dev host0 scope global"], 40);
        Assert.Contains("inet 10.", outcome.Text);
        Assert.Contains("inet6 fd", outcome.Text);
    }

    // Machines that run into it one after the other: the second finds what the first left.
    [Fact]
    public void Where_forwarding_cannot_be_switched_on_each_machine_is_told_and_keeps_its_address()
    {
        using Scratch scratch = new Scratch("busybox").WriteProgram("/on-lease", OnLease.Replace(" >/etc/resolv.conf", " >/dev/null"));
        using TestNetworks networks = new();
        Command[] machines = [.. Enumerable.Range(0, 2).Select(i => Command.Start("nsenter",
        [
            .. networks.Enter, "unshare", "--mount", "--propagation", "slave", "sh", "-ec",
            """mount --make-rshared /; mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys; exec "$@" """, "sh",
            Launcher.Nspawn.Program, "-q", "-D", scratch.Tree, "--read-only", "-M", $"{scratch.Name}-{i}", "--network-zone=lan",
            "sh", "-c", "ip link set host0 up; udhcpc -i host0 -q -n -s /on-lease; ip -4 -o addr show host0; echo READY; sleep 30",
        ]))];
        foreach (Command machine in machines)
        {
            Assert.True(machine.WaitForOutput("READY", TimeSpan.FromSeconds(20)), machine.OutputSoFar);
            Assert.Contains("inet 10.", machine.OutputSoFar);
        }

        foreach (Command machine in machines)
        {
            machine.Signal(Mono.Unix.Native.Signum.SIGTERM);
            OneLine.AssertSaid(machine.Wait(TimeSpan.FromSeconds(10)).Error, "the container has no way out of the host: ");
            machine.Dispose();
        }

        networks.AssertAsBefore();
    }

    [Fact]
    public void A_guest_that_floods_its_link_holds_the_launcher_up_no_more_than_another()
    {
        Need.Tool("perl");
        using Scratch scratch = new Scratch("trixie").Write("/flood", """
            use Socket;
            socket(my $s, PF_INET, SOCK_DGRAM, 0); setsockopt($s, SOL_SOCKET, SO_BROADCAST, 1); setsockopt($s, SOL_SOCKET, 25, "host0\0");
            my $message = pack('C4 N n2 N4 x16 x192 C4 C4', 1, 1, 6, 0, 7, 0, 0, 0, 0, 0, 0, 99, 130, 83, 99, 53, 1, 1, 255);
            my $to = pack_sockaddr_in(67, INADDR_BROADCAST);
            if (!fork) { while (1) { system 'ip address add 198.51.100.7/24 dev host0; ip address delete 198.51.100.7/24 dev host0' } }
            $| = 1; print "READY\n";
            while (1) { send($s, $message, 0, $to) }

            """);
        using TestNetworks networks = new();
        using Command launcher = networks.Start(scratch, "-n", "-p", "8080:80", "sh", "-c", "ip link set host0 up; ip address add 198.51.100.1/24 dev host0; exec perl /flood");
        Assert.True(launcher.WaitForOutput("READY", TimeSpan.FromSeconds(20)), launcher.OutputSoFar);
        Thread.Sleep(1000);
        long before = Memory(launcher.Pid);
        Thread.Sleep(2000);
        Assert.InRange(Memory(launcher.Pid), 0, before + 8 * 1024);
        launcher.Signal(Mono.Unix.Native.Signum.SIGTERM);
        Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(5));
        Assert.False(outcome.TimedOut, outcome.ToString());
        networks.AssertAsBefore();
    }

    // Looking for a duplicate, a kernel waits a second at least for each of its addresses. A loaded machine may take longer
    // without it, but hardly ten times in a row.
    [Fact]
    public void IPv6_is_there_as_soon_as_IPv4()
    {
        using Scratch scratch = new Scratch("busybox").WriteProgram("/on-lease", OnLease);
        using TestNetworks networks = new();
        double best = double.MaxValue;
        for (int i = 0; i < 10 && best > 1; i++)
        {
            Outcome outcome = networks.Run(scratch, ["-n", "sh", "-c", """
                ip link set host0 up; cut -d' ' -f1 /proc/uptime
                for i in $(seq 200); do ip -6 -o addr show dev host0 scope global | grep -v tentative | grep -q fd && break; sleep 0.05; done
                cut -d' ' -f1 /proc/uptime
                """]);
            Assert.True(outcome.ExitStatus == 0, outcome.ToString());
            double[] times = [.. outcome.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
            best = Math.Min(best, times[1] - times[0]);
        }

        Assert.InRange(best, 0, 1);
    }

    [Fact]
    public void Who_asks_for_IPv4_need_not_ask_for_IPv6()
    {
        using Scratch scratch = new Scratch("busybox").WriteProgram("/on-lease", OnLease);
        using TestNetworks networks = new();
        Outcome outcome = networks.Run(scratch, ["-n", "sh", "-c", $"""
            echo 0 >/proc/sys/net/ipv6/conf/host0/router_solicitations; ip link set host0 up
            sleep 1; ip -6 -o addr show dev host0 scope global; echo BEFORE
            udhcpc -i host0 -q -n -s /on-lease; {AskPeer.Split('\n')[0]}; ip -6 -o addr show dev host0 scope global
            """], 40);
        string[] parts = outcome.Text.Split("BEFORE");
        Assert.True(parts.Length == 2 && !parts[0].Contains("inet6", StringComparison.Ordinal) && parts[1].Contains("inet6 fd", StringComparison.Ordinal), outcome.ToString());
    }

    [Fact]
    public void Which_way_was_taken_is_said_in_one_line()
    {
        using Scratch scratch = new("busybox");
        using TestNetworks networks = new();
        using Command launcher = Command.Start("nsenter", [.. networks.Enter, Launcher.Nspawn.Program, "-D", scratch.Tree, "-M", scratch.Name, "-n", "true"]);
        Assert.Contains("host0 gets its addresses and its way out from nspawn", launcher.Wait(TimeSpan.FromSeconds(20)).Error);
    }

    private static long Memory(int pid) =>
        long.Parse(File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);

    private static void AssertReachesOut(Outcome outcome)
    {
        Assert.True(outcome.Text.Contains("inet 10.", StringComparison.Ordinal), outcome.ToString());
        Assert.True(outcome.Text.Contains("inet6 fd", StringComparison.Ordinal), outcome.ToString());
        Assert.True(outcome.Text.Contains("www.peer.test", StringComparison.Ordinal) && outcome.Text.Split("192.0.2.2").Length > 2, outcome.ToString());
        Assert.True(outcome.Text.Split("page-of-the-peer").Length == 3, outcome.ToString());
    }

    /// <summary>The peer's name server, which is the host's.</summary>
    private static Command Names(TestNetworks networks, Scratch scratch)
    {
        Need.Tool("perl");
        networks.ResolvConf = Path.Combine(scratch.Outside, "resolv.conf");
        File.WriteAllText(networks.ResolvConf, "nameserver 192.0.2.2\nnameserver 2001:db8:1::2\n");
        return networks.StartOnPeer("perl", "-e", TestNetworks.NameServer);
    }

    private static Command Web(TestNetworks networks, Scratch scratch)
    {
        File.WriteAllText(Path.Combine(scratch.Outside, "index.html"), "page-of-the-peer\n");
        return networks.StartOnPeer("busybox", "httpd", "-f", "-p", "[::]:80", "-h", scratch.Outside);
    }
}
