using Xunit;

namespace Nspawn.BootTests;

/// <summary>The mount table, and what can be written where.</summary>
public sealed class MountTests
{
    [Theory]
    [InlineData("/tmp", "tmpfs rw,nosuid,nodev")]
    [InlineData("/dev", "tmpfs rw,nosuid")]
    [InlineData("/dev/shm", "tmpfs rw,nosuid,nodev")]
    [InlineData("/dev/pts", "devpts rw,nosuid,noexec,relatime")]
    [InlineData("/dev/mqueue", "mqueue rw,nosuid,nodev,noexec,relatime")]
    [InlineData("/run", "tmpfs rw,nosuid,nodev")]
    [InlineData("/run/host", "tmpfs ro,nosuid,nodev,noexec")]
    [InlineData("/proc", "proc rw,nosuid,nodev,noexec,relatime")]
    [InlineData("/proc/sys", "proc ro,nosuid,nodev,noexec,relatime")]
    [InlineData("/sys", "sysfs ro,nosuid,nodev,noexec,relatime")]
    public void Mount_TypeAndOptions(string point, string expected) =>
        Assert.StartsWith(expected + " ", ProbeRun.Nspawn()["mount." + point], StringComparison.Ordinal);

    [Theory]
    [InlineData("/tmp", "nr_inodes=409600")]
    [InlineData("/dev", "size=4096k")]
    [InlineData("/dev", "mode=755")]
    [InlineData("/run", "nr_inodes=819200")]
    [InlineData("/run", "mode=755")]
    [InlineData("/dev/pts", "gid=5")]
    [InlineData("/dev/pts", "ptmxmode=666")]
    public void Mount_SuperblockOptions(string point, string expected) =>
        Assert.Contains(expected, ProbeRun.Nspawn()["mount_super." + point].Split(','));

    [Theory]
    [InlineData("/", "ok")]
    [InlineData("/dev", "ok")]
    [InlineData("/dev/shm", "ok")]
    [InlineData("/etc", "ok")]
    [InlineData("/run", "ok")]
    [InlineData("/tmp", "ok")]
    [InlineData("/run/host", "EROFS")]
    public void Write(string directory, string result) => Assert.Equal(result, ProbeRun.Nspawn()["write." + directory]);

    [Fact]
    public void ReadOnly_TreeIsNotWritable()
    {
        Facts facts = ProbeRun.Nspawn(ProbePlace.Pid1, "--read-only");
        Assert.Equal("EROFS", facts["write./etc"]);
        Assert.Equal("ok", facts["write./tmp"]);
    }

    [Theory]
    [InlineData("sys/kernel/hostname")]
    [InlineData("sys/kernel/panic")]
    [InlineData("sys/vm/swappiness")]
    [InlineData("sys/net/ipv4/ip_forward")]
    public void ProcSys_IsReadOnly(string path) => Assert.Equal("EROFS", ProbeRun.Nspawn()["proc.write." + path]);

    [Fact]
    public void ProcSysNet_PrivateNetwork_IsWritable()
    {
        Facts facts = ProbeRun.Nspawn(ProbePlace.Pid1, "--private-network");
        Assert.Equal("ok", facts["proc.write.sys/net/ipv4/ip_forward"]);
        Assert.Equal("EROFS", facts["proc.write.sys/kernel/panic"]);
    }

    [Fact]
    public void ProcDirectories_AreReadOnly() =>
        Assert.All(ProbeRun.Nspawn().Below("proc.mount.").Values, result => Assert.Contains(result, (string[])["EROFS", Facts.Absent]));

    [Theory]
    [InlineData("kallsyms")]
    [InlineData("keys")]
    [InlineData("timer_list")]
    public void ProcFile_TellsNothing(string name) =>
        Assert.Contains(ProbeRun.Nspawn()[$"proc.{name}.size"], (string[])["empty", "EACCES", "ENOENT", Facts.Absent]);

    [Fact]
    public void ProcKmsg_IsAnIdlePipe()
    {
        Assert.Equal("p 0600 0:0", ProbeRun.Nspawn()["proc.kmsg"]);
        Assert.Equal("ok", ProbeRun.Nspawn()["proc.kmsg.open"]);
        Assert.Equal(Facts.Absent, ProbeRun.Nspawn()["dev/kmsg"]);
    }

    [Fact]
    public void Sys_IsReadOnlyAndShowsTheHostsNetwork()
    {
        Facts facts = ProbeRun.Nspawn();
        Assert.Equal("EROFS", facts["sys.write"]);
        Assert.Equal("EROFS", facts["sys.kernel.write"]);
        IEnumerable<string?> interfaces = Directory.EnumerateFileSystemEntries("/sys/class/net").Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(string.Join(' ', interfaces), facts["sys.class.net"]);
    }

    [Fact]
    public void Sys_PrivateNetwork_ShowsOnlyItsOwn()
    {
        Facts facts = ProbeRun.Nspawn(ProbePlace.Pid1, "--private-network");
        Assert.Equal("lo", facts["sys.class.net"]);
        Assert.Equal("lo", facts["net.interfaces"]);
        Assert.Equal("ok", facts["net.loopback"]);
        Assert.Equal("0x9", facts["net.lo_flags"]);
        Assert.Equal("block bus class dev devices fs kernel", facts["sys.list"]);
        Assert.Equal("EROFS", facts["sys.write"]);
    }
}
