using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>What root of a container with users of its own is, on the host: nobody in particular.</summary>
public sealed class PrivateUsersTests
{
    [Fact]
    public void Root_CannotReadAPrivateFileOfTheHost()
    {
        using Scratch scratch = new("busybox");
        string secret = Path.Combine(scratch.Outside, "secret");
        File.WriteAllText(secret, "secret");
        Assert.Equal(0, Syscall.chmod(secret, FilePermissions.S_IRUSR | FilePermissions.S_IWUSR));

        Outcome plain = Launcher.Nspawn.Run(scratch, ["--private-users=pick", "--private-users-ownership=off", $"--bind={secret}:/secret", "-P", "cat", "/secret"]);
        Outcome mapped = Launcher.Nspawn.Run(scratch, ["--private-users=pick", "--private-users-ownership=off", $"--bind={secret}:/secret:idmap", "-P", "cat", "/secret"]);

        Assert.NotEqual(0, plain.ExitStatus);
        Assert.DoesNotContain("secret\n", plain.Text, StringComparison.Ordinal);
        Assert.True(mapped is { ExitStatus: 0, Text: "secret" }, mapped.ToString());
    }

    [Fact]
    public void Root_HasAllItsCapabilitiesInsideAndNoneOnTheHost()
    {
        using Scratch scratch = new("busybox");
        // What only the host's root may: a limit raised, a sysctl of the host written, a device made and opened.
        const string Script = "id -u; cat /proc/self/uid_map; hostname inside && echo named; mount -t tmpfs x /root && echo mounted; "
            + "echo 1 >/proc/sys/vm/swappiness || echo kept; echo 1 >/proc/sys/kernel/panic || echo kept; ulimit -n 99999999 || echo limited; ls -ln / | sed -n 's/.* tmp$/ &/p'";
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["--private-users=1048576", "--private-network", "-P", "sh", "-c", Script]);

