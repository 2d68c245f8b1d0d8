using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Trees whose init is not systemd.</summary>
public sealed class OtherInitTests
{
    private const string Marker = "the tree is up";

    [Fact]
    public void Busybox_Boots_PowersOffByItself()
    {
        using Scratch scratch = new("busybox");
        scratch.WriteProgram("/etc/init.d/local", $"#!/bin/sh\necho {Marker}\npoweroff\n");
        AssertComesUpAndEnds(scratch);
    }

    [Fact]
    public void Busybox_KillSignal_PowersOff()
    {
        using Scratch scratch = new("busybox");
        scratch.WriteProgram("/etc/init.d/local", $"#!/bin/sh\necho {Marker}\n");
        AssertEndsBySignal(scratch, "SIGUSR2");
    }

    [Fact]
    public void Sysvinit_Boots_PowersOffByItself()
    {
        using Scratch scratch = new("sysvinit");
        Report(scratch, "poweroff");
        AssertComesUpAndEnds(scratch);
    }

    [Fact]
    public void Sysvinit_KillSignal_PowersOff()
    {
        using Scratch scratch = new("sysvinit");
        Report(scratch, "true");
        AssertEndsBySignal(scratch, "SIGPWR");
    }

    // Before the login prompt, which discards what is on its way to the console.
    private static void Report(Scratch scratch, string ending)
    {
        scratch.WriteProgram("/boot-report", $"#!/bin/sh\necho {Marker} >/dev/console\n{ending}\n");
        string inittab = File.ReadAllText(scratch.At("/etc/inittab"));
        scratch.Write("/etc/inittab", inittab.Replace("co:2345:", "rp:2:wait:/boot-report\nco:2345:", StringComparison.Ordinal));
    }

    private static void AssertComesUpAndEnds(Scratch scratch)
    {
        Leftovers leftovers = Leftovers.Watch(scratch);
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-b"]);
        Assert.Contains(Marker, outcome.Text, StringComparison.Ordinal);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        leftovers.AssertNone();
    }

    private static void AssertEndsBySignal(Scratch scratch, string killSignal)
    {
        Leftovers leftovers = Leftovers.Watch(scratch);
        using Command launcher = Launcher.Nspawn.Start(scratch, ["-b", "--kill-signal=" + killSignal]);
        Assert.True(launcher.WaitForOutput(Marker, TimeSpan.FromSeconds(30)), launcher.OutputSoFar);
        launcher.Signal(Signum.SIGTERM);
        Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(30));
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        leftovers.AssertNone();
    }
}
