using System.Diagnostics;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Hosts whose system bus does not answer, or is not there: the container runs all the same, unregistered.</summary>
[Collection(nameof(Hosts))]
public sealed class BusTests(Hosts hosts)
{
    // Accepts whoever comes and never says a word.
    private const string SilentSocket = """
        use IO::Socket::UNIX;
        my $l = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 50) or die "$ARGV[0]: $!";
        $| = 1; print "listening\n";
        my @kept; while (my $c = $l->accept) { push @kept, $c }
        """;

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void BusThatHangs_HoldsNobodyUp(string fixture)
    {
        NestedLauncher.NotOnReference("it waits for the bus and gives up");
        RealHost host = hosts[fixture];
        using Machine machine = new(host);
        string socket = $"/run/silent-{machine.Name}";
        using Command silent = host.Start(["perl", "-e", SilentSocket, socket]);
        Assert.True(silent.WaitForOutput("listening", TimeSpan.FromSeconds(5)));

        Stopwatch clock = Stopwatch.StartNew();
        Outcome outcome = InPlaceOfTheSockets(machine, socket, "--register=auto");
        TimeSpan elapsed = clock.Elapsed;

        Assert.True(outcome.ExitStatus == 3 && outcome.Text == "ran\n", outcome.ToString());
        Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(elapsed < TimeSpan.FromSeconds(2), $"it took {elapsed}");
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void NoBus_IsOneLine(string fixture)
    {
        NestedLauncher.NotOnReference("it does not start without a bus");
        using Machine machine = new(hosts[fixture]);
        Outcome outcome = InPlaceOfTheSockets(machine, "/dev/null", "--register=auto");
        Assert.True(outcome.ExitStatus == 3 && outcome.Text == "ran\n", outcome.ToString());
        Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void NoBus_RegisterYes_IsAnError(string fixture)
    {
        using Machine machine = new(hosts[fixture]);
        Outcome outcome = InPlaceOfTheSockets(machine, "/dev/null", "--register=yes");
        Assert.True(outcome.ExitStatus == NestedLauncher.ErrorStatus && outcome.Text == "", outcome.ToString());
        if (!NestedLauncher.IsReference)
        {
            Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        machine.AssertNothingLeft();
    }

    // In a mount namespace of its own, where the sockets of bus, systemd and machined are something else.
    private static Outcome InPlaceOfTheSockets(Machine machine, string other, string option) => machine.Host.Run(
    [
        "unshare", "--mount", "--propagation", "slave", "sh", "-ec", """
        for socket in /run/dbus/system_bus_socket /run/systemd/private /run/systemd/machine/io.systemd.Machine; do
            [ ! -S "$socket" ] || mount --bind "$0" "$socket"
        done
        exec "$@"
        """,
        other, .. NestedLauncher.CommandLine(machine.Name, [option, "sh", "-c", "echo ran; exit 3"]),
    ]);
}
