using System.Security.Cryptography;
using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>nspawn exec: a command in a machine that runs.</summary>
public sealed class ExecTests : IDisposable
{
    private readonly Scratch _scratch = new("busybox");

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("kill -KILL $$", 137)]
    public void ExitStatus_IsTheCommands(string script, int expected)
    {
        using Running machine = Running.Script(_scratch, "sleep 60");
        Outcome outcome = machine.Exec("sh", "-c", script);
        Assert.True(outcome.ExitStatus == expected && outcome.Error.Length == 0, outcome.ToString());
    }

    [Fact]
    public void WhatCannotBeRun_IsSaidInALine()
    {
        using Running machine = Running.Script(_scratch, "sleep 60");
        AssertFails(machine.Exec("/nope"), 127, "/nope");
        AssertFails(machine.Exec("nope"), 127, "not found");
        AssertFails(machine.Exec("/etc/os-release"), 126, "not executable");
        AssertFails(machine.Ask("exec", "--chdir=/nope", "true"), 125, "/nope");
        AssertFails(machine.Ask("exec", "--user=nope", "true"), 125, "nope");
        AssertFails(machine.Ask("exec", "--tty", "true"), 125, "terminal");
        AssertFails(Launcher.Nspawn.RunBare(["exec", "nsb-nowhere", "true"]), 125, "nsb-nowhere");
        machine.AssertStops();
        AssertFails(machine.Exec("true"), 125, machine.Name);
    }

    [Fact]
    public void Streams_AreApartAndExact()
    {
        using Running machine = Running.Script(_scratch, "sleep 60");
        byte[] sent = RandomNumberGenerator.GetBytes(1 << 20);
        using Command echo = Command.Start(Launcher.Nspawn.Program, ["exec", machine.Name, "cat"], Launcher.CallerEnvironment, sent);
        Assert.True(sent.AsSpan().SequenceEqual(echo.Wait(TimeSpan.FromSeconds(30)).Output));

        Outcome both = machine.Exec("sh", "-c", "echo out; echo err >&2");
        Assert.Equal(("out\n", "err\n"), (both.Text, both.Error));

        // Files are not passed in, and nothing is lost on the way.
        string input = Path.Combine(_scratch.Outside, "in"), output = Path.Combine(_scratch.Outside, "out");
        File.WriteAllBytes(input, sent);
        string nspawn = Launcher.Nspawn.Program;
        Outcome files = Command.Run("sh", ["-c", $"{nspawn} exec {machine.Name} sh -c 'readlink /proc/self/fd/0 >&2; readlink /proc/$$/fd/1 >&2; cat' <{input} >{output}"]);
        Assert.True(sent.AsSpan().SequenceEqual(File.ReadAllBytes(output)));
        Assert.DoesNotContain(_scratch.Outside, files.Error, StringComparison.Ordinal);
        Assert.Contains("pipe:", files.Error, StringComparison.Ordinal);
        AssertFails(Command.Run("sh", ["-c", $"{nspawn} exec {machine.Name} cat </"]), 125, "directory");
    }

    [Fact]
    public void Order_IsKeptWhereOutputAndErrorAreOneFile()
    {
        using Running machine = Running.Script(_scratch, "sleep 60");
        string output = Path.Combine(_scratch.Outside, "both");
        Command.Run("sh", ["-c", $"{Launcher.Nspawn.Program} exec {machine.Name} sh -c 'for i in 1 2 3; do echo o$i; echo e$i >&2; done' >{output} 2>&1"]);
        Assert.Equal("o1\ne1\no2\ne2\no3\ne3\n", File.ReadAllText(output));
    }

    [Theory]
    [InlineData]
    [InlineData("--as-pid2")]
    [InlineData("--private-network")]
    [InlineData("--drop-capability=CAP_SYS_ADMIN", "--no-new-privileges=yes", "--system-call-filter=~mkdir", "--rlimit=RLIMIT_NOFILE=100:200")]
    public void WhoEnters_IsConfinedAsThePayloadIs(params string[] options)
    {
        const string Look = """
            grep -E '^(Cap|NoNewPrivs|Seccomp)' /proc/self/status; cat /proc/self/limits
            for n in mnt pid uts ipc net cgroup user; do readlink /proc/self/ns/$n; done
            mkdir /tmp/probe 2>&1 | sed 's/.*: //'; rmdir /tmp/probe 2>/dev/null; readlink /proc/self/root; cat /proc/sys/kernel/hostname
            """;
        using Running machine = Running.Script(_scratch, $"( {Look} ) >/seen 2>&1; sleep 60", options);
        Thread.Sleep(300);
        Outcome outcome = machine.Exec("sh", "-c", $"( {Look} ) 2>&1");
        Assert.Equal(File.ReadAllText(_scratch.At("/seen")), outcome.Text);
    }

    [Fact]
    public void NothingOfTheCallersComesAlong()
    {
        using Running machine = Running.Script(_scratch, "sleep 60");
        Outcome outcome = machine.Exec("sh", "-c", "ls /proc/$$/fd; cat /proc/$$/environ | tr '\\0' '\\n'; grep '^0::' /proc/self/cgroup; ps -o pid,ppid,args | grep -c '[s]leep 60'");
        string[] lines = outcome.Text.TrimEnd('\n').Split('\n');
        Assert.Equal(["0", "1", "2"], lines[..3]);
        Assert.DoesNotContain("SECRET", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("container=systemd-nspawn", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("NOTIFY_SOCKET", StringComparison.Ordinal));
        Assert.Contains("0::/nspawn-exec", lines);
    }

    [Fact]
    public void EnvironmentDirectoryAndUser_AreAsAsked()
    {
        _scratch.Write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\njoe:x:1000:1000::/home:/bin/sh\n").Write("/etc/group", "wheel:x:27:joe\n");
        using Running machine = Running.Script(_scratch, "sleep 60");
        Outcome outcome = machine.Ask(
            "exec", "-u", "joe", "--env=A=1 2", "--chdir=/tmp", "--", "sh", "-c", "id -u; id -G; pwd; echo \"$A $USER $HOME\"; grep -E '^Cap(Eff|Prm)' /proc/self/status");
        Assert.Equal("1000\n1000 27\n/tmp\n1 2 joe /home\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n", outcome.Text);
    }

    [Fact]
    public void AMachineThatEnds_TakesTheCommandAlong()
    {
        using Running machine = Running.Script(_scratch, "sleep 60");
        using Command exec = Command.Start(Launcher.Nspawn.Program, ["exec", machine.Name, "sh", "-c", "echo in; sleep 60"], Launcher.CallerEnvironment);
        Assert.True(exec.WaitForOutput("in", TimeSpan.FromSeconds(20)));
        machine.AssertStops();
        Outcome outcome = exec.Wait(TimeSpan.FromSeconds(5));
        Assert.Equal(137, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, machine.Name);
    }

    [Theory]
    [InlineData(Signum.SIGTERM, 143)]
    [InlineData(Signum.SIGKILL, 137)]
    public void TheCommandEndsWithTheVerb(Signum signal, int status)
    {
        using Running machine = Running.Script(_scratch, "sleep 60");
        using Command exec = Command.Start(Launcher.Nspawn.Program, ["exec", machine.Name, "sh", "-c", "echo in; exec sleep 77"], Launcher.CallerEnvironment);
        Assert.True(exec.WaitForOutput("in", TimeSpan.FromSeconds(20)));
        exec.Signal(signal);
        Assert.Equal(status, exec.Wait(TimeSpan.FromSeconds(5)).ExitStatus);
        Assert.Equal("0\n", machine.Exec("sh", "-c", "ps -o args | grep -c '^[s]leep 77'; true").Text);
        machine.AssertStops();
    }

    [Fact]
    public void ATerminal_IsTheMachinesAndTheCallersIsGivenBack()
    {
        Need.Tool("script");
        using Running machine = Running.Script(_scratch, "sleep 60");
        string exec = $"{Launcher.Nspawn.Program} exec --tty {machine.Name}";
        string script = $"""
            stty rows 41 cols 97; before=$(stty -g)
            {exec} sh -c 'tty; stty size; exit 5'; echo status=$?
            {exec} sh -c 'echo in; sleep 60' </dev/tty &
            sleep 1.5; kill -KILL $!; sleep 0.5
            [ "$before" = "$(stty -g)" ] && echo given back
            """;
        using Command command = Command.Start("script", ["-qec", script, "/dev/null"], Launcher.CallerEnvironment);
        Outcome outcome = command.Wait(TimeSpan.FromSeconds(30));
        Assert.Contains("/dev/pts/1\n41 97\nstatus=5\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("given back", outcome.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ATerminal_InAMachineWithUsersOfItsOwn_BelongsToThem(bool isShell)
    {
        Need.Tool("script");
        using Scratch scratch = new("trixie", copied: true);
        using Running machine = Running.Script(scratch, "sleep 60", "-U");
        const string Look = "tty; stty size; stat -c owner=%u:%g $(tty); echo written >$(tty); id -u; exit 5";
        string verb = isShell ? $"exec {Launcher.Nspawn.Program} shell {machine.Name}" : $"exec {Launcher.Nspawn.Program} exec --tty {machine.Name} sh -c '{Look}'";
        // What is typed to a shell is heard once its terminal is the machine's.
        using Command command = Command.Start(
            "sh", ["-c", $"(sleep 3; {(isShell ? $"echo '{Look}'" : "true")}; sleep 5) | script -qec \"stty rows 41 cols 97; $0\" /dev/null", verb], Launcher.CallerEnvironment);
        Outcome outcome = command.Wait(TimeSpan.FromSeconds(40));

        string[] lines = [.. outcome.Text.Split('\n').Select(line => line.TrimEnd('\r'))];
        int at = Array.FindLastIndex(lines, line => line.EndsWith("/dev/pts/1", StringComparison.Ordinal));
        Assert.True(at >= 0 && outcome.ExitStatus == 5, outcome.ToString());
        Assert.Equal(["41 97", "owner=0:5", "written", "0"], lines[(at + 1)..(at + 5)]);
        machine.AssertStops();
    }

    [Fact]
    public void HostileMachine_SeesNothingOnTheWayIn()
    {
        using Scratch scratch = new("trixie");
        // PID 1 looks at every process that appears, as fast as it can, with all the rights a payload has.
        scratch.Write("/watch.pl", """
            use strict; $| = 1;
            my ($caps) = slurp('/proc/1/status') =~ /CapPrm:\s*(\w+)/; my %seen; my $looks = 0;
            sub slurp { open my $f, '<', $_[0] or return ''; local $/; my $t = <$f>; $t // '' }
            print "up\n";
            while (!-e '/stop') {
                opendir my $d, '/proc';
                for my $pid (grep { /^\d+$/ && $_ > 1 } readdir $d) {
                    my $exe = readlink("/proc/$pid/exe") // '';
                    my ($prm) = slurp("/proc/$pid/status") =~ /CapPrm:\s*(\w+)/ or next;
                    $looks++ if $exe =~ /nspawn/;
                    print "caps $prm of $exe\n" if (hex($prm) & ~hex($caps)) && !$seen{$prm}++;
                    print "environment of $exe\n" if slurp("/proc/$pid/environ") =~ /SECRET/ && !$seen{env}++;
                    if (opendir my $fds, "/proc/$pid/fd") {
                        my @open = grep { /^\d+$/ && $_ > 3 } readdir $fds;
                        print "descriptors @open of $exe\n" if $exe =~ /nspawn/ && @open && !$seen{fd}++;
                    }
                }
            }
            print "looked $looks\n";
            """);
        using Command launcher = Launcher.Nspawn.Start(scratch, ["perl", "/watch.pl"]);
        Assert.True(launcher.WaitForOutput("up", TimeSpan.FromSeconds(30)), launcher.OutputSoFar);
        for (int i = 0; i < 150; i++)
        {
            Assert.Equal(0, Launcher.Nspawn.RunBare(["exec", scratch.Name, "/bin/true"]).ExitStatus);
        }

        File.WriteAllText(scratch.At("/stop"), "");
        Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(20));
        Assert.Matches("^up\nlooked \\d+\n$", outcome.Text);
    }

    [Fact]
    public void TheSameNameTwice_AsksWhich()
    {
        using Scratch other = new("busybox");
        using Running machine = Running.Script(_scratch, "sleep 60");
        using Command twin = Command.Start(
            Launcher.Nspawn.Program, ["-q", "-M", machine.Name, "-D", other.Tree, "sh", "-c", "echo up; sleep 60"], Launcher.CallerEnvironment);
        Assert.True(twin.WaitForOutput("up", TimeSpan.FromSeconds(20)));
        Outcome outcome = machine.Exec("true");
        AssertFails(outcome, 125, "say which");
        string run = outcome.Error.Split('(')[1].Split(',')[0];
        Assert.Equal(0, Launcher.Nspawn.RunBare(["exec", run, "true"]).ExitStatus);
        twin.Signal(Signum.SIGTERM);
        twin.Wait(TimeSpan.FromSeconds(5));
    }

    public void Dispose() => _scratch.Dispose();

    private static void AssertFails(Outcome outcome, int status, string said)
    {
        Assert.True(outcome.ExitStatus == status, outcome.ToString());
        OneLine.AssertSaid(outcome.Error, said);
    }
}
