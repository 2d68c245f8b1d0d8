using System.Collections.Immutable;
using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class EtcStepsTests
{
    private const string ResolvConfPath = "/etc/resolv.conf";
    private const string LocaltimePath = "/etc/localtime";

    private static readonly HostFacts s_host = PlanFacts.Host with
    {
        ResolvConf = Enum.GetValues<ResolvConfSource>().ToImmutableDictionary(source => source, source => $"# {source}\n"),
    };

    private static readonly HostFacts s_hostWithoutStub = s_host with { ResolvConf = s_host.ResolvConf.Remove(ResolvConfSource.Stub) };

    [Theory]
    [InlineData("host", ResolvConfSource.Host)]
    [InlineData("static", ResolvConfSource.Static)]
    [InlineData("uplink", ResolvConfSource.Uplink)]
    [InlineData("stub", ResolvConfSource.Stub)]
    public void Every_source_is_copied_put_in_place_or_bound(string name, ResolvConfSource source)
    {
        string content = $"# {source}\n";
        TreeFile link = new(TreeFileKind.Symlink, "/run/resolv.conf");

        Assert.Equal(content, Assert.IsType<ReplaceFile>(ResolvConfStep($"copy-{name}", TreeFile.Missing)).Content);
        Assert.Equal(content, Assert.IsType<ReplaceFile>(ResolvConfStep($"copy-{name}", new(TreeFileKind.Regular, "other"))).Content);
        Assert.Null(ResolvConfStep($"copy-{name}", link));
        Assert.Null(ResolvConfStep($"copy-{name}", new(TreeFileKind.Other, "")));
        Assert.Null(ResolvConfStep($"copy-{name}", new(TreeFileKind.Regular, content)));
        Assert.Equal(content, Assert.IsType<ReplaceFile>(ResolvConfStep($"replace-{name}", link)).Content);
        Assert.Null(ResolvConfStep($"replace-{name}", new(TreeFileKind.Regular, content)));
        BindHost bind = Assert.IsType<BindHost>(ResolvConfStep($"bind-{name}", link));
        Assert.Equal(ResolvConf.PathOf(source), bind.HostPath);
        Assert.True(bind.NoFollow && bind.Flags.HasFlag(MountFlags.ReadOnly));
    }

    [Theory]
    [InlineData("off")]
    [InlineData("copy-stub")]
    [InlineData("replace-stub")]
    [InlineData("bind-stub")]
    public void Nothing_happens_when_it_is_off_or_the_host_has_no_such_file(string mode) =>
        Assert.Null(ResolvConfStep(mode, TreeFile.Missing, s_hostWithoutStub));

    [Fact]
    public void Resolv_conf_can_be_deleted() => Assert.IsType<RemoveFile>(ResolvConfStep("delete", TreeFile.Missing));

    [Fact]
    public void The_usual_resolv_conf_is_the_stub_where_there_is_one_and_bound_where_nothing_can_be_written()
    {
        Assert.Equal("# Stub\n", Assert.IsType<ReplaceFile>(ResolvConfStep("auto", TreeFile.Missing)).Content);
        Assert.Equal("# Host\n", Assert.IsType<ReplaceFile>(ResolvConfStep("auto", TreeFile.Missing, s_hostWithoutStub)).Content);
        Assert.Equal("/run/systemd/resolve/stub-resolv.conf", Assert.IsType<BindHost>(ResolvConfStep("auto --read-only", TreeFile.Missing)).HostPath);
        Assert.Equal("/etc/resolv.conf", Assert.IsType<BindHost>(ResolvConfStep("auto --read-only", TreeFile.Missing, s_hostWithoutStub)).HostPath);
        Assert.Null(ResolvConfStep("auto --private-network", TreeFile.Missing));
    }

    [Fact]
    public void The_host_network_is_no_reason_to_follow_a_link_of_the_tree() =>
        Assert.Null(ResolvConfStep("auto", new TreeFile(TreeFileKind.Symlink, "../run/systemd/resolve/stub-resolv.conf")));

    [Theory]
    [InlineData("symlink", "link", typeof(ReplaceSymlink))]
    [InlineData("symlink", "file", typeof(BindHost))]
    [InlineData("symlink", "none", null)]
    [InlineData("bind", "link", typeof(BindHost))]
    [InlineData("bind", "none", null)]
    [InlineData("copy", "link", typeof(CopyHostFile))]
    [InlineData("copy", "none", null)]
    [InlineData("delete", "none", typeof(RemoveFile))]
    [InlineData("off", "link", null)]
    [InlineData("auto", "link", typeof(ReplaceSymlink))]
    [InlineData("auto", "file", typeof(CopyHostFile))]
    [InlineData("auto", "none", null)]
    [InlineData("auto --read-only", "link", typeof(BindHost))]
    public void The_timezone_follows_mode_and_host(string mode, string hostHas, Type? step) =>
        Assert.Equal(step, TimezoneStep(mode, hostHas, PlanFacts.Tree)?.GetType());

    [Fact]
    public void A_zone_that_the_tree_has_is_linked_and_one_it_lacks_is_bound()
    {
        ReplaceSymlink link = Assert.IsType<ReplaceSymlink>(TimezoneStep("auto", "link", PlanFacts.Tree));
        Assert.Equal("../usr/share/zoneinfo/Europe/Berlin", link.Target);
        Assert.IsType<BindHost>(TimezoneStep("auto", "link", PlanFacts.Tree with { HasHostZone = false }));
    }

    [Theory]
    [InlineData(TreeFileKind.Symlink, "/usr/share/zoneinfo/Europe/Berlin", false)]
    [InlineData(TreeFileKind.Symlink, "../usr/share/zoneinfo/Europe/Berlin", false)]
    [InlineData(TreeFileKind.Symlink, "/usr/share/zoneinfo/UTC", true)]
    [InlineData(TreeFileKind.Regular, "../usr/share/zoneinfo/Europe/Berlin", true)]
    [InlineData(TreeFileKind.Missing, "", true)]
    public void A_link_that_is_right_already_stays(TreeFileKind kind, string text, bool replaced) =>
        Assert.Equal(replaced, TimezoneStep("auto", "link", PlanFacts.Tree with { Localtime = new(kind, text) }) is not null);

    private static Step? ResolvConfStep(string mode, TreeFile there, HostFacts? host = null) => StepAt(
        ResolvConfPath, PlanFacts.PlanOf($"--timezone=off --resolv-conf={mode}", host ?? s_host, PlanFacts.Tree with { ResolvConf = there }));

    private static Step? TimezoneStep(string mode, string hostHas, TreeFacts tree) => StepAt(
        LocaltimePath,
        PlanFacts.PlanOf($"--resolv-conf=off --timezone={mode}", s_host with
        {
            LocaltimeExists = hostHas != "none",
            LocaltimeLink = hostHas == "link" ? PlanFacts.Host.LocaltimeLink : null,
        }, tree));

    private static Step? StepAt(string path, Plan plan) => plan.Tree.SingleOrDefault(step => path == step switch
    {
        ReplaceFile replace => replace.Path,
        ReplaceSymlink replace => replace.Path,
        CopyHostFile copy => copy.Path,
        RemoveFile remove => remove.Path,
        BindHost bind => bind.Target,
        _ => null,
    });
}