        Assert.StartsWith("0\n         0    1048576      65536\nnamed\nmounted\nkept\nkept\nlimited\n", outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Root_CannotSignalAProcessOfTheHostEvenWhereItSeesIt()
    {
        using Scratch scratch = new("busybox");
        using Command sleeper = Command.Start("sleep", ["60"]);
        using Command launcher = Launcher.Nspawn.Start(scratch, ["--private-users=1048576", "-P", "sh", "-c", "echo ready; sleep 30"]);
        Assert.True(launcher.WaitForOutput("ready", TimeSpan.FromSeconds(20)));
        int leader = Assert.Single(Leftovers.Processes(scratch.Name), pid => File.ReadAllText($"/proc/{pid}/status").Contains("\nNSpid:", StringComparison.Ordinal)
            && File.ReadAllText($"/proc/{pid}/status").Split('\n').First(line => line.StartsWith("NSpid:", StringComparison.Ordinal)).EndsWith("\t1", StringComparison.Ordinal));

        // In its user namespace, with all it has there, but among the host's processes.
        Outcome killed = Command.Run("nsenter", ["--user", "-t", $"{leader}", "--", "kill", "-0", $"{sleeper.Pid}"]);
        Outcome limited = Command.Run("nsenter", ["--user", "-t", $"{leader}", "--", "prlimit", "--pid", $"{sleeper.Pid}", "--nofile=5:5"]);

        Assert.NotEqual(0, killed.ExitStatus);
        Assert.NotEqual(0, limited.ExitStatus);
    }

    /// <summary>Somebody makes a user: useradd(8) holds the lock of lckpwdf(3) meanwhile.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(60, true)]
    public void Pick_WaitsForTheLockOfTheUserDatabaseAndNotForEver(int seconds, bool isSaid)
    {
        Need.Tool("perl");
        using Scratch scratch = new("busybox", copied: true);
        using OrdinaryUser user = new(hasGroup: false); // its /etc is the test's own
        // struct flock: F_WRLCK, SEEK_SET, the whole file.
        const string Hold = "use Fcntl; open my $f, '>>', '/etc/.pwd.lock' or die; my $l = pack 'ssx4qqi', F_WRLCK, 0, 0, 0, 0; fcntl($f, F_SETLK, $l) or die; open my $g, '>', $ENV{HOME} . '/held'; close STDOUT; sleep shift";
        const string Script = "perl -e \"$0\" $1 & echo $! >$HOME/holder; until [ -e $HOME/held ] || ! kill -0 $!; do sleep 0.1; done; shift; \"$@\"; s=$?; kill $(cat $HOME/holder) 2>/dev/null; exit $s";
        System.Diagnostics.Stopwatch clock = System.Diagnostics.Stopwatch.StartNew();
        Outcome outcome = user.RunAsRoot(
            ["sh", "-c", Script, Hold, $"{seconds}", Launcher.Nspawn.Program, "-D", scratch.Tree, "-U", "sh", "-c", "echo ran; cat /proc/self/uid_map"]);

        Assert.True(outcome.ExitStatus == 0 && outcome.Text.Contains("ran", StringComparison.Ordinal), outcome.ToString());
        Assert.Equal(isSaid, outcome.Error.Contains("/etc/.pwd.lock", StringComparison.Ordinal));
        Assert.InRange(clock.Elapsed.TotalSeconds, isSaid ? 5 : 1, 30);
    }

    /// <summary>The kernel counts a user's processes; two containers' roots are two users, and neither may lift its limit.</summary>
    [Fact]
    public void Processes_AreCountedApart_AndTheLimitHolds()
    {
        const string Forks = "$| = 1; for (1 .. 40) { my $pid = fork; last unless defined $pid; if (!$pid) { sleep 60; exit } $n++ } print \"started $n\\n\"; sleep 60";
        using Scratch scratch = new("trixie", copied: true);
        string[] options = ["-U", "--read-only", "--rlimit=NPROC=12:12", "-P"];
        using Command one = Launcher.Nspawn.Start(scratch, [.. options, "-M", scratch.Name + "-1", "perl", "-e", Forks]);
        Assert.True(one.WaitForOutput("started 11\n", TimeSpan.FromSeconds(20)), one.OutputSoFar);
        using Command other = Launcher.Nspawn.Start(scratch, [.. options, "-M", scratch.Name + "-2", "perl", "-e", Forks]);
        Assert.True(other.WaitForOutput("started 11\n", TimeSpan.FromSeconds(20)), other.OutputSoFar);
        Outcome raised = Launcher.Nspawn.Run(scratch, [.. options, "-M", scratch.Name + "-3", "sh", "-c", "ulimit -Hp 100 2>/dev/null || echo no"]);
        Assert.Equal("no\n", raised.Text);
    }

    [Fact]
    public void Files_AreOwnedRightOnBothSides()
    {
        using Scratch scratch = new("busybox", copied: true);
        string data = Directory.CreateDirectory(Path.Combine(scratch.Outside, "data")).FullName;
        Assert.Equal(0, Syscall.chown(data, 1234, 1235));
        scratch.Write("/mine/x", "");
        Assert.Equal(0, Syscall.chown(scratch.At("/mine"), 42, 43));

        const string Script = "touch /a /tmp/t /dev/shm/s /run/r /root-owned/by-root; touch /b && chown 1000:1001 /b; stat -c '%n %u:%g' /root-owned /mine /idmap /dev/null /dev/pts /dev/mqueue /run/host/notify /run/host /tmp /run/host/unix-export /run/host/incoming";
        Outcome outcome = Launcher.Nspawn.Run(scratch,
        [
            "-U", "-P", $"--bind={data}:/root-owned:rootidmap", $"--bind={data}:/mine:owneridmap", $"--bind={data}:/idmap:idmap", "sh", "-c", Script,
        ]);

        Assert.Equal(
            ["/root-owned 0:0", "/mine 42:43", "/idmap 1234:1235", "/dev/null 0:0", "/dev/pts 0:0", "/dev/mqueue 0:0", "/run/host/notify 0:0",
                "/run/host 0:0", "/tmp 0:0", "/run/host/unix-export 0:0", "/run/host/incoming 0:0", ""],
            outcome.Text.Split('\n'));
        Assert.Equal((0u, 0u), Owners.Of(scratch.At("/a")));
        Assert.Equal((1000u, 1001u), Owners.Of(scratch.At("/b")));
        Assert.Equal((1234u, 1235u), Owners.Of(Path.Combine(data, "by-root")));
    }

    [Fact]
    public void Credentials_CanBeReadByRootOnly()
    {
        using Scratch scratch = new("busybox");
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["--private-users=1048576", "-P", "--set-credential=a:b", "sh", "-c", "cat $CREDENTIALS_DIRECTORY/a; stat -c ' %a %u' $CREDENTIALS_DIRECTORY/a"]);

        Assert.Equal("b 400 0\n", outcome.Text);
    }

    [Fact]
    public void Overlay_CannotBeMapped_AndThatIsSaidWithWhatHelps()
    {
        using Scratch scratch = new("busybox");
        Leftovers leftovers = Leftovers.Watch(scratch);
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", "--private-users-ownership=map", "true"]);

        Assert.Equal(Launcher.Nspawn.ErrorStatus, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "overlay");
        OneLine.AssertSaid(outcome.Error, "--private-users-ownership=chown");
        leftovers.AssertNone();
    }

