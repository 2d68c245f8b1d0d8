using System.Diagnostics;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>A machine whose PID 1 claims to be a systemd, and does what it can to keep those waiting who ask it.</summary>
public sealed class HostileManagerTests
{
    /// <summary>Listens where systemd does, lets everybody in, and answers with what $flood is.</summary>
    private const string Manager = """
        use Socket;
        $SIG{PIPE} = "IGNORE";
        socket(my $server, AF_UNIX, SOCK_STREAM, 0) or die;
        mkdir "/run/systemd";
        bind($server, sockaddr_un("/run/systemd/private")) or die;
        listen($server, 10) or die;
        $| = 1;
        print "up\n";
        sub padded { my $bytes = join "", @_; $bytes . "\0" x (-length($bytes) % 8) }
        sub field { my ($code, $type, $text) = @_; pack("C C a x V/a x", $code, 1, $type, $text) }
        my $fields = padded(field(1, "o", "/a")) . padded(field(2, "s", "a.b")) . field(3, "s", "C");
        my $signal = padded(pack("a C C C V V V/a", "l", 4, 0, 1, 0, 1, $fields));
        my $flood = FLOOD;
        while (accept(my $client, $server)) {
            next if fork;
            sysread($client, my $greeting, 1024);
            syswrite($client, "OK 0123456789abcdef0123456789abcdef\r\n");
            1 while syswrite($client, $flood);
            exit;
        }
        """;

    [Theory]
    [InlineData("$signal x 100")] // signals without end
    [InlineData("pack('a C C C V V V', 'l', 2, 0, 1, 15_000_000, 1, 0) . chr(0) x 15_000_000")] // long answers to nobody's question
    public void WhoeverNeverStopsTalking_IsWaitedForNoLongerThanAsked(string flood)
    {
        using Scratch scratch = new("bookworm");
        using Command launcher = Launcher.Nspawn.Start(scratch, ["perl", "-e", Manager.Replace("FLOOD", flood, StringComparison.Ordinal)]);
        Assert.True(launcher.WaitForOutput("up", TimeSpan.FromSeconds(30)), launcher.OutputSoFar);
        Stopwatch clock = Stopwatch.StartNew();
        Outcome outcome = Launcher.Nspawn.RunBare(["wait", scratch.Name, "--for=late.service", "--timeout=2"], TimeSpan.FromSeconds(30));
        Assert.True(outcome is { ExitStatus: 124, TimedOut: false }, outcome.ToString());
        Assert.InRange(clock.Elapsed.TotalSeconds, 1.5, 10);
        Outcome stopped = Launcher.Nspawn.RunBare(["stop", scratch.Name, "--kill"]);
        Assert.True(stopped.ExitStatus == 0, stopped.ToString());
    }
}
