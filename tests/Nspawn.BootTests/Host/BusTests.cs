using System.Diagnostics;
using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Hosts whose system bus does not answer, or is not there: the container runs all the same, unregistered.</summary>
[Collection(nameof(Hosts))]
public sealed class BusTests(Hosts hosts)
{
    private static readonly string[] s_bus = ["/run/dbus/system_bus_socket", "/run/systemd/private"];
    private static readonly string[] s_all = [.. s_bus, "/run/systemd/machine/io.systemd.Machine"];

    // A socket that misbehaves: it says nothing, a byte now and then, or hangs up. With a mark it is the real one until that
    // comes by.
    private const string BadSocket = """
        use IO::Socket::UNIX; use IO::Select;
        my ($path, $does, $real, $mark) = @ARGV;
        my $l = IO::Socket::UNIX->new(Local => $path, Listen => 50) or die "$path: $!";
        $| = 1; print "listening\n"; $SIG{PIPE} = 'IGNORE';
        sub misbehave { my $c = shift;
            sysread $c, my $asked, 4096 unless $mark;
            if ($does eq 'silent') { sleep 60 }
            if ($does eq 'slow') { for (1 .. 100) { syswrite $c, ' ' or last; select undef, undef, undef, 0.2 } }
            exit }
        while (my $c = $l->accept) {
            next if fork;
            misbehave($c) unless $mark;
            my $r = IO::Socket::UNIX->new($real) or die "$real: $!";
            my $both = IO::Select->new($c, $r);
            while (1) { for my $from ($both->can_read) {
                sysread $from, my $data, 65536 or exit;
                misbehave($c) if $from == $c && index($data, $mark) >= 0;
                syswrite $from == $c ? $r : $c, $data } }
        }
        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2); // one to wait, and the launch itself on a busy machine

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void BusThatHangs_HoldsNobodyUp(string fixture) => AssertRunsWithSocket(fixture, s_bus, "silent");

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void BusAndMachinedThatHang_HoldNobodyUpForLong(string fixture) => AssertRunsWithSocket(fixture, s_all, "silent");

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void BusThatSaysNonsenseSlowly_HoldsNobodyUp(string fixture) => AssertRunsWithSocket(fixture, s_all, "slow");

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void BusThatHangsUp_IsOneLine(string fixture) => AssertRunsWithSocket(fixture, s_all, "hang up");

    // The payload's descriptor does not pass this socket: the launcher is cut off while it names its properties.
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void BusThatDiesInTheMiddle_IsOneLine(string fixture) => AssertRunsWithSocket(fixture, s_bus, "hang up", "AddMatch");

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void BusThatHangsInTheMiddle_HoldsNobodyUp(string fixture) => AssertRunsWithSocket(fixture, s_bus, "silent", "AddMatch");

    [Theory]
    [InlineData("silent")]
    [InlineData("slow")]
    [InlineData("hang up")]
    public void MachinedsSocket_HoldsNobodyUp(string does) => AssertRunsWithSocket("host-forky", [s_all[^1]], does);

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void MachinedThatHangs_HoldsNobodyUp(string fixture) =>
        AssertRuns(fixture, Machined(hosts[fixture]), RunAloud);

    // Where it has a socket of its own, the next machined takes over who waits there, and nothing is lost.
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void MachinedThatDiesInTheMiddle_IsOneLineAtMost(string fixture)
    {
        int machined = Machined(hosts[fixture]);
        using Timer death = new(_ => Syscall.kill(machined, Signum.SIGKILL), null, TimeSpan.FromMilliseconds(500), Timeout.InfiniteTimeSpan);
        AssertRuns(fixture, machined, RunAloud, mayRecover: fixture == "host-forky");
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void ServiceManagerThatHangs_HoldsNobodyUp(string fixture) =>
        AssertRuns(fixture, hosts[fixture].Leader, RunAloud);

    // Nobody is asked a second time who did not answer the first.
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void RegisterYes_AndMachinedHangs_IsAnErrorSoon(string fixture)
    {
        NestedLauncher.NotOnReference("it waits for longer");
        RealHost host = hosts[fixture];
        using Machine machine = new(host);
        (Outcome outcome, TimeSpan elapsed) = WhileStopped(Machined(host), () => machine.Run("--register=yes", "echo", "ran"));
        Assert.True(outcome.ExitStatus == 125 && outcome.Text.Length == 0 && elapsed < s_patience, $"{elapsed}: {outcome}");
        OneLine.AssertSaid(outcome.Error, "does not answer");
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void NoBus_IsOneLine(string fixture)
    {
        NestedLauncher.NotOnReference("it does not start without a bus");
        using Machine machine = new(hosts[fixture]);
        Outcome outcome = InPlaceOf(s_all, machine, "/dev/null", "--register=auto");
        Assert.True(outcome.ExitStatus == 3 && outcome.Text.Contains("ran\n", StringComparison.Ordinal), outcome.ToString());
        AssertOneComplaint(outcome);
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void NoBus_RegisterYes_IsAnError(string fixture)
    {
        using Machine machine = new(hosts[fixture]);
        Outcome outcome = InPlaceOf(s_all, machine, "/dev/null", "--register=yes");
        Assert.True(outcome.ExitStatus == NestedLauncher.ErrorStatus && !outcome.Text.Contains("ran\n", StringComparison.Ordinal), outcome.ToString());
        if (!NestedLauncher.IsReference)
        {
            AssertOneComplaint(outcome);
        }

        machine.AssertNothingLeft();
    }

    // Beside it only what the launcher says of every container.
    private static void AssertOneComplaint(Outcome outcome) => Assert.True(Complaints(outcome).Length == 1, outcome.ToString());

    private static string[] Complaints(Outcome outcome) =>
        [.. outcome.Error.Split('\n').Where(line => line.StartsWith("nspawn: ", StringComparison.Ordinal))];

    private static readonly string[] s_payload = ["sh", "-c", "echo ran; exit 3"];

    private void AssertRunsWithSocket(string fixture, string[] sockets, string does, string mark = "")
    {
        RealHost host = hosts[fixture];
        using Machine machine = new(host);
        string socket = $"/run/bad-{machine.Name}";
        using Command bad = host.Start(["setsid", "-w", "perl", "-e", BadSocket, socket, does, s_bus[0], mark]);
        Assert.True(bad.WaitForOutput("listening", TimeSpan.FromSeconds(5)));
        try
        {
            AssertRunsSoon(machine, () => InPlaceOf(sockets, machine, socket, "--register=auto"));
        }
        finally
        {
            host.Shell($"pkill -KILL -f {socket}; rm -f {socket}");
        }

        machine.AssertNothingLeft();
    }

    /// <summary>The container runs while a process of the host, which it would be registered by, is stopped.</summary>
    private void AssertRuns(string fixture, int stopped, Func<Machine, Outcome> run, bool mayRecover = false)
    {
        using Machine machine = new(hosts[fixture]);
        AssertRunsSoon(machine, () => WhileStopped(stopped, () => run(machine)).Outcome, mayRecover);
        machine.AssertNothingLeft();
    }

    private static void AssertRunsSoon(Machine machine, Func<Outcome> run, bool mayRecover = false)
    {
        NestedLauncher.NotOnReference("it waits for the bus and gives up");
        Stopwatch clock = Stopwatch.StartNew();
        Outcome outcome = run();
        TimeSpan elapsed = clock.Elapsed;
        Assert.True(outcome.ExitStatus == 3 && outcome.Text.Contains("ran\n", StringComparison.Ordinal), $"{machine.Name}: {outcome}");
        if (!mayRecover || Complaints(outcome).Length > 0)
        {
            AssertOneComplaint(outcome);
        }

        Assert.True(elapsed < s_patience, $"it took {elapsed}: {outcome}");
    }

    private static Outcome RunAloud(Machine machine) =>
        machine.Host.Run(NestedLauncher.CommandLine(machine.Name, ["--register=auto", .. s_payload], quiet: false));

    private static (Outcome Outcome, TimeSpan Elapsed) WhileStopped(int process, Func<Outcome> run)
    {
        Assert.Equal(0, Syscall.kill(process, Signum.SIGSTOP));
        try
        {
            Stopwatch clock = Stopwatch.StartNew();
            Outcome outcome = run();
            return (outcome, clock.Elapsed);
        }
        finally
        {
            _ = Syscall.kill(process, Signum.SIGCONT); // if it is there still
        }
    }

    /// <summary>machined's process, as the test sees it.</summary>
    private static int Machined(RealHost host)
    {
        host.Output("machinectl", "list"); // which starts it
        return host.ProcessOutside(host.Output("systemctl", "show", "systemd-machined", "--value", "-p", "MainPID"));
    }

    // In a mount namespace of its own, where the sockets are something else.
    private static Outcome InPlaceOf(string[] sockets, Machine machine, string other, string option) => machine.Host.Run(
    [
        "unshare", "--mount", "--propagation", "slave", "sh", "-ec", """
        for socket in $1; do
            [ ! -S "$socket" ] || mount --bind "$0" "$socket"
        done
        shift
        exec "$@"
        """,
        other, string.Join(' ', sockets),
        .. NestedLauncher.CommandLine(machine.Name, [option, .. s_payload], quiet: false),
    ]);
}
