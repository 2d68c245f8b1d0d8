using Xunit;

namespace Nspawn.BootTests;

/// <summary>Forwarded ports, from a third host, from the host by its addresses, and from the host's loopback.</summary>
public sealed class PortTests
{
    private const string Serve = """
        #!/bin/sh
        ip link set host0 up
        /busybox udhcpc -i host0 -q -n -s /on-lease >/dev/null 2>&1
        for i in $(seq 100); do ip -6 -o addr show dev host0 scope global | grep -v tentative | grep -q fd && break; sleep 0.1; done
        exec perl /serve

        """;

    private const string Lease = """
        #!/bin/sh
        [ "$1" = bound ] || exit 0
        ip addr add $ip/$mask dev $interface
        ip route add default via $router

        """;

    /// <summary>A page on port 80, an echo of datagrams on port 53, for both families.</summary>
    private const string Server = """
        use Socket qw(:all);
        my $any = pack_sockaddr_in6(80, IN6ADDR_ANY);
        socket(my $t, PF_INET6, SOCK_STREAM, 0); setsockopt($t, SOL_SOCKET, SO_REUSEADDR, 1); bind($t, $any); listen($t, 9);
        socket(my $u, PF_INET6, SOCK_DGRAM, 0); bind($u, pack_sockaddr_in6(53, IN6ADDR_ANY));
        $| = 1; print "READY\n";
        if (!fork) { while (my $from = recv($u, my $m, 9000, 0)) { send($u, "echo-$m", 0, $from) } exit }
        while (accept(my $c, $t)) { while (<$c>) { last if /^\r?\n/ } print $c "HTTP/1.0 200 OK\r\n\r\n", "page-of-the-container " x 5000, "\n"; close $c }

        """;

    private const string Ask = "use Socket qw(:all); my ($f, $h) = @ARGV; alarm 4; socket(my $s, $f == 6 ? PF_INET6 : PF_INET, SOCK_DGRAM, 0); "
        + "connect($s, $f == 6 ? pack_sockaddr_in6(5300, inet_pton(AF_INET6, $h)) : pack_sockaddr_in(5300, inet_aton($h))); send($s, 'hello', 0); recv($s, my $m, 99, 0); print $m";

    [Fact]
    public void They_are_reached_from_everywhere()
    {
        Need.Tool("perl");
        using Scratch scratch = Guest();
        using TestNetworks networks = new();
        using Command launcher = networks.Start(scratch, "-n", "-p", "8080:80", "-p", "udp:5300:53", "/start");
        AssertReached(networks, launcher);
    }

    [Theory]
    [InlineData("--network-bridge=br0", true)]
    [InlineData("--network-bridge=br0 --network-manage=no", false)]
    public void On_a_bridge_of_the_host_too_which_is_made_to_forward_or_told_that_it_does_not(string options, bool forwards)
    {
        Need.Tool("perl");
        using Scratch scratch = Guest();
        scratch.WriteProgram("/start", """
            #!/bin/sh
            ip address add 10.8.0.2/24 dev host0
            ip address add fd00:8::2/64 dev host0 nodad
            ip link set host0 up
            ip route add default via 10.8.0.1
            ip route add default via fd00:8::1
            exec perl /serve

            """);
        using TestNetworks networks = new("link add br0 type bridge", "address add 10.8.0.1/24 dev br0", "address add fd00:8::1/64 dev br0 nodad", "link set br0 up");
        using Command launcher = networks.Start(scratch, [.. options.Split(' '), "-p", "8080:80", "-p", "udp:5300:53", "/start"]);
        if (forwards)
        {
            AssertReached(networks, launcher);
            return;
        }

        Assert.True(launcher.WaitForOutput("READY", TimeSpan.FromSeconds(30)), launcher.OutputSoFar);
        Thread.Sleep(300);
        Assert.Equal(0, networks.OnHost("curl", "-sS", "-m", "5", "http://192.0.2.1:8080/").ExitStatus);
        Assert.NotEqual(0, networks.OnPeer("curl", "-sS", "-m", "2", "http://192.0.2.1:8080/").ExitStatus);
        launcher.Signal(Mono.Unix.Native.Signum.SIGTERM);
        string said = launcher.Wait(TimeSpan.FromSeconds(10)).Error;
        Assert.Contains("this host does not forward IPv4; sysctl -w net.ipv4.ip_forward=1", said);
        Assert.Contains("this host does not forward IPv6; sysctl -w net.ipv6.conf.all.forwarding=1", said);
        networks.AssertAsBefore();
    }

