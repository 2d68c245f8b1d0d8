using System.Globalization;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Capabilities, limits and the rest of what a process inherits.</summary>
public sealed class SecurityTests
{
    private const ulong ByDefault = 0x9decafff;
    private const ulong NetAdmin = 1 << 12;

    [Theory]
    [InlineData("CapBnd")]
    [InlineData("CapEff")]
    [InlineData("CapPrm")]
    [InlineData("CapInh")]
    public void Capabilities_AreTheDefaultSet(string set)
    {
        Assert.Equal(ByDefault & Own(), Mask(ProbeRun.Nspawn()["status." + set]));
        Assert.Equal((ByDefault | NetAdmin) & Own(), Mask(ProbeRun.Nspawn(ProbePlace.Pid1, "--private-network")["status." + set]));
    }

    [Fact]
    public void Capabilities_OptionsAddAndRemove()
    {
        Facts facts = ProbeRun.Nspawn(ProbePlace.Pid1, "--capability=CAP_NET_ADMIN", "--drop-capability=CAP_SYS_ADMIN,CAP_CHOWN");
        const ulong Dropped = 1 << 21 | 1 << 0;
        Assert.Equal((ByDefault | NetAdmin) & ~Dropped & Own(), Mask(facts["status.CapBnd"]));
    }

    [Theory]
    [InlineData("status.CapAmb", "0000000000000000")]
    [InlineData("status.NoNewPrivs", "0")]
    [InlineData("status.Seccomp", "2")]
    [InlineData("status.SigBlk", "0000000000000000")]
    [InlineData("status.Umask", "0022")]
    [InlineData("status.Groups", "")]
    [InlineData("securebits", "0")]
    [InlineData("keepcaps", "0")]
    [InlineData("oom_score_adj", "0")]
    [InlineData("loginuid", "4294967295")]
    [InlineData("personality", "00000000")]
    [InlineData("nice", "0")]
    public void Attribute(string key, string value) => Assert.Equal(value, ProbeRun.Nspawn()[key]);

    // perl ignores SIGFPE for itself.
    [Fact]
    public void Signals_NoneIsIgnored() => Assert.Equal(0UL, Mask(ProbeRun.Nspawn()["status.SigIgn"]) & ~(1UL << 7));

    [Fact]
    public void NoNewPrivileges_IsSetWhenAskedFor() =>
        Assert.Equal("1", ProbeRun.Nspawn(ProbePlace.Pid1, "--no-new-privileges=yes")["status.NoNewPrivs"]);

    [Theory]
    [InlineData("cpu time", "unlimited:unlimited")]
    [InlineData("file size", "unlimited:unlimited")]
    [InlineData("data size", "unlimited:unlimited")]
    [InlineData("stack size", "8388608:unlimited")]
    [InlineData("core file size", "0:unlimited")]
    [InlineData("resident set", "unlimited:unlimited")]
    [InlineData("locked memory", "8388608:8388608")]
    [InlineData("address space", "unlimited:unlimited")]
    [InlineData("file locks", "unlimited:unlimited")]
    [InlineData("msgqueue size", "819200:819200")]
    [InlineData("nice priority", "0:0")]
    [InlineData("realtime priority", "0:0")]
    [InlineData("realtime timeout", "unlimited:unlimited")]
    public void Limit_IsTheKernelsForPid1(string name, string value) => Assert.Equal(value, ProbeRun.Nspawn()["limit." + name]);

    [Fact]
    public void Limit_OpenFiles_SoftIs1024() =>
        Assert.StartsWith("1024:", ProbeRun.Nspawn()["limit.open files"], StringComparison.Ordinal);

    [Fact]
    public void Rlimit_OptionWins() =>
        Assert.Equal("100:200", ProbeRun.Nspawn(ProbePlace.Pid1, "--rlimit=NOFILE=100:200")["limit.open files"]);

    // What the launcher itself lacks it cannot hand on.
    private static ulong Own() =>
        Mask(File.ReadLines("/proc/self/status").First(line => line.StartsWith("CapBnd:", StringComparison.Ordinal)).Split('\t')[1]);

    private static ulong Mask(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
