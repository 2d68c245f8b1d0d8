using Xunit;

namespace Nspawn.BootTests;

/// <summary>/dev: what is there, the console, and which devices may be opened.</summary>
public sealed class DeviceTests
{
    [Theory]
    [InlineData("null", "c 0666 0:0 1:3")]
    [InlineData("zero", "c 0666 0:0 1:5")]
    [InlineData("full", "c 0666 0:0 1:7")]
    [InlineData("random", "c 0666 0:0 1:8")]
    [InlineData("urandom", "c 0666 0:0 1:9")]
    [InlineData("tty", "c 0666 0:0 5:0")]
    [InlineData("ptmx", "l -> pts/ptmx")]
    [InlineData("pts/ptmx", "c 0666 0:0 5:2")]
    [InlineData("console", "l -> pts/0")]
    [InlineData("fd", "l -> /proc/self/fd")]
    [InlineData("stdin", "l -> /proc/self/fd/0")]
    [InlineData("stdout", "l -> /proc/self/fd/1")]
    [InlineData("stderr", "l -> /proc/self/fd/2")]
    [InlineData("shm", "d 1777 0:0")]
    [InlineData("char/1:3", "l -> ../null")]
    [InlineData("char/5:0", "l -> ../tty")]
    public void Node_IsThere(string name, string what) => Assert.Equal(what, ProbeRun.Nspawn()["dev/" + name]);

    [Fact]
    public void Dev_HasNothingElse()
    {
        string[] expected =
        [
            "null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "console", "fd", "stdin", "stdout", "stderr",
            "shm", "char", "mqueue", "net", "fuse", "core",
        ];
        Assert.Empty(ProbeRun.Nspawn().Below("dev/").Keys.Where(name => !name.Contains('/', StringComparison.Ordinal)).Except(expected));
    }

    [Fact]
    public void Console_IsATerminalOfTheContainer()
    {
        Facts facts = ProbeRun.Nspawn();
        Assert.Equal("yes", facts["console.own_pts"]);
        Assert.Equal("ok", facts["console.open"]);
        Assert.Equal("ok", facts["controlling_tty"]);
        Assert.Equal("/dev/pts/0", facts["stdin.tty"]);
        Assert.StartsWith("c 06", facts["dev/pts/0"], StringComparison.Ordinal);
        Assert.Contains(" 0:5 136:0", facts["dev/pts/0"], StringComparison.Ordinal);
    }

    [Fact]
    public void Descriptors_AreTheConsoleAndNothingElse() =>
        Assert.Equal(
            new Dictionary<string, string> { ["0"] = "/dev/pts/0", ["1"] = "/dev/pts/0", ["2"] = "/dev/pts/0" },
            ProbeRun.Nspawn().Below("fd."));

    [Fact]
    public void Pipe_HasNoConsole()
    {
        Facts facts = ProbeRun.Nspawn(ProbePlace.Pid1, "--console=pipe");
        Assert.Equal(Facts.Absent, facts["dev/console"]);
        Assert.Equal("no", facts["stdin.tty"]);
        Assert.NotEqual("ok", facts["controlling_tty"]);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("zero")]
    [InlineData("full")]
    [InlineData("random")]
    [InlineData("urandom")]
    [InlineData("tty")]
    [InlineData("ptmx")]
    public void Device_Opens(string name) => Assert.Equal("ok", ProbeRun.Nspawn()["device." + name]);

    [Theory]
    [InlineData("mem")]
    [InlineData("kmsg")]
    [InlineData("loop-control")]
    [InlineData("disk")]
    public void ForbiddenDevice_DoesNotOpen(string name)
    {
        foreach (ProbePlace place in Enum.GetValues<ProbePlace>())
        {
            Assert.NotEqual("ok", ProbeRun.Nspawn(place)[$"device.{name}.open"]);
        }
    }

    [Fact]
    public void AllowedDevice_CanBeMadeAgain()
    {
        Assert.Equal("ok", ProbeRun.Nspawn()["device.null.mknod"]);
        Assert.Equal("ok", ProbeRun.Nspawn()["device.null.open"]);
    }
}