    private static void AssertReached(TestNetworks networks, Command launcher)
    {
        Assert.True(launcher.WaitForOutput("READY", TimeSpan.FromSeconds(30)), launcher.OutputSoFar);
        Thread.Sleep(300);

        (string From, string At)[] ways =
        [
            ("peer", "192.0.2.1"), ("peer", "2001:db8:1::1"), ("host", "192.0.2.1"), ("host", "2001:db8:1::1"), ("host", "127.0.0.1"), ("host", "::1"),
        ];
        foreach ((string from, string at) in ways)
        {
            Func<string[], Outcome> run = from == "peer" ? networks.OnPeer : networks.OnHost;
            bool isIPv6 = at.Contains(':');
            Outcome page = run(["curl", "-sS", "-m", "5", $"http://{(isIPv6 ? $"[{at}]" : at)}:8080/"]);
            Assert.True(page.Text.Length == 5000 * "page-of-the-container ".Length + 1, $"{from} to {at}: {page.Error} {page.Text.Length}");
            Outcome echo = run(["perl", "-e", Ask, isIPv6 ? "6" : "4", at]);
            Assert.True(echo.Text == "echo-hello", $"{from} to {at}: {echo}");
        }

        launcher.Signal(Mono.Unix.Native.Signum.SIGTERM);
        _ = launcher.Wait(TimeSpan.FromSeconds(10));
        networks.AssertAsBefore();
    }

    [Fact]
    public void They_follow_the_address()
    {
        using Scratch scratch = new("busybox");
        scratch.Write("/www/index.html", "page\n");
        using TestNetworks networks = new();
        using Command launcher = networks.Start(scratch, "-n", "--network-manage=no", "-p", "8080:80", "sh", "-c",
            "ip link set host0 up; ip addr add 10.9.0.2/24 dev host0; ip route add default via 10.9.0.1; httpd -p 80 -h /www; sleep 1.5; ip addr add 10.9.0.3/24 dev host0; ip addr del 10.9.0.2/24 dev host0; ip addr add 10.9.0.3/24 dev host0; ip route add default via 10.9.0.1; echo MOVED; sleep 20");
        Outcome address = new(1, [], "", false);
        for (int i = 0; i < 50 && address.ExitStatus != 0; i++)
        {
            Thread.Sleep(50);
            address = networks.OnHost("ip", "address", "add", "10.9.0.1/24", "dev", "ve-" + scratch.Name);
        }

        string link = networks.OnHost("sh", "-c", "ls /proc/sys/net/ipv4/conf | grep ^ve-").Text.Trim();
        _ = networks.OnHost("ip", "address", "add", "10.9.0.1/24", "dev", link);
        _ = networks.OnHost("ip", "link", "set", link, "up");
        Thread.Sleep(600);
        Assert.Contains("page", networks.OnHost("curl", "-sS", "-m", "5", "http://192.0.2.1:8080/").Text);
        Assert.True(launcher.WaitForOutput("MOVED", TimeSpan.FromSeconds(10)), launcher.OutputSoFar);
        Thread.Sleep(300);
        Assert.Contains("page", networks.OnHost("curl", "-sS", "-m", "5", "http://192.0.2.1:8080/").Text);
        Assert.Contains("10.9.0.3", networks.OnHost("nft", "list", "ruleset").Text);
        Assert.DoesNotContain("10.9.0.2", networks.OnHost("nft", "list", "ruleset").Text);
    }

    [Fact]
    public void A_port_that_is_taken_is_an_error_before_the_boot()
    {
        using Scratch scratch = new("busybox");
        using TestNetworks networks = new();
        using Command first = networks.Start(scratch, "--read-only", "-n", "-p", "8080:80", "sh", "-c", "echo READY; sleep 20");
        Assert.True(first.WaitForOutput("READY", TimeSpan.FromSeconds(10)), first.OutputSoFar);
        Outcome outcome = networks.Run(scratch, ["--read-only", "-M", scratch.Name + "-b", "-n", "-p", "8080:81", "echo", "BOOTED"]);
        Assert.Equal(Launcher.Nspawn.ErrorStatus, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "port 8080 of the host is taken");
        Assert.DoesNotContain("BOOTED", outcome.Text);
    }

    private static Scratch Guest()
    {
        Scratch scratch = new("trixie");
        File.Copy("/usr/bin/busybox", scratch.At("/busybox"));
        return scratch.WriteProgram("/start", Serve).WriteProgram("/on-lease", Lease).Write("/serve", Server);
    }
}
