using System.Diagnostics;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>
/// Two hosts on a wire, each a network namespace that ends with the test: the one nspawn runs on, and a third for everybody
/// outside. The machine's own network is never touched. 192.0.2.1 and 2001:db8:1::1 here, .2 and ::2 there.
/// </summary>
internal sealed class TestNetworks : IDisposable
{
    /// <summary>For perl(1): answers every question for an address with the peer's.</summary>
    public const string NameServer = """
        use Socket qw(:all);
        socket(my $s, PF_INET6, SOCK_DGRAM, 0); bind($s, pack_sockaddr_in6(53, IN6ADDR_ANY)) or die $!;
        my %answers = (1 => inet_aton('192.0.2.2'), 28 => inet_pton(AF_INET6, '2001:db8:1::2'));
        while (my $from = recv($s, my $m, 1500, 0)) {
            my ($id, $flags, $n) = unpack('n3', $m);
            my $question = substr($m, 12) =~ /^((?:[\x01-\x3f].*?)*?\0..\0\x01)/s ? $1 : next;
            my $type = unpack('n', substr($question, -4, 2)); my $data = $answers{$type};
            my $answer = defined $data ? pack('n3Nn', 0xc00c, $type, 1, 60, length $data) . $data : '';
            send($s, pack('n6', $id, 0x8580, 1, defined $data ? 1 : 0, 0, 0) . $question . $answer, 0, $from);
        }

        """;

    private readonly Command _host = Command.Start("unshare", ["--net", "sleep", "600"]);
    private readonly Command _peer = Command.Start("unshare", ["--net", "sleep", "600"]);

    /// <param name="more">What else the host has: lines for ip(8).</param>
    public TestNetworks(params string[] more)
    {
        Need.Root();
        Need.Tool("ip");
        Need.Tool("nft");
        Need.Tool("curl");
        WaitForOwn(_host);
        WaitForOwn(_peer);
        foreach (string line in (string[])
        [
            "link set lo up",
            $"link add up0 type veth peer name eth0 netns {_peer.Pid}",
            "address add 192.0.2.1/24 dev up0", "address add 2001:db8:1::1/64 dev up0 nodad", "link set up0 up",
            .. more,
        ])
        {
            Ip(_host, line);
        }

        foreach (string line in (string[])["address add 192.0.2.2/24 dev eth0", "address add 2001:db8:1::2/64 dev eth0 nodad", "link set eth0 up"])
        {
            Ip(_peer, line);
        }

        Before = State();
    }

    /// <summary>Links, switches and elements of the packet filter as they were.</summary>
    public string Before { get; }

    /// <summary>Starts nspawn on the host.</summary>
    public Command Start(Scratch scratch, params string[] arguments) => Start(Launcher.Nspawn.Program, ["-q"], scratch, arguments);

    /// <summary>What the host's /etc/resolv.conf is for nspawn; null: that of this machine.</summary>
    public string? ResolvConf { get; set; }

    /// <summary>Arguments of nsenter(1) that lead to the host.</summary>
    public string[] Enter => [NetworkOf(_host)];

    public Command StartReference(Scratch scratch, params string[] arguments) =>
        Start("systemd-nspawn", ["-q", "--register=no", "--keep-unit"], scratch, arguments);

    /// <summary>Runs it to its end.</summary>
    public Outcome Run(Scratch scratch, string[] arguments, int seconds = 30)
    {
        using Command command = Start(scratch, arguments);
        return command.Wait(TimeSpan.FromSeconds(seconds));
    }

    public Outcome OnHost(params string[] command) => On(_host, command);

    public Outcome OnPeer(params string[] command) => On(_peer, command);

    /// <summary>Starts a program on the peer.</summary>
    public Command StartOnPeer(params string[] command) => Command.Start("nsenter", [NetworkOf(_peer), .. command]);

    /// <summary>What a launch must leave as it was: names of links, forwarding, elements in sets and maps.</summary>
    public string State() => OnHost("sh", "-c",
        """
        ip -o link | sed 's/^[0-9]*: //; s/[@:].*//' | sort
        cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv6/conf/up0/accept_ra
        nft list ruleset | grep -A9 elements || true
        """).Text;

    // Before, there may be what runs on a network wrote down that is gone: its number is used again.
    private string Written() => OnHost("sh", "-c",
        """find "/run/systemd/nspawn/.network/$(stat --dereference --format=%i /proc/self/ns/net)" 2>/dev/null""").Text;

    /// <summary>Waits for the network to be as it was before, and for what runs wrote down about it to be gone.</summary>
    public void AssertAsBefore()
    {
        Stopwatch clock = Stopwatch.StartNew();
        string now;
        while ((now = State() + Written()) != Before && clock.Elapsed < TimeSpan.FromSeconds(5))
        {
            Thread.Sleep(50);
        }

        Assert.Equal(Before, now);
    }

    public void Dispose()
    {
        _host.Dispose();
        _peer.Dispose();
    }

    private Command Start(string program, string[] options, Scratch scratch, string[] arguments) => Command.Start(
        "nsenter", [NetworkOf(_host), .. WithResolvConf(), program, .. options, "-D", scratch.Tree, .. arguments.Contains("-M") ? (string[])[] : ["-M", scratch.Name], .. arguments],
        Launcher.CallerEnvironment);

    private string[] WithResolvConf() => ResolvConf is null ? [] :
    [
        "unshare", "--mount", "--propagation", "slave", "sh", "-ec", """mount --make-rshared /; mount --bind "$0" /etc/resolv.conf; exec "$@" """, ResolvConf,
    ];

    private static Outcome On(Command host, string[] command) => Command.Run("nsenter", [NetworkOf(host), .. command], TimeSpan.FromSeconds(20));

    public static string NetworkOf(Command host) => $"--net=/proc/{host.Pid}/ns/net";

    public static void Ip(Command host, string line)
    {
        Outcome outcome = On(host, ["ip", .. line.Split(' ')]);
        Assert.True(outcome.ExitStatus == 0, $"ip {line}: {outcome}");
    }

    public static void WaitForOwn(Command host)
    {
        string own = new FileInfo("/proc/self/ns/net").LinkTarget!;
        for (int i = 0; i < 500; i++)
        {
            if (new FileInfo($"/proc/{host.Pid}/ns/net").LinkTarget is string link && link != own)
            {
                return;
            }

            Thread.Sleep(10);
        }

        Assert.Fail("unshare(1) gives no network");
    }
}
