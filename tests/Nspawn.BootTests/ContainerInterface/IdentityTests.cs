using Xunit;

namespace Nspawn.BootTests;

/// <summary>Who the payload is: process, namespaces, names, environment.</summary>
public sealed class IdentityTests
{
    private static readonly string[] s_always =
        ["PATH", "container", "TERM", "HOME", "USER", "LOGNAME", "container_uuid", "NOTIFY_SOCKET"];

    [Theory]
    [InlineData("pid", "1")]
    [InlineData("ppid", "0")]
    [InlineData("sid", "1")]
    [InlineData("pgrp", "1")]
    [InlineData("uid", "0 0")]
    [InlineData("cwd", "/")]
    public void Command_IsPid1(string key, string value) => Assert.Equal(value, ProbeRun.Nspawn()[key]);

    [Theory]
    [InlineData("pid", "2")]
    [InlineData("ppid", "1")]
    [InlineData("sid", "2")]
    public void AsPid2_CommandIsPid2(string key, string value) => Assert.Equal(value, ProbeRun.Nspawn(ProbePlace.Pid2)[key]);

    [Theory]
    [InlineData("mnt", "its own")]
    [InlineData("pid", "its own")]
    [InlineData("ipc", "its own")]
    [InlineData("uts", "its own")]
    [InlineData("cgroup", "its own")]
    [InlineData("user", "the host's")]
    [InlineData("time", "the host's")]
    [InlineData("net", "the host's")]
    public void Namespaces_ByDefault(string name, string whose) => Assert.Equal(whose, ProbeRun.Nspawn()["ns." + name]);

    [Fact]
    public void Namespaces_PrivateNetwork_NetworkToo() =>
        Assert.Equal("its own", ProbeRun.Nspawn(ProbePlace.Pid1, "--private-network")["ns.net"]);

    [Theory]
    [InlineData(ProbePlace.Pid1)]
    [InlineData(ProbePlace.Pid2)]
    [InlineData(ProbePlace.Booted)]
    public void Environment_IsMadeFromNothing(ProbePlace place)
    {
        Facts facts = ProbeRun.Nspawn(place);
        // What is seen in a booted guest is systemd's own block.
        Dictionary<string, string> environment = facts.Below("env.");
        foreach (string name in s_always)
        {
            Assert.Contains(name, environment.Keys);
        }

        Assert.DoesNotContain(environment.Keys, name =>
            !s_always.Contains(name) && name != "LANG" && !name.StartsWith("container_host_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")]
    [InlineData("container", "systemd-nspawn")]
    [InlineData("TERM", "dumb")]
    [InlineData("HOME", "/root")]
    [InlineData("USER", "root")]
    [InlineData("LOGNAME", "root")]
    [InlineData("container_uuid", ProbeRun.Machine)]
    [InlineData("NOTIFY_SOCKET", "/run/host/notify")]
    public void Environment_Values(string name, string value)
    {
        Assert.Equal(value, ProbeRun.Nspawn()["env." + name]);
        Assert.Equal(value, ProbeRun.Nspawn(ProbePlace.Booted)["env." + name]);
    }

    [Fact]
    public void Environment_LangOnlyForCommands()
    {
        Assert.Equal("C.UTF-8", ProbeRun.Nspawn()["env.LANG"]);
        Assert.Equal(Facts.Absent, ProbeRun.Nspawn(ProbePlace.Booted)["env.LANG"]);
    }

    [Fact]
    public void Environment_TellsTheHostsSystem()
    {
        foreach (string line in File.ReadLines("/etc/os-release"))
        {
            if (line.Split('=', 2) is [("ID" or "VERSION_ID" or "BUILD_ID" or "VARIANT_ID") and string key, string value])
            {
                Assert.Equal(value.Trim('"'), ProbeRun.Nspawn()["env.container_host_" + key.ToLowerInvariant()]);
            }
        }
    }

    [Fact]
    public void AsPid2_StubShowsNothingOfTheCaller()
    {
        string environment = ProbeRun.Nspawn(ProbePlace.Pid2)["pid1.environ"];
        Assert.DoesNotContain("SECRET_OF_THE_CALLER", environment, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostname_IsTheMachinesName() => Assert.StartsWith("nsb-", ProbeRun.Nspawn()["hostname"], StringComparison.Ordinal);

    [Fact]
    public void BootId_IsFreshForEveryStart()
    {
        string host = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        string first = ProbeRun.Nspawn()["boot_id"];
        string second = ProbeRun.Nspawn(ProbePlace.Pid2)["boot_id"];
        Assert.True(Guid.TryParse(first, out _), first);
        Assert.Equal(3, new[] { host, first, second }.Distinct().Count());
    }
}
