using Xunit;

namespace Nspawn.BootTests;

/// <summary>The payload's control group looks like the root of a hierarchy of its own, and is.</summary>
public sealed class ControlGroupTests
{
    [Theory]
    [InlineData(ProbePlace.Pid1)]
    [InlineData(ProbePlace.Pid2)]
    public void Payload_IsAtTheRoot(ProbePlace place) =>
        Assert.All(ProbeRun.Nspawn(place)["cgroup"].Split('\n'), line => Assert.EndsWith(":/", line, StringComparison.Ordinal));

    [Theory]
    [InlineData(ProbePlace.Pid1)]
    [InlineData(ProbePlace.Pid2)]
    [InlineData(ProbePlace.Booted)]
    public void Hierarchy_IsWritable(ProbePlace place)
    {
        Facts facts = ProbeRun.Nspawn(place);
        Assert.NotEqual(Facts.Absent, facts["cgroup2.at"]);
        Assert.Equal("ok", facts["cgroup2.mkdir"]);
        Assert.Equal("0:0", facts["cgroup2.owner"]);
    }

    [Fact]
    public void BootedInit_IsInItsOwnScope() =>
        Assert.Contains("0::/init.scope", ProbeRun.Nspawn(ProbePlace.Booted)["cgroup"].Split('\n'));
}
