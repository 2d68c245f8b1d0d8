using System.Diagnostics;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>A machine that has mounted file systems of its own over its directories, which never answer: fuse(4).</summary>
public sealed class HostileFileSystemTests
{
    private const string Silence = """
        use Fcntl;
        $| = 1;
        for my $place (@ARGV) {
            open(my $fuse, "+<", "/dev/fuse") or die "no fuse: $!";
            push @held, $fuse;
            my ($name, $type, $options) = ("silence", "fuse", sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fileno($fuse)));
            syscall(165, $name, $place, $type, 0, $options) == 0 or die "cannot mount: $!";
        }
        print "up\n";
        sleep 1000;
        """;

    [Fact]
    public void WhoeverLooksAtMachines_IsNotHeldUp()
    {
        Need.That(File.Exists("/dev/fuse"), "needs /dev/fuse");
        using Scratch scratch = new("bookworm");
        using Command launcher = Launcher.Nspawn.Start(scratch, ["perl", "-e", Silence, "/etc", "/usr/lib", "/run"]);
        Assert.True(launcher.WaitForOutput("up", TimeSpan.FromSeconds(30)), launcher.OutputSoFar);

        Outcome list = Launcher.Nspawn.RunBare(["list"], TimeSpan.FromSeconds(10));
        Assert.True(list is { ExitStatus: 0, TimedOut: false }, list.ToString());
        Assert.Contains(list.Text.Split('\n'), line => line.Contains(scratch.Name, StringComparison.Ordinal) && line.Contains("Debian GNU/Linux 12", StringComparison.Ordinal));

        Stopwatch clock = Stopwatch.StartNew();
        Outcome wait = Launcher.Nspawn.RunBare(["wait", scratch.Name, "--for=late.service", "--timeout=2"], TimeSpan.FromSeconds(30));
        Assert.True(wait is { ExitStatus: 124, TimedOut: false }, wait.ToString());
        Assert.InRange(clock.Elapsed.TotalSeconds, 1.5, 10);

        Outcome stopped = Launcher.Nspawn.RunBare(["stop", scratch.Name, "--kill"], TimeSpan.FromSeconds(20));
        Assert.True(stopped is { ExitStatus: 0, TimedOut: false }, stopped.ToString());
    }

    [Fact]
    public void ATestOfOne_EndsInTime()
    {
        Need.That(File.Exists("/dev/fuse"), "needs /dev/fuse");
        using Tested tree = new("bookworm");
        tree.Scratch.Remove("/sbin/init").Remove("/lib/systemd/systemd").WriteProgram("/sbin/init", "#!/bin/sh\nexec perl /silence /etc /usr/bin /root\n");
        tree.Scratch.Write("/silence", Silence);
        Stopwatch clock = Stopwatch.StartNew();
        Outcome outcome = Launcher.Nspawn.RunBare(
            ["test", "-D", tree.Scratch.Tree, "-M", tree.Scratch.Name, "--timeout=5", "--check=false"], TimeSpan.FromSeconds(60));
        Assert.True(outcome is { ExitStatus: 5 or 124, TimedOut: false }, outcome.ToString());
        Assert.InRange(clock.Elapsed.TotalSeconds, 1, 30);
    }
}
