using Xunit;

namespace Nspawn.BootTests;

/// <summary>With users of its own a container finds all that it finds without, but for what is another's now.</summary>
public sealed class PrivateUsersInterfaceTests
{
    private const string Anything = ".*";

    private static readonly ExpectedDifference[] s_changes =
    [
        new(@"boot_id|runhost/proc-sys-kernel-random-boot-id\.content|keys\.session|pid1\.environ|hostname|argv", Anything, "differs between any two runs"),
        new(@"(mount_root|mount_super|fd)\..*|pid|ppid|sid|pgrp", Anything, "paths and numbers of this start"),
        new(@"ns\.user", "its own", "the user namespace"),
        new(@"mount\./", "(tmpfs|overlay) rw,relatime(,idmapped)? shared", "a copy of the tree, with its owners shown as the container's"),
        new(@"mount\./(run/host/incoming|etc/localtime|usr/share/zoneinfo/.*)", Anything, "shared in the container"),
        new(@"cgroup2\.limits", "EACCES", "the limits of its own group are the host's"),
        new(@"device\.(null|ptmx|tty0)\.(mknod|open)", "EPERM|absent", "no user namespace makes devices"),
        new(@"proc\.mount\..*|proc\.write\..*|sys(\.kernel)?\.write", "EACCES|EROFS|absent", "the host's root's files: not its to write in the first place"),
        new(@"proc\.(kcore|sysrq-trigger)", Anything, "masked where it is there"),
        new(@"socket\.(inet_raw|packet)", "EPERM", "the host's network is not its own"),
        new(@"status\.Cap(Bnd|Eff|Inh|Prm)", "00000000[0-9a-f]{8}", "without CAP_NET_BIND_SERVICE in the host's network, with those the launcher may lack"),
        new(@"(mount\.)?/?dev/hugepages|mount\./sys/fs/fuse/connections", Facts.Absent, "systemd leaves it out itself: ConditionVirtualization=!private-users"),
        new(@"mount\./run/credentials/.*", "ramfs ro,.*", "systemd has no tmpfs there that is never swapped out"),
        new(@"pid1\.exe", "EACCES", "the stub's program is the host's"),
        new(@"limit\..*", Anything, "raised by the launcher, as far as it can"),
    ];

    [Theory]
    [InlineData(ProbePlace.Pid1)]
    [InlineData(ProbePlace.Pid2)]
    [InlineData(ProbePlace.Booted)]
    public void TheRest_IsAsWithout(ProbePlace place)
    {
        Facts without = ProbeRun.Nspawn(place);
        using Scratch scratch = new("trixie", copied: true);
        Facts with = ProbeRun.Of(Launcher.Nspawn, scratch, place, "-U");

        string[] unexpected =
        [
            .. with.Keys.Union(without.Keys).Where(key => with[key] != without[key])
                .Where(key => !s_changes.Any(change => change.Explains(key, without[key], with[key])))
                .Select(key => $"{key}\n  without: {without[key]}\n  with:    {with[key]}"),
        ];
        Assert.True(unexpected.Length == 0, "users of its own change what they should not:\n" + string.Join('\n', unexpected));
    }

    [Fact]
    public void Cgroup_IsDelegated()
    {
        using Scratch scratch = new("trixie", copied: true);
        Facts facts = ProbeRun.Of(Launcher.Nspawn, scratch, ProbePlace.Pid1, "-U");

        Assert.Equal("0:0", facts["cgroup2.owner"]);
        Assert.Equal("ok", facts["cgroup2.mkdir"]);
        Assert.Equal("EACCES", facts["cgroup2.limits"]);
    }

    [Fact]
    public void PrivateNetwork_AllOfProcSysThatIsItsOwnCanBeWritten()
    {
        using Scratch scratch = new("trixie", copied: true);
        Facts facts = ProbeRun.Of(Launcher.Nspawn, scratch, ProbePlace.Pid1, "-U", "--private-network");

        Assert.Equal("ok", facts["proc.write.sys/net/ipv4/ip_forward"]);
        Assert.Equal("EACCES", facts["proc.write.sys/kernel/panic"]);
        Assert.Equal("EACCES", facts["proc.write.sys/vm/swappiness"]);
        Assert.Equal("lo", facts["sys.class.net"]);
        Assert.Equal("lo", facts["net.interfaces"]);
        Assert.Equal("ok", facts["socket.inet_raw"]);
        Assert.StartsWith("sysfs ro,", facts["mount./sys/class"], StringComparison.Ordinal);
    }
}
