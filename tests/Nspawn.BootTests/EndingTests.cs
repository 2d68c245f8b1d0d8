using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>How a container ends: by itself, by a signal, by reboot, and by the launcher's own death.</summary>
public sealed class EndingTests
{
    private static readonly TimeSpan s_boot = TimeSpan.FromSeconds(60);

    [Fact]
    public void Sigterm_BootedGuest_PowersOffCleanly()
    {
        using Scratch scratch = BootReport.InjectInto(new Scratch("trixie"), "echo up", ending: "sleep infinity");
        Leftovers leftovers = Leftovers.Watch(scratch);
        using Command launcher = Launcher.Nspawn.Start(scratch, ["-b"]);
        Assert.True(launcher.WaitForOutput(">>> report", s_boot), launcher.OutputSoFar);
        launcher.Signal(Signum.SIGTERM);
        Outcome outcome = launcher.Wait(s_boot);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        leftovers.AssertNone();
    }

    [Fact]
    public void Sigterm_Command_IsKilledAtOnce()
    {
        using Scratch scratch = new("trixie");
        Leftovers leftovers = Leftovers.Watch(scratch);
        using Command launcher = Launcher.Nspawn.Start(scratch, ["sh", "-c", "trap '' TERM; echo up; sleep 60"]);
        Assert.True(launcher.WaitForOutput("up", s_boot));
        launcher.Signal(Signum.SIGTERM);
        Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(5));
        Assert.False(outcome.TimedOut);
        Assert.NotEqual(0, outcome.ExitStatus);
        leftovers.AssertNone();
    }

    [Fact]
    public void Reboot_BootsAgain()
    {
        // The mark of the first boot is on the tree, where the second finds it.
        using Scratch scratch = BootReport.InjectInto(
            new Scratch("trixie"),
            "if [ -e /booted ]; then echo second; else echo first; fi; cat /proc/sys/kernel/random/boot_id",
            ending: "if [ -e /booted ]; then systemctl poweroff; else touch /booted; systemctl reboot; fi");
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-b"], TimeSpan.FromSeconds(120));
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Contains("\nfirst\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("\nsecond\n", outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Reboot_OfTheWorkingDirectory_IsTheSameTree()
    {
        using Scratch scratch = new("busybox");
        const string Script = "[ -e /booted ] && { echo second; exec poweroff -f; }; touch /booted; exec reboot -f";
        Outcome outcome = Command.Run(Launcher.Nspawn.Program, ["-q", "-a", "sh", "-c", Script], s_boot, scratch.Tree);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Contains("second", outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Reboot_KeepUnit_Is133()
    {
        using Scratch scratch = BootReport.InjectInto(new Scratch("trixie"), "echo up", ending: "systemctl reboot");
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["--keep-unit", "-b"], s_boot);
        Assert.True(outcome.ExitStatus == 133, outcome.ToString());
    }

    [Theory]
    [InlineData("sleep 60")]
    [InlineData("setsid sh -c 'trap \"\" HUP TERM; sleep 60' & sleep 60")]
    public void Sigkill_TakesThePayloadWithIt(string script)
    {
        using Scratch scratch = new("trixie");
        Leftovers leftovers = Leftovers.Watch(scratch);
        foreach (string[] place in (string[][])[[], ["-a"]])
        {
            using Command launcher = Launcher.Nspawn.Start(scratch, [.. place, "sh", "-c", "echo up; " + script]);
            Assert.True(launcher.WaitForOutput("up", s_boot));
            launcher.Signal(Signum.SIGKILL);
            launcher.Wait(TimeSpan.FromSeconds(5));
            leftovers.AssertNone();
        }
    }

    [Fact]
    public void Sigkill_TakesABootedGuestWithIt()
    {
        using Scratch scratch = BootReport.InjectInto(new Scratch("trixie"), "echo up", ending: "sleep infinity");
        Leftovers leftovers = Leftovers.Watch(scratch);
        using Command launcher = Launcher.Nspawn.Start(scratch, ["--private-network", "-b"]);
        Assert.True(launcher.WaitForOutput(">>> report", s_boot), launcher.OutputSoFar);
        launcher.Signal(Signum.SIGKILL);
        launcher.Wait(TimeSpan.FromSeconds(5));
        leftovers.AssertNone();

        // And nothing is in the way of the next one of that name.
        Assert.Equal(0, Launcher.Nspawn.Run(scratch, ["true"]).ExitStatus);
    }

    [Fact]
    public void Sigkill_AtTwoHundredRandomMoments_LeavesNothing()
    {
        Need.Root();
        Dictionary<string, string> environment = new(Launcher.CallerEnvironment) { ["NSPAWN_BINARY"] = Launcher.Nspawn.Program };
        using Command stress = Command.Start(Repository.File("scripts/stress-kill"), ["200"], environment);
        Outcome outcome = stress.Wait(TimeSpan.FromMinutes(3));
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
    }

    [Fact]
    public void Sigkill_AfterTheWholeUnitWasAskedToEnd_LeavesNothing()
    {
        using Scratch scratch = new("busybox");
        Leftovers leftovers = Leftovers.Watch(scratch);
        using Command launcher = Launcher.Nspawn.Start(scratch, ["-a", "sh", "-c", "trap '' TERM; echo up; sleep 60"]);
        Assert.True(launcher.WaitForOutput("up", s_boot));
        // What a service manager does, to every process of the unit; the launcher itself answers.
        string[] children = File.ReadAllText($"/proc/{launcher.Pid}/task/{launcher.Pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (string child in children)
        {
            Syscall.kill(int.Parse(child, System.Globalization.CultureInfo.InvariantCulture), Signum.SIGTERM);
        }

        Thread.Sleep(100);
        launcher.Signal(Signum.SIGKILL);
        launcher.Wait(TimeSpan.FromSeconds(5));
        leftovers.AssertNone();
    }

    [Fact]
    public void Groups_DeeperThanDescriptorsReach_AreRemoved()
    {
        using Scratch scratch = new("busybox");
        Leftovers leftovers = Leftovers.Watch(scratch);
        const string Script = "cd /sys/fs/cgroup; echo 400 >cgroup.max.depth; i=0; while [ $i -lt 300 ] && mkdir d; do cd d; i=$((i+1)); done; echo $i";
        string line = $"ulimit -n 64; exec {Launcher.Nspawn.Program} -q -P -D {scratch.Tree} sh -c '{Script}'";
        Outcome outcome = Command.Run("sh", ["-c", line]);
        Assert.True(outcome is { ExitStatus: 0, Error: "" }, outcome.ToString());
        leftovers.AssertNone();
    }

    [Fact]
    public void TwentyAtOnce_AllSucceed()
    {
        Scratch[] scratches = [.. Enumerable.Range(0, 20).Select(_ => new Scratch("busybox"))];
        try
        {
            Command[] launchers = [.. scratches.Select(scratch => Launcher.Nspawn.Start(scratch, ["sh", "-c", "echo here; exit 3"]))];
            foreach (Command launcher in launchers)
            {
                Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(60));
                Assert.True(outcome.ExitStatus == 3 && outcome.Text == "here\n", outcome.ToString());
                launcher.Dispose();
            }

            Assert.All(scratches, scratch => Assert.Empty(Leftovers.Processes(scratch.Name)));
        }
        finally
        {
            foreach (Scratch scratch in scratches)
            {
                scratch.Dispose();
            }
        }
    }
}
