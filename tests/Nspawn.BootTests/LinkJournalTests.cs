using Xunit;

namespace Nspawn.BootTests;

/// <summary>What a booted tree writes to its journal is seen on the host, and a tree's links lead nowhere.</summary>
public sealed class LinkJournalTests : IDisposable
{
    private readonly string _machine = Guid.NewGuid().ToString("N");
    private readonly Scratch _scratch = new("busybox");

    public LinkJournalTests()
    {
        Need.That(Directory.Exists("/var/log/journal"), "the host keeps no journal on disk: no /var/log/journal");
        _scratch.Remove("/sbin/init").WriteProgram("/sbin/init", $"#!/bin/sh\necho hello >{OnHost}/x || exit 3\n").Write("/etc/machine-id", _machine + "\n");
    }

    private string OnHost => "/var/log/journal/" + _machine;

    [Fact]
    public void Host_IsBoundIntoTheTree()
    {
        AssertRuns("--link-journal=host");
        Assert.Equal("hello\n", File.ReadAllText(OnHost + "/x"));
        Assert.False(File.Exists(_scratch.At(OnHost + "/x")));
    }

    [Fact]
    public void Auto_NeedsTheHostsDirectory()
    {
        Assert.Equal(3, Launcher.Nspawn.Run(_scratch, ["-b"]).ExitStatus);
        Directory.CreateDirectory(OnHost);
        AssertRuns("--link-journal=auto");
        Assert.Equal("hello\n", File.ReadAllText(OnHost + "/x"));
    }

    [Fact]
    public void Guest_IsLinkedFromTheHost()
    {
        AssertRuns("-j");
        Assert.Equal(_scratch.At(OnHost), new FileInfo(OnHost).LinkTarget);
        Assert.Equal("hello\n", File.ReadAllText(_scratch.At(OnHost + "/x")));
    }

    // The link is the tree's: followed as the tree means it, and the directory it leads to is made in the tree, as for every
    // target of a mount. Followed on the host, as systemd-nspawn 252 does, it would make directories wherever it points to.
    [Theory]
    [InlineData("--link-journal=try-host")]
    [InlineData("--link-journal=host")]
    public void ALinkInTheTree_IsFollowedInTheTree(string option)
    {
        _scratch.Remove("/var/log").Link("/var/log", _scratch.Outside);
        AssertRuns(option);
        Assert.Equal("hello\n", File.ReadAllText(OnHost + "/x"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch.Outside));
    }

    // The host's own link has to name a path without links of the tree's: what was asked for by name and cannot be had ends
    // the launch, and with "try" the container runs without.
    [Theory]
    [InlineData("--link-journal=try-guest", 3)]
    [InlineData("--link-journal=guest", 125)]
    public void ALinkInTheTree_IsNotLinkedFromTheHost(string option, int status)
    {
        _scratch.Remove("/var/log").Link("/var/log", _scratch.Outside);
        Assert.Equal(status, Launcher.Nspawn.Run(_scratch, [option, "-b"]).ExitStatus);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch.Outside));
        Assert.False(Path.Exists(OnHost));
    }

    [Fact]
    public void ACommand_LeavesTheTreeAlone()
    {
        _scratch.Remove("/var/log/journal");
        Assert.Equal(0, Launcher.Nspawn.Run(_scratch, ["true"]).ExitStatus);
        Assert.False(Directory.Exists(_scratch.At("/var/log/journal")));
        Assert.False(Directory.Exists(OnHost));
    }

    public void Dispose()
    {
        _scratch.Dispose();
        Command.Run("rm", ["-rf", "--one-file-system", OnHost]);
    }

    private void AssertRuns(string option)
    {
        Outcome outcome = Launcher.Nspawn.Run(_scratch, [option, "-b"]);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
    }
}
