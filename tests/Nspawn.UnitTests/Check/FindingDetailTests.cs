using Xunit;

namespace Nspawn.UnitTests;

/// <summary>Where the same thing is a fault in one tree and none in another.</summary>
public class FindingDetailTests
{
    [Theory]
    [InlineData("[Unit]\nConditionVirtualization=!container\n", false)]
    [InlineData("[Unit]\nConditionVirtualization=container\n", true)]
    [InlineData("[Unit]\nConditionVirtualization=no\n", false)]
    [InlineData("[Unit]\nConditionVirtualization=vm\n", false)]
    [InlineData("[Unit]\nConditionPathExists=/dev/tty0\n", false)]
    [InlineData("[Unit]\nConditionPathExists=!/dev/tty0\n", true)]
    [InlineData("[Unit]\nConditionPathExists=/dev/console\n", true)]
    [InlineData("[Unit]\nConditionPathExists=/etc/no-such\n", false)]
    [InlineData("[Unit]\nConditionPathExists=/etc/hostname\n", true)]
    [InlineData("[Unit]\nConditionPathExists=/run/later\n", true)]
    [InlineData("[Unit]\nConditionPathExists=|/etc/no-such\nConditionPathExists=|/etc/hostname\n", true)]
    [InlineData("[Unit]\nConditionPathExists=|/etc/no-such\nConditionPathExists=|!/etc/hostname\n", false)]
    [InlineData("[Unit]\nConditionPathExists=/etc/no-such\nConditionPathExists=\n", true)]
    [InlineData("[Unit]\nConditionPathIsReadWrite=/sys\n", false)]
    [InlineData("[Unit]\nConditionCapability=CAP_SYS_MODULE\n", false)]
    [InlineData("[Unit]\nConditionCapability=CAP_SYS_ADMIN\n", true)]
    [InlineData("[Unit]\nConditionCapability=CAP_NET_ADMIN\n", true)]
    [InlineData("[Unit]\nConditionFirstBoot=yes\n", false)]
    [InlineData("[Unit]\nConditionFirstBoot=no\n", true)]
    [InlineData("# [Unit]\n; Condition=\n[Unit]\nConditionKernelCommandLine=\\\n# between\n  x\n", true)]
    public void A_unit_that_systemd_passes_over_is_none(string conditions, bool found)
    {
        using CheckedTree tree = new();
        _ = tree.Enabled("x.service", conditions + "[Service]\nExecStart=/usr/bin/no-such\n");

        Assert.Equal(found, tree.Findings().Any(finding => finding.Id == "unit-program-missing"));
    }

    [Theory]
    [InlineData("ExecStart=-/usr/bin/no-such\n")]
    [InlineData("ExecStart=/usr/bin/no-such\nExecStart=\nExecStart=/usr/lib/systemd/systemd\n")]
    [InlineData("ExecStart=no-such\n")]
    [InlineData("")]
    public void A_program_that_need_not_be_there_is_none(string service)
    {
        using CheckedTree tree = new();
        _ = tree.Enabled("x.service", "[Service]\n" + service);

        Assert.Empty(tree.Findings());
    }

    [Fact]
    public void A_unit_that_is_masked_is_not_started()
    {
        using CheckedTree tree = new();
        _ = tree.Enabled("x.service", "[Service]\nExecStart=/usr/bin/no-such\n").Enabled("y.service", "[Service]\nExecStart=/usr/bin/no-such\n");
        _ = tree.Tree.WithLink("etc/systemd/system/x.service", "/dev/null").With("etc/systemd/system/y.service", "");

        Assert.Empty(tree.Findings());
    }

    [Fact]
    public void A_drop_in_has_the_last_word()
    {
        using CheckedTree tree = new();
        _ = tree.Enabled("x@1.service", "[Service]\nExecStart=/usr/bin/no-such\n", "x@.service");
        _ = tree.Tree.With("etc/systemd/system/x@.service.d/10-not-here.conf", "[Unit]\nConditionVirtualization=!container\n");

        Assert.Empty(tree.Findings());
    }

    [Fact]
    public void What_is_enabled_for_another_target_is_not_started()
    {
        using CheckedTree tree = new();
        _ = tree.Tree.With($"{CheckedTree.Units}/x.service", "[Service]\nExecStart=/usr/bin/no-such\n").WithDirectory("etc/systemd/system/rescue.target.wants")
            .WithLink("etc/systemd/system/rescue.target.wants/x.service", $"/{CheckedTree.Units}/x.service");

        Assert.Empty(tree.Findings());

        // The default target may be another's alias: what is enabled for that one is.
        _ = tree.Without($"{CheckedTree.Units}/default.target").Tree.With($"{CheckedTree.Units}/rescue.target", "[Unit]\n").WithLink("etc/systemd/system/default.target", $"/{CheckedTree.Units}/rescue.target");
        Assert.Equal(["unit-program-missing"], tree.Findings().Select(finding => finding.Id));
    }

    [Fact]
    public void A_link_to_resolv_conf_that_a_started_service_writes_is_none()
    {
        using CheckedTree tree = new();
        _ = tree.Enabled("systemd-resolved.service", "[Service]\nExecStart=/usr/lib/systemd/systemd\n").Tree.WithLink("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");

        Assert.Empty(tree.Findings());
    }

    [Theory]
    [InlineData("tmpfs /srv tmpfs size=1m 0 0\n")]
    [InlineData("/srv/a /srv/b none bind 0 0\n")]
    [InlineData("UUID=0123 /srv ext4 noauto 0 0\n")]
    [InlineData("server:/x /srv nfs noauto,soft\n")]
    [InlineData("server:/x /srv nfs x-systemd.automount\n")]
    [InlineData("   \n#/dev/sda1 / ext4 defaults\n")]
    public void A_line_of_fstab_that_can_be_kept_is_none(string line)
    {
        using CheckedTree tree = new();
        _ = tree.Tree.With("etc/fstab", line);

        Assert.Empty(tree.Findings());
    }

    [Fact]
    public void An_init_that_is_a_script_is_as_good_as_what_it_is_for()
    {
        using CheckedTree tree = new();
        _ = tree.Without("usr/lib/systemd").Program("usr/sbin/init", "#! /bin/sh -e\n"u8.ToArray());
        Assert.Equal(["init-interpreter"], tree.Findings().Select(finding => finding.Id));

        _ = tree.Program("usr/bin/sh", CheckedTree.Elf(183, "/lib64/ld.so"));
        Assert.Equal(["init-architecture"], tree.Findings().Select(finding => finding.Id));

        _ = tree.Program("usr/bin/sh", CheckedTree.Elf(62, "/lib64/ld.so"));
        Assert.Empty(tree.Findings());
    }

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/../../secret")]
    [InlineData("../../../../../etc/passwd")]
    public void Links_out_of_the_tree_lead_to_nothing(string target)
    {
        using CheckedTree tree = new();
        foreach (string path in (string[])["etc/os-release", "etc/machine-id", "etc/hostname", "etc/shadow", "etc/fstab", CheckedTree.Init])
        {
            _ = tree.Without(path).Tree.WithLink(path, target);
        }

        Assert.Contains(tree.Findings(), finding => finding.Id == "init-dangling");
        Assert.Contains(tree.Findings(), finding => finding.Id == "os-release-missing");
        Assert.Null(tree.Survey().Hostname);
    }
}
