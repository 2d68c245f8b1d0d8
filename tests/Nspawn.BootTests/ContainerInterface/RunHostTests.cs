using Xunit;

namespace Nspawn.BootTests;

/// <summary>/run/host: what the launcher tells the payload about itself and the host.</summary>
public sealed class RunHostTests
{
    [Theory]
    [InlineData("inaccessible/reg", "f 0000 0:0")]
    [InlineData("inaccessible/dir", "d 0000 0:0")]
    [InlineData("inaccessible/fifo", "p 0000 0:0")]
    [InlineData("inaccessible/sock", "s 0000 0:0")]
    [InlineData("inaccessible/chr", "c 0000 0:0 0:0")]
    [InlineData("inaccessible/blk", "b 0000 0:0 0:0")]
    public void Inaccessible_OneOfEachType(string name, string what) => Assert.Equal(what, ProbeRun.Nspawn()["runhost/" + name]);

    [Theory]
    [InlineData("container-manager", "systemd-nspawn")]
    [InlineData("container-uuid", ProbeRun.Machine)]
    public void File_Content(string name, string content)
    {
        foreach (ProbePlace place in Enum.GetValues<ProbePlace>())
        {
            Assert.Equal(content, ProbeRun.Nspawn(place)[$"runhost/{name}.content"]);
            Assert.StartsWith("f 0444", ProbeRun.Nspawn(place)["runhost/" + name], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void OsRelease_IsTheHosts() =>
        Assert.Equal(File.ReadAllText("/etc/os-release").TrimEnd('\n'), ProbeRun.Nspawn()["runhost/os-release.content"]);

    [Fact]
    public void Notify_IsASocketOnlyRootWritesTo() => Assert.Equal("s 0200 0:0", ProbeRun.Nspawn()["runhost/notify"]);

    [Fact]
    public void Incoming_IsAFolder() => Assert.StartsWith("d ", ProbeRun.Nspawn()["runhost/incoming"], StringComparison.Ordinal);

    [Fact]
    public void HostProcAndSys_AreNotLeftThere()
    {
        Assert.Equal(Facts.Absent, ProbeRun.Nspawn()["runhost/proc"]);
        Assert.Equal(Facts.Absent, ProbeRun.Nspawn()["runhost/sys"]);
    }
}
