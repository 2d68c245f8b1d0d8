using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>Facts of trees on a disk, the hostile ones among them.</summary>
public class TreeReaderTests
{
    [Theory]
    [InlineData("root:x:1000:1000::/evil:/bin/sh\n", "/evil")]
    [InlineData("", "/root")]
    [InlineData("root:x:none:0::/root:/bin/sh\n", "/root")]
    public void Without_another_user_the_payload_is_root_whatever_the_tree_says(string passwd, string home)
    {
        using TemporaryTree tree = new();
        TreeUser user = Assert.IsType<TreeUser>(Read(tree.With("etc/passwd", passwd).With("etc/group", "g:x:5:root\n"), "").User);

        Assert.Equal((0u, 0u, 0, home), (user.Uid, user.Gid, user.Groups.Length, user.Home));
    }

    [Fact]
    public void Links_out_of_the_tree_lead_to_nothing()
    {
        using TemporaryTree tree = new();
        _ = tree.With("usr/x", "").With("etc/x", "").WithLink("etc/machine-id", "../../secret").WithLink("etc/passwd", "/../../secret")
            .WithLink("etc/localtime", "../usr/share/zoneinfo/UTC").WithLink("dev", "..").WithLink("lib", "usr/lib");
        TreeFacts facts = Read(tree, "--boot");

        Assert.Null(facts.MachineId);
        Assert.False(facts.MachineIdIsMalformed);
        Assert.Equal(["dev"], facts.BlockedMountPoints);
        Assert.Equal(new TreeFile(TreeFileKind.Symlink, "../usr/share/zoneinfo/UTC"), facts.Localtime);
        Assert.Empty(facts.Inits);
        Assert.Contains("lib", facts.RootEntries);
    }

    [Theory]
    [InlineData("", null, false)]
    [InlineData("uninitialized\n", null, false)]
    [InlineData("0123456789abcdef0123456789abcdef\n", "01234567-89ab-cdef-0123-456789abcdef", false)]
    [InlineData("00000000000000000000000000000000\n", null, true)]
    [InlineData("01234567-89ab-cdef-0123-456789abcdef\n", null, true)]
    [InlineData("../../etc/shadow", null, true)]
    public void The_machine_id_is_an_id_or_nothing_or_malformed(string text, string? id, bool malformed)
    {
        using TemporaryTree tree = new();
        TreeFacts facts = Read(tree.With("etc/machine-id", text), "");

        Assert.Equal((id is null ? null : new Guid(id), malformed), (facts.MachineId, facts.MachineIdIsMalformed));
    }

    [Theory]
    [InlineData("no/such", "no tree at {0}: no such directory")]
    [InlineData("../secret", "{0} is not a directory: --directory= takes the root directory of an OS tree")]
    public void What_is_no_tree_is_refused_by_its_name(string name, string message)
    {
        using TemporaryTree tree = new();
        string path = $"{tree.Path}/{name}";

        Assert.Equal(string.Format(message, path), Assert.Throws<LaunchException>(() => TreeReader.Open(path)).Message);
    }

    private static TreeFacts Read(TemporaryTree tree, string line) => TreeReader.Read(tree.Root, new TreeSource(TreeKind.Directory, tree.Path, false), Commands.LaunchLine(line), PlanFacts.Host);
}
