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

    // Accepts whoever comes and never says a word.
    private const string SilentSocket = """
        use IO::Socket::UNIX;
        my $l = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 50) or die "$ARGV[0]: $!";
        $| = 1; print "listening\n";
        my @kept; while (my $c = $l->accept) { push @kept, $c }
        """;

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void BusThatHangs_HoldsNobodyUp(string fixture) => AssertRunsWithin(TimeSpan.FromSeconds(2), fixture, s_bus);

    // Each socket is given its time, once.
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void BusAndMachinedThatHang_HoldNobodyUpForLong(string fixture) => AssertRunsWithin(TimeSpan.FromSeconds(8), fixture, s_all);

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
    private static void AssertOneComplaint(Outcome outcome)
    {
        string[] lines = [.. outcome.Error.Split('\n').Where(line => line.StartsWith("nspawn: ", StringComparison.Ordinal))];
        Assert.True(lines.Length == 1, outcome.ToString());
    }

    private void AssertRunsWithin(TimeSpan time, string fixture, string[] sockets)
    {
        NestedLauncher.NotOnReference("it waits for the bus and gives up");
        RealHost host = hosts[fixture];
        using Machine machine = new(host);
        string silentSocket = $"/run/silent-{machine.Name}";
        using Command silent = host.Start(["perl", "-e", SilentSocket, silentSocket]);
        Assert.True(silent.WaitForOutput("listening", TimeSpan.FromSeconds(5)));

        Stopwatch clock = Stopwatch.StartNew();
        Outcome outcome = InPlaceOf(sockets, machine, silentSocket, "--register=auto");
        TimeSpan elapsed = clock.Elapsed;
        silent.SignalChildIfAny(Signum.SIGKILL);

        Assert.True(outcome.ExitStatus == 3 && outcome.Text.Contains("ran\n", StringComparison.Ordinal), outcome.ToString());
        AssertOneComplaint(outcome);
        Assert.True(elapsed < time, $"it took {elapsed}");
        machine.AssertNothingLeft();
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
        .. NestedLauncher.CommandLine(machine.Name, [option, "sh", "-c", "echo ran; exit 3"], quiet: false),
    ]);
}
