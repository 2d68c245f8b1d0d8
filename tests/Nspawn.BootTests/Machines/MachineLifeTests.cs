using System.Diagnostics;
using System.Text.Json;
using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>list, wait, stop and logs, on guests that tell much, little and nothing.</summary>
public sealed class MachineLifeTests
{
    private static readonly string s_manual =
        File.ReadAllText(Repository.File("src/Nspawn/man/nspawn.1.md")).Split("\n**nspawn list --json**\n")[1].Split("\n# ")[0];

    [Theory]
    [InlineData("bookworm", "Debian GNU/Linux 12 (bookworm)")]
    [InlineData("trixie", "Debian GNU/Linux 13 (trixie)", "--private-network")]
    [InlineData("forky", "Debian GNU/Linux forky/sid")]
    public void AGuestWithSystemd_IsWaitedForEnteredReadAndStopped(string fixture, string os, params string[] options)
    {
        using Running machine = Running.Boot(fixture, options);
        WaitUntilListed(machine);
        AssertSucceeds(machine.Ask("wait", "--for=multi-user.target", "--timeout=60"));
        AssertSucceeds(machine.Ask("wait", "--for=ready", "--timeout=60"));
        JsonElement row = Assert.IsType<JsonElement>(Row(machine.Name));
        Assert.Equal(("ready", os), (row.GetProperty("state").GetString(), row.GetProperty("os").GetString()));
        Assert.Equal("running\n", machine.Exec("systemctl", "is-system-running", "--wait").Text);

        // A service, which no guest tells about unasked.
        AssertSucceeds(machine.Exec("systemd-run", "--no-block", "--unit=late", "--property=ExecStartPre=/bin/sleep 1", "sleep", "60"));
        AssertSucceeds(machine.Ask("wait", "--for=late.service", "--timeout=20"));
        AssertFails(machine.Ask("wait", "--for=nope.target", "--timeout=20"), 1, "nope.target");
        AssertFails(machine.Ask("wait", "--for=rescue.target", "--timeout=200ms"), 124, "rescue.target");

        Outcome logs = machine.Ask("logs", "-n", "1000");
        Assert.Contains("multi-user.target", logs.Text, StringComparison.Ordinal);
        using Command waiting = Command.Start(Launcher.Nspawn.Program, ["wait", machine.Name, "--for=exit"], Launcher.CallerEnvironment);
        machine.AssertStops("--timeout=60");
        Assert.Equal(0, waiting.Wait(TimeSpan.FromSeconds(5)).ExitStatus);
    }

    [Theory]
    [InlineData("busybox")]
    [InlineData("sysvinit", "--kill-signal=SIGPWR")]
    public void AGuestWithoutSystemd_RunsAtOnceAndStops(string fixture, params string[] options)
    {
        using Running machine = Running.Boot(fixture, options);
        AssertSucceeds(machine.Ask("wait", "--timeout=10")); // at once, whether it is there already or not
        Assert.Equal("running", Row(machine.Name)?.GetProperty("state").GetString());
        AssertFails(machine.Ask("wait", "--for=multi-user.target", "--timeout=10"), 1, "no systemd");
        AssertFails(machine.Ask("logs"), 125, "journalctl");
        AssertSucceeds(machine.Exec("true"));
        machine.AssertStops("--timeout=60");
    }