    [Fact]
    public void MountsInTheTree_AreMappedEachAsItCan()
    {
        using Scratch scratch = new("busybox", copied: true);
        const string Mounts = "mkdir -p $1/mnt/a $1/mnt/b && mount -t tmpfs a $1/mnt/a && touch $1/mnt/a/file && mount -t proc proc $1/mnt/b && exec ";
        string line = Mounts + $"{Launcher.Nspawn.Program} -q -D $1 -U -P stat -c '%n %u' / /mnt/a/file /mnt/b/uptime";
        Outcome outcome = Command.Run("unshare", ["--mount", "sh", "-c", line, "sh", scratch.Tree]);

        Assert.True(outcome is { ExitStatus: 0, Text: "/ 0\n/mnt/a/file 0\n/mnt/b/uptime 65534\n" }, outcome.ToString());
    }

    [Fact]
    public void Overlay_WithAuto_ChangesHandsInstead()
    {
        using Scratch scratch = new("busybox");
        Outcome first = Launcher.Nspawn.Run(scratch, ["-U", "-P", "cat", "/proc/self/uid_map"]);
        (uint owner, _) = Owners.Of(scratch.At("/etc"));
        Outcome second = Launcher.Nspawn.Run(scratch, ["-U", "-P", "cat", "/proc/self/uid_map"]);

        Assert.True(first.ExitStatus == 0, first.ToString());
        Assert.NotEqual(0u, owner);
        Assert.Contains($" {owner} ", first.Text, StringComparison.Ordinal);
        Assert.Equal(first.Text, second.Text);
    }

    [Fact]
    public void FiftyContainersAtOnce_HaveRangesOfTheirOwnAndLockThem()
    {
        using Scratch scratch = new("busybox", copied: true);
        Leftovers leftovers = Leftovers.Watch(scratch);
        string[] ranges = [];
        Command[] launchers = [.. Enumerable.Range(0, 50).Select(i => Launcher.Nspawn.Start(scratch, ["-U", "--read-only", "-P", "sh", "-c", "cat /proc/self/uid_map; sleep 100"]))];
        try
        {
            Assert.All(launchers, launcher => Assert.True(launcher.WaitForOutput("65536", TimeSpan.FromSeconds(60)), launcher.OutputSoFar));
            ranges = [.. launchers.Select(launcher => launcher.OutputSoFar.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])];
            Assert.Equal(ranges.Distinct(), ranges);
            Assert.All(ranges, range => Assert.True(File.Exists($"/run/systemd/nspawn-uid/{range}")));
            launchers[0].Signal(Signum.SIGKILL);
            Assert.True(SpinWait.SpinUntil(() => !File.Exists($"/run/systemd/nspawn-uid/{ranges[0]}"), 2000));
        }
        finally
        {
            Array.ForEach(launchers, launcher => launcher.Signal(Signum.SIGTERM));
            Array.ForEach(launchers, launcher => launcher.Wait(TimeSpan.FromSeconds(20)));
            Array.ForEach(launchers, launcher => launcher.Dispose());
        }

        Assert.All(ranges, range => Assert.False(File.Exists($"/run/systemd/nspawn-uid/{range}")));
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("--private-users=4294967295", "--private-users")]
    [InlineData("--private-users=1048576:0", "COUNT")]
    [InlineData("--private-users=managed", "managed")]
    [InlineData("--private-users=yes --private-users-ownership=map", "--private-users")]
    [InlineData("--private-users=1048576:1 --private-users-ownership=chown", "65536")]
    [InlineData("--bind=/etc:/mnt:idmap", "user namespace")]
    [InlineData("-U --bind=/proc/sys:/mnt:idmap", "proc")]
    public void BadInput_IsOneLine(string options, string about)
    {
        using Scratch scratch = new("busybox");
        Assert.Equal(0, Syscall.chown(scratch.Tree, options.Contains("=yes", StringComparison.Ordinal) ? 1000u : 0u, 0));
        Leftovers leftovers = Leftovers.Watch(scratch);
        Outcome outcome = Launcher.Nspawn.Run(scratch, [.. options.Split(' '), "true"], TimeSpan.FromSeconds(20));

        Assert.Equal(Launcher.Nspawn.ErrorStatus, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, about);
        leftovers.AssertNone();
    }

    [Fact]
    public void RangeOfOne_RunsACommand()
    {
        using Scratch scratch = new("busybox");
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["--private-users=1048576:1", "sh", "-c", "cat /proc/self/uid_map; tty"]);

        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Contains("0    1048576          1", outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutUserNamespaces_ItIsSaid()
    {
        using Scratch scratch = new("busybox");
        // In a user namespace that may make no others, as a host that allows none.
        const string Allow = "echo 0 >/proc/sys/user/max_user_namespaces; ";
        string line = $"{Allow} exec {Launcher.Nspawn.Program} -q -D {scratch.Tree} --private-users=pick true";
        Outcome outcome = Command.Run("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", line]);

        Assert.Equal(Launcher.Nspawn.ErrorStatus, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "max_user_namespaces");
    }
}
