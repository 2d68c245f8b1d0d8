using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Trees whose init is not systemd.</summary>
public sealed class OtherInitTests
{
    private const string Marker = "the tree is up";

    [Theory]
    [InlineData]
    [InlineData("--private-network")]
    public void Busybox_Boots_PowersOffByItself(params string[] options)
    {
        using Scratch scratch = new("busybox");
        scratch.WriteProgram("/etc/init.d/local", $"#!/bin/sh\necho {Marker}\npoweroff\n");
        AssertComesUpAndEnds(scratch, options);
    }

    [Fact]
    public void SystemdBefore232_GetsTheHierarchyOfVersion1()
    {
        // No such tree can be had any more: busybox, with the library by which the version is told.
        using Scratch scratch = new("busybox");
        scratch.Write("/usr/lib/systemd/libsystemd-shared-229.so", "");
        scratch.WriteProgram("/etc/init.d/local", $"#!/bin/sh\necho {Marker}\ngrep cgroup /proc/mounts\ncat /proc/1/cgroup\nmkdir /sys/fs/cgroup/systemd/below && echo writable\npoweroff\n");
        Outcome outcome = AssertComesUpAndEnds(scratch);
        Assert.Contains("cgroup /sys/fs/cgroup/systemd cgroup rw,nosuid,nodev,noexec,relatime", outcome.Text, StringComparison.Ordinal);
        Assert.Contains(":name=systemd:/\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("writable", outcome.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("cgroup2", outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Busybox_KillSignal_PowersOff()
    {
        using Scratch scratch = new("busybox");
        scratch.WriteProgram("/etc/init.d/local", $"#!/bin/sh\necho {Marker}\n");
        AssertEndsBySignal(scratch, "--kill-signal=SIGUSR2");
    }

    [Fact]
    public void Busybox_WithoutKillSignal_IsAskedByItsOwn()
    {
        using Scratch scratch = new("busybox");
        scratch.WriteProgram("/etc/init.d/local", $"#!/bin/sh\necho {Marker}\n");
        AssertEndsBySignal(scratch);
    }

    [Theory]
    [InlineData]
    [InlineData("--private-network")]
    public void Sysvinit_Boots_PowersOffByItself(params string[] options)
    {
        using Scratch scratch = new("sysvinit");
        Report(scratch, "poweroff");
        AssertComesUpAndEnds(scratch, options);
    }

    [Fact]
    public void Sysvinit_KillSignal_PowersOff()
    {
        using Scratch scratch = new("sysvinit");
        Report(scratch, "true");
        AssertEndsBySignal(scratch, "--kill-signal=SIGPWR");
    }

    // Before the login prompt, which discards what is on its way to the console.
    private static void Report(Scratch scratch, string ending)
    {
        scratch.WriteProgram("/boot-report", $"#!/bin/sh\necho {Marker} >/dev/console\n{ending}\n");
        string inittab = File.ReadAllText(scratch.At("/etc/inittab"));
        scratch.Write("/etc/inittab", inittab.Replace("co:2345:", "rp:2:wait:/boot-report\nco:2345:", StringComparison.Ordinal));
    }

    private static Outcome AssertComesUpAndEnds(Scratch scratch, params string[] options)
    {
        Leftovers leftovers = Leftovers.Watch(scratch);
        Outcome outcome = Launcher.Nspawn.Run(scratch, [.. options, "-b"]);
        Assert.Contains(Marker, outcome.Text, StringComparison.Ordinal);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        leftovers.AssertNone();
        return outcome;
    }

    private static void AssertEndsBySignal(Scratch scratch, params string[] options)
    {
        Leftovers leftovers = Leftovers.Watch(scratch);
        using Command launcher = Launcher.Nspawn.Start(scratch, [.. options, "-b"]);
        Assert.True(launcher.WaitForOutput(Marker, TimeSpan.FromSeconds(30)), launcher.OutputSoFar);
        launcher.Signal(Signum.SIGTERM);
        Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(30));
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        leftovers.AssertNone();
    }
}
