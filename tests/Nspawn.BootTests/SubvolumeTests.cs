using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Trees that are subvolumes of a btrfs: what would be an overlay or a copy elsewhere is a snapshot.</summary>
public sealed class SubvolumeTests : IDisposable
{
    private readonly Scratch _scratch = new("busybox");
    private readonly string _top;
    private readonly string _tree;

    public SubvolumeTests()
    {
        Need.Tool("mkfs.btrfs");
        _top = Path.Combine(_scratch.Outside, "btrfs");
        _tree = _top + "/tree";
        Sh("truncate -s 256M $1.raw; mkfs.btrfs -q $1.raw; mkdir $1; mount -o loop $1.raw $1; btrfs -q subvolume create $1/tree; cp -a $2/. $1/tree", _top, Fixture.PathOf("busybox"));
    }

    [Theory]
    [InlineData("-x", "btrfs")]
    [InlineData("--ephemeral=disk", "btrfs")]
    [InlineData("--ephemeral=memory", "overlay")]
    public void AnEphemeralTree_IsASnapshot(string option, string root)
    {
        Leftovers leftovers = Leftovers.Watch(_scratch);
        Outcome outcome = Run(option, "sh", "-c", "touch /new; grep ' / ' /proc/mounts | cut -d' ' -f3");
        Assert.Equal(root + "\n", outcome.Text);
        Assert.False(File.Exists(_tree + "/new"));
        Assert.Equal(["tree"], Entries());
        leftovers.AssertNone();
    }

    [Fact]
    public void WithUsersOfItsOwn_ItsFilesAreRoots()
    {
        Outcome outcome = Run("-x", "-U", "sh", "-c", "touch /new; stat -c %u /new /bin; cut -d' ' -f1-3 /proc/mounts | grep ' / '");
        Assert.Equal(0, outcome.ExitStatus);
        Assert.StartsWith("0\n0\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains(" btrfs", outcome.Text, StringComparison.Ordinal);
        Assert.Equal(["tree"], Entries());
    }

    /// <summary>As a guest's systemd-tmpfiles makes them.</summary>
    [Fact]
    public void SubvolumesMadeInside_GoWithIt()
    {
        using (Command command = Launcher.Nspawn.StartBare(["-q", "-x", "-M", _scratch.Name, "-D", _tree, "sh", "-c", "mkdir /deep; echo up; sleep 60"]))
        {
            Assert.True(command.WaitForOutput("up", TimeSpan.FromSeconds(20)), command.OutputSoFar);
            string snapshot = Assert.Single(Entries(), name => name.StartsWith(".#nspawn-", StringComparison.Ordinal));
            Sh("btrfs -q subvolume create $1/deep/one; btrfs -q subvolume create $1/deep/one/two; touch $1/deep/one/two/file", $"{_top}/{snapshot}");
            command.Signal(Signum.SIGTERM);
            command.Wait(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(["tree"], Entries());
    }

    [Fact]
    public void ATreeWithSubvolumesInIt_IsAnOverlay()
    {
        Sh("btrfs -q subvolume create $1/srv2; touch $1/srv2/file", _tree);
        Outcome outcome = Run("-x", "sh", "-c", "ls /srv2; grep ' / ' /proc/mounts | cut -d' ' -f3");
        Assert.Equal("file\noverlay\n", outcome.Text);
    }

    [Fact]
    public void Killed_LeavesNothing()
    {
        using Command command = Launcher.Nspawn.StartBare(["-q", "-x", "-M", _scratch.Name, "-D", _tree, "sh", "-c", "echo up; sleep 60"]);
        Assert.True(command.WaitForOutput("up", TimeSpan.FromSeconds(20)), command.OutputSoFar);
        command.Signal(Signum.SIGKILL);
        command.Wait(TimeSpan.FromSeconds(20));
        for (int i = 0; i < 250 && Entries().Length > 1; i++)
        {
            Thread.Sleep(20);
        }

        Assert.Equal(["tree"], Entries());
    }

    [Fact]
    public void ATemplate_IsASnapshot()
    {
        string copy = _top + "/copy";
        Outcome outcome = Launcher.Nspawn.RunBare(["-q", $"--template={_tree}", "-D", copy, "-M", _scratch.Name, "stat", "-c", "%i", "/"]);
        Assert.Equal("256\n", outcome.Text);
        Assert.Equal(["copy", "tree"], Entries());
        string elsewhere = Path.Combine(_scratch.Outside, "copy");
        outcome = Launcher.Nspawn.RunBare(["-q", $"--template={_tree}", "-D", elsewhere, "-M", _scratch.Name, "true"]);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
    }

    public void Dispose()
    {
        Leftovers.KillProcesses(_scratch.Name);
        Command.Run("umount", [_top]);
        _scratch.Dispose();
    }

    private string[] Entries() => [.. Directory.GetFileSystemEntries(_top).Select(path => Path.GetFileName(path)!)
        .Where(name => !name.EndsWith(".lck", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private Outcome Run(params string[] arguments) =>
        Launcher.Nspawn.RunBare(["-q", "-M", _scratch.Name, "-D", _tree, .. arguments], TimeSpan.FromSeconds(60));

    private static void Sh(string script, params string[] arguments)
    {
        Outcome outcome = Command.Run("sh", ["-ec", script, "sh", .. arguments]);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
    }
}
