using System.Text.Json;
using Xunit;

namespace Nspawn.BootTests;

/// <summary><c>nspawn doctor</c>: what keeps machines from reaching out is found, and mended by the command that is said.</summary>
public sealed class DoctorTests
{
    private const string Lease = """
        #!/bin/sh
        [ "$1" = bound ] || exit 0
        ip addr add $ip/$mask dev $interface
        ip route add default via $router

        """;

    [Fact]
    public void A_firewall_that_drops_is_found_and_mended()
    {
        Need.Tool("busybox");
        using Scratch scratch = new Scratch("busybox").WriteProgram("/on-lease", Lease);
        using TestNetworks networks = new();
        File.WriteAllText(Path.Combine(scratch.Outside, "index.html"), "page-of-the-peer\n");
        using Command web = networks.StartOnPeer("busybox", "httpd", "-f", "-p", "80", "-h", scratch.Outside);
        Outcome made = networks.OnHost("nft", """
            add table inet filter
            add chain inet filter input { type filter hook input priority filter; policy drop; }
            add chain inet filter forward { type filter hook forward priority filter; policy drop; }
            """);
        Assert.True(made.ExitStatus == 0, made.ToString());
        string[] asks = ["-n", "sh", "-c", "ip link set host0 up; udhcpc -i host0 -q -n -t 2 -T 1 -s /on-lease; timeout 5 wget -q -O - http://192.0.2.2/"];
        Assert.DoesNotContain("page-of-the-peer", networks.Run(scratch, asks).Text);

        string[] commands = [.. Findings(networks).Where(one => one.Topic == "firewall" && one.Kind == "fault").Select(one => one.Command!)];
        Assert.Equal(2, commands.Length);
        Assert.All(commands, command => Assert.Equal(0, networks.OnHost("sh", "-c", command).ExitStatus));

        Assert.DoesNotContain(Findings(networks), one => one.Topic == "firewall" && one.Kind != "good");
        Outcome outcome = networks.Run(scratch, asks);
        Assert.True(outcome.Text.Contains("page-of-the-peer", StringComparison.Ordinal), outcome.ToString());
    }

    [Fact]
    public void A_host_without_a_way_out_is_told_in_text_and_by_the_exit_status()
    {
        using TestNetworks networks = new();
        Outcome without = networks.OnHost(Launcher.Nspawn.Program, "doctor");
        Assert.Equal(1, without.ExitStatus);
        Assert.Contains("fault route        the host has no default route: machines get no further than the host\n                   ip route add default via ROUTER\n", without.Text);

        Assert.Equal(0, networks.OnHost("ip", "route", "add", "default", "via", "192.0.2.2").ExitStatus);
        Outcome with = networks.OnHost(Launcher.Nspawn.Program, "doctor");
        Assert.True(with.ExitStatus == 0, with.ToString());
        Assert.Contains("good  route ", with.Text);
    }

    [Theory]
    [InlineData("nameserver 127.0.0.1\n")]
    [InlineData("# no name server\n")]
    public void A_host_without_name_servers_is_mended(string servers)
    {
        using Scratch scratch = new("busybox");
        using TestNetworks networks = new();
        string file = Path.Combine(scratch.Outside, "resolv.conf");
        File.WriteAllText(file, servers);
        string OnHostWithout(string script, params string[] arguments)
        {
            Outcome outcome = networks.OnHost([
                "unshare", "--mount", "sh", "-ec", $"""mount -t tmpfs none /run/systemd; mount --bind "$0" /etc/resolv.conf; {script}""", file, .. arguments,
            ]);
            Assert.DoesNotContain("nonexistent", outcome.Error);
            return outcome.Text;
        }

        string command = Assert.Single(
            Findings(OnHostWithout("\"$1\" doctor --json", Launcher.Nspawn.Program)), one => one is { Topic: "dns", Kind: "lack" }).Command!;
        string mended = OnHostWithout("sh -c \"$2\"; \"$1\" doctor --json", Launcher.Nspawn.Program, command);
        Assert.Single(Findings(mended), one => one is { Topic: "dns", Kind: "good" });
    }

    [Theory]
    [InlineData("-n", "ip link set host0 up; udhcpc -i host0 -q -n -s /on-lease", 0, "is up", "the host's end has 10.", "inside, 10.", "inside, a default route")]
    [InlineData("-n", "echo 1 >/proc/sys/net/ipv6/conf/host0/disable_ipv6; ip link set host0 up", 1, "is up", "inside, no address", "systemctl enable --now systemd-networkd")]
    [InlineData("--network-veth --network-manage=no", "true", 1, "is down: nobody looks after it", "start it with --network-manage=yes")]
    [InlineData("--private-network", "ip link set lo up", 1, "no link to the host", "start it with --network-veth")]
    [InlineData("--quiet", "true", 0, "it is on the host's network")]
    public void A_machine_is_examined_from_both_ends(string options, string payload, int status, params string[] said)
    {
        using Scratch scratch = new Scratch("busybox").WriteProgram("/on-lease", Lease);
        using TestNetworks networks = new();
        using Command launcher = networks.Start(scratch, [.. options.Split(' '), "sh", "-c", payload + "; echo READY; sleep 30"]);
        Assert.True(launcher.WaitForOutput("READY", TimeSpan.FromSeconds(20)), launcher.OutputSoFar);
        Outcome outcome = networks.OnHost(Launcher.Nspawn.Program, "doctor", scratch.Name);
        Assert.True(outcome.ExitStatus == status, outcome.ToString());
        Assert.All(said, words => Assert.Contains(words, outcome.Text));
        launcher.Signal(Mono.Unix.Native.Signum.SIGTERM);
        _ = launcher.Wait(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_machine_that_does_not_run_is_a_fault()
    {
        Outcome outcome = Command.Run(Launcher.Nspawn.Program, ["doctor", "nobody-of-this-name"]);
        Assert.Equal(1, outcome.ExitStatus);
        Assert.Contains("no such machine runs", outcome.Text);
    }

    private static (string Topic, string Kind, string? Command)[] Findings(TestNetworks networks) =>
        Findings(networks.OnHost(Launcher.Nspawn.Program, "doctor", "--json").Text);

    private static (string Topic, string Kind, string? Command)[] Findings(string json)
    {
        return
        [
            .. JsonDocument.Parse(json).RootElement.EnumerateArray().Select(one => (
                one.GetProperty("topic").GetString()!, one.GetProperty("kind").GetString()!, one.GetProperty("command").GetString())),
        ];
    }
}