    [Fact]
    public void WhatDoesNotShutDown_IsKilledAndThatIsSaid()
    {
        using Scratch scratch = new("busybox");
        using Running machine = Running.Script(scratch, "trap '' TERM; while :; do sleep 1; done", "--kill-signal=SIGTERM");
        Stopwatch clock = Stopwatch.StartNew();
        AssertFails(machine.Ask("stop", "--timeout=1"), 0, "killed");
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.9, 9);
        Assert.Null(Row(machine.Name));
    }

    [Fact]
    public void Kill_DoesNotAsk()
    {
        using Scratch scratch = new("busybox");
        using Running machine = Running.Script(scratch, "trap '' TERM; while :; do sleep 1; done", "--kill-signal=SIGTERM");
        machine.AssertStops("--kill");
    }

    [Fact]
    public void AMachineThatEndsBefore_IsAnError()
    {
        using Scratch scratch = new("bookworm");
        using Command launcher = Launcher.Nspawn.Start(scratch, ["-b"]);
        Assert.True(Eventually(() => Row(scratch.Name) is not null));
        using Command waiting = Command.Start(
            Launcher.Nspawn.Program, ["wait", scratch.Name, "--for=rescue.target", "--timeout=60"], Launcher.CallerEnvironment);
        Thread.Sleep(500);
        Launcher.Nspawn.RunBare(["stop", scratch.Name, "--kill"]);
        AssertFails(waiting.Wait(TimeSpan.FromSeconds(10)), 1, "ended before");
        launcher.Wait(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void WhatKilledRunsLeft_IsNotShownAndRemoved()
    {
        using Scratch scratch = new("busybox");
        using Running machine = Running.Script(scratch, "sleep 60");
        int janitor = 0;
        Assert.True(Eventually(() => (janitor = JanitorOf(machine.Launcher.Pid)) > 0));
        Assert.Equal(0, Syscall.kill(janitor, Signum.SIGKILL));
        machine.Launcher.Signal(Signum.SIGKILL);
        machine.Launcher.Wait(TimeSpan.FromSeconds(5));
        Assert.NotEmpty(Directory.EnumerateDirectories("/run/systemd/nspawn", scratch.Name + "*"));

        // What still dies has the directories mounted: as long as that lasts they stay.
        Assert.True(Eventually(() => Row(scratch.Name) is null
            && !Directory.EnumerateDirectories("/run/systemd/nspawn", scratch.Name + "*").Any()
            && !Directory.EnumerateDirectories("/run/systemd/nspawn/propagate", scratch.Name + "*").Any()));
    }

    [Fact]
    public void TheStateIsForRootOnly()
    {
        using Scratch scratch = new("busybox");
        using Running machine = Running.Script(scratch, "sleep 60");
        string state = Directory.EnumerateDirectories("/run/systemd/nspawn", scratch.Name + ".*").Single() + "/state";
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(state));
        machine.AssertStops();
    }

    private static void WaitUntilListed(Running machine) => Assert.True(Eventually(() => Row(machine.Name) is not null));

    private static bool Eventually(Func<bool> condition)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(20))
            {
                return false;
            }

            Thread.Sleep(20);
        }

        return true;
    }

    private static int JanitorOf(int launcher) => File.ReadAllText($"/proc/{launcher}/task/{launcher}/children")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Where(pid => File.ReadAllText($"/proc/{pid}/comm").StartsWith("(nspawn-janitor", StringComparison.Ordinal))
        .Select(pid => int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();

    /// <summary>What list says of a machine; null when it is not there.</summary>
    private static JsonElement? Row(string name)
    {
        Outcome outcome = Launcher.Nspawn.RunBare(["list", "--json"]);
        Assert.True(outcome is { ExitStatus: 0, Error: "" }, outcome.ToString());
        foreach (JsonElement row in JsonDocument.Parse(outcome.Text).RootElement.EnumerateArray())
        {
            if (row.GetProperty("machine").GetString() == name)
            {
                Assert.All(row.EnumerateObject(), member => Assert.Contains($"*{member.Name}*", s_manual));
                return row;
            }
        }

        return null;
    }

    private static void AssertSucceeds(Outcome outcome) => Assert.True(outcome is { ExitStatus: 0 }, outcome.ToString());

    private static void AssertFails(Outcome outcome, int status, string said)
    {
        Assert.True(outcome.ExitStatus == status, outcome.ToString());
        OneLine.AssertSaid(outcome.Error, said);
    }
}
