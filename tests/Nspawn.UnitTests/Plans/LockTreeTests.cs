using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class LockTreeTests
{
    [Theory]
    [InlineData("", "/srv/debian", "/srv/.#debian.lck", false)]
    [InlineData("--read-only", "/srv/debian", "/srv/.#debian.lck", true)]
    [InlineData("-x", "/srv/debian", "/srv/.#debian.lck", true)]
    [InlineData("--volatile=overlay", "/srv/debian", "/srv/.#debian.lck", true)]
    [InlineData("", "/tree", "/.#tree.lck", false)]
    [InlineData("", "/dev/shm/tree", null, false)]
    public void The_files_are_systemd_nspawns(string line, string path, string? local, bool shared)
    {
        LockTree step = Assert.IsType<LockTree>(PlanFacts.PlanOf(line, tree: PlanFacts.Tree with { Path = path }).Host[0]);

        Assert.Equal((local, "/run/systemd/nspawn/locks/inode-2049:4711", shared), (step.LocalFile, step.GlobalFile, step.Shared));
    }

    [Fact]
    public void A_read_only_image_is_shared() =>
        Assert.True(((LockTree)PlanFacts.PlanOf("", tree: PlanFacts.Tree with { IsReadOnlyImage = true }).Host[0]).Shared);

    [Theory]
    [InlineData("/srv/debian.raw", FileType.Regular, "/srv/.#debian.raw.lck", "inode-2049:815")]
    [InlineData("/dev/vdb", FileType.BlockDevice, null, "block-254:16")]
    public void An_image_is_locked_as_systemd_nspawn_does_it(string path, FileType type, string? local, string global)
    {
        FileStatus file = PlanFacts.TreeInImage.Image!.File with { Type = type, Major = 254, Minor = 16 };
        LockTree step = Assert.IsType<LockTree>(LockSteps.Of(PlanFacts.Host, path, file, shared: false));

        Assert.Equal((local, "/run/systemd/nspawn/locks/" + global), (step.LocalFile, step.GlobalFile));
    }

    [Fact]
    public void An_image_is_shared_when_no_part_of_it_is_written()
    {
        Assert.False(((LockTree)PlanFacts.PlanOf("", tree: PlanFacts.TreeInImage with { IsReadOnlyImage = true }).Host[0]).Shared);
        ImageFacts image = PlanFacts.TreeInImage.Image!;
        image = image with { Layout = image.Layout with { Mounts = [image.Layout.Mounts[1]] } };
        Assert.True(((LockTree)PlanFacts.PlanOf("", tree: PlanFacts.TreeInImage with { Image = image }).Host[0]).Shared);
    }

    [Fact]
    public void The_hosts_root_is_not_locked() =>
        Assert.DoesNotContain(PlanFacts.PlanOf("-x", tree: PlanFacts.Tree with { Path = "/" }).Host, step => step is LockTree);

    [Fact]
    public void An_ephemeral_machine_has_a_name_of_its_own()
    {
        Assert.Equal("debian-1111111122223333", PlanFacts.PlanOf("-x").Machine);
        Assert.Equal("web", PlanFacts.PlanOf("-x -M web").Machine);
        string longName = new('a', 64);
        Assert.Equal($"{new string('a', 47)}-1111111122223333", PlanFacts.PlanOf("-x", tree: PlanFacts.Tree with { Path = "/srv/" + longName }).Machine);
    }

    [Fact]
    public void A_layer_is_put_on_a_tree_once_and_on_none_that_is_only_read()
    {
        Assert.Single(PlanFacts.PlanOf("-x").Tree, step => step is AddLayer { Kept: true });
        Assert.DoesNotContain(PlanFacts.PlanOf("-x", tree: PlanFacts.Tree with { HasLayer = true }).Tree, step => step is AddLayer);
        Assert.DoesNotContain(PlanFacts.PlanOf("-x --read-only").Tree, step => step is AddLayer);
        Assert.Single(PlanFacts.PlanOf("-x --volatile=overlay").Tree, step => step is AddLayer { Kept: false });
        Assert.Single(PlanFacts.PlanOf("-x", tree: PlanFacts.Tree with { IsReadOnlyImage = true }).Tree, step => step is AddLayer);
    }

    [Fact]
    public void Locking_can_be_switched_off() =>
        Assert.DoesNotContain(PlanFacts.PlanOf("", PlanFacts.Host with { LocksTrees = false }).Host, step => step is LockTree);

    [Fact]
    public void The_run_is_held_before_anything_else_of_it_is_made()
    {
        Step[] steps = [.. PlanFacts.PlanOf("--boot").Host.Where(step => step is not LockTree)];

        Assert.Equal("/run/systemd/nspawn/debian.0123abcd", Assert.IsType<MakeHostDirectory>(steps[0]).Path);
        Assert.Equal("/run/systemd/nspawn/debian.0123abcd", Assert.IsType<HoldHostDirectory>(steps[1]).Path);
    }

    [Theory]
    [InlineData("web.0123abcd", "web", "0123abcd")]
    [InlineData("web.0123ABCD", "web", null)]
    [InlineData("web.0123abc", "web", null)]
    [InlineData("web.example.0123abcd", "web", null)]
    [InlineData("web", "web", null)]
    [InlineData("web-0123456789abcdef.0123abcd", "web", "0123abcd")]
    [InlineData("web-0123456789abcde.0123abcd", "web", null)]
    public void A_runs_directory_is_told_by_its_name(string name, string machine, string? run) => Assert.Equal(run, RunPaths.RunOf(name, machine));

    [Theory]
    [InlineData("nspawn-web-0123abcd", "web", "0123abcd")]
    [InlineData("nspawn-web-0123abcd-89abcdef", "web", null)]
    [InlineData("nspawn-web-0123abcd-89abcdef", "web-0123abcd", "89abcdef")]
    [InlineData("nspawn-webx-0123abcd", "web", null)]
    [InlineData("nspawn-web-0123456789abcdef-0123abcd", "web", "0123abcd")]
    public void A_runs_cgroup_is_told_by_its_name(string name, string machine, string? run) => Assert.Equal(run, RunPaths.RunOfCgroup(name, machine));
}
