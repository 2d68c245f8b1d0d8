using System.Globalization;
using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>--cleanup removes what is left when the launcher and its janitor were killed, and nothing of a run that lives.</summary>
public sealed class CleanupTests : IDisposable
{
    private readonly Scratch _scratch = new("busybox");

    [Fact]
    public void WhatLives_IsLeftAlone_WhatIsLeft_IsRemoved()
    {
        Leftovers leftovers = Leftovers.Watch(_scratch);
        using Command launcher = Launcher.Nspawn.Start(_scratch, ["sh", "-c", "echo up; sleep 60"]);
        Assert.True(launcher.WaitForOutput("up", TimeSpan.FromSeconds(20)), launcher.OutputSoFar);
        string[] made = Made();
        Assert.Equal(2, made.Length);

        AssertCleansUp("-M", _scratch.Name);
        Assert.Equal(made, Made());
        Assert.False(launcher.HasEnded);

        Assert.Equal(0, Syscall.kill(JanitorOf(launcher.Pid), Signum.SIGKILL));
        launcher.Signal(Signum.SIGKILL);
        launcher.Wait(TimeSpan.FromSeconds(5));
        Assert.Equal(made, Made());

        AssertCleansUp("-M", _scratch.Name);
        Assert.Empty(Made());
        leftovers.AssertNone();
    }

    [Fact]
    public void OldDirectoriesOfThatName_AreRemoved_OthersStay()
    {
        string[] stale = ["/run/systemd/nspawn/propagate/" + _scratch.Name, $"/run/systemd/nspawn/{_scratch.Name}/unix-export"];
        string other = $"/run/systemd/nspawn/propagate/{_scratch.Name}x";
        foreach (string directory in (string[])[.. stale, other])
        {
            Directory.CreateDirectory(directory);
        }

        AssertCleansUp("-M", _scratch.Name, "-D", _scratch.Tree);
        bool kept = Directory.Exists(other);
        Directory.Delete(other);
        Assert.True(kept);
        Assert.Empty(Made());
    }

    [Fact]
    public void WithoutAName_ItIsRefused()
    {
        Outcome outcome = Launcher.Nspawn.RunBare(["--cleanup"]);
        Assert.Equal(Launcher.Nspawn.ErrorStatus, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "--machine=");
    }

    public void Dispose() => _scratch.Dispose();

    private static void AssertCleansUp(params string[] options)
    {
        Outcome outcome = Launcher.Nspawn.RunBare(["--cleanup", .. options]);
        Assert.True(outcome.ExitStatus == 0 && outcome.Error.Length == 0, outcome.ToString());
    }

    private static int JanitorOf(int launcher) => File.ReadAllText($"/proc/{launcher}/task/{launcher}/children")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))
        .Single(pid => File.ReadAllText($"/proc/{pid}/comm").StartsWith("(nspawn-janitor", StringComparison.Ordinal));

    private string[] Made() =>
    [
        .. Directory.EnumerateDirectories("/run/systemd/nspawn", _scratch.Name + "*"),
        .. Directory.EnumerateDirectories("/run/systemd/nspawn/propagate", _scratch.Name + "*"),
    ];
}
