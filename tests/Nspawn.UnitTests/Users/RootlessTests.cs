using System.Collections.Immutable;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class RootlessTests
{
    private static readonly ImmutableArray<IdExtent> s_own = [new IdExtent(0, 1000, 1), new IdExtent(1, 100000, 65536)];

    [Theory]
    [InlineData("joe:100000:65536", "100000-165535", 0)]
    [InlineData("1000:100000:1", "100000", 0)]
    [InlineData("jane:1:1\njoe:5:2\n\njoe:9:1\n", "5-6 9", 0)]
    [InlineData("joe:x:1\njoe:5:2", "5-6", 1)]
    [InlineData("#\njoe:5:0", "", 2)]
    [InlineData("joe:5", "", 1)]
    [InlineData("joe:4294967290:6", "", 1)]
    [InlineData("jane:nonsense", "", 0)]
    [InlineData("", "", 0)]
    public void Sub_ids_are_read_as_the_file_has_them(string text, string ranges, int malformed)
    {
        ImmutableArray<IdRange> found = SubordinateIds.Of(text, "joe", 1000, out int line);

        Assert.Equal((ranges, malformed), (string.Join(' ', found), line));
    }

    [Theory]
    [InlineData("", "", "100000-165535")]
    [InlineData("ann:100000:65536\n", "", "165536-231071")]
    [InlineData("ann:100000:65536\n", "bob:165536:65536\n", "231072-296607")]
    [InlineData("ann:100000:65536\nbob:300000:65536", "what is this\n", "165536-231071")]
    [InlineData("ann:1000:65536\nbob:4294901760:65535\n", "", "100000-165535")]
    [InlineData("ann:1:4294967294\n", "", null)]
    public void Sub_ids_that_are_advised_are_nobodys(string subuid, string subgid, string? free) =>
        Assert.Equal(free, SubordinateIds.Free(subuid, subgid)?.ToString());

    [Fact]
    public void The_user_is_root_and_the_sub_ids_follow_each_once() => Assert.Equal(
        [new IdExtent(0, 1000, 1), new IdExtent(1, 100000, 10), new IdExtent(11, 200000, 5)],
        SubordinateIds.Extents(1000, [new IdRange(100000, 10), new IdRange(100005, 10), new IdRange(1000, 1), new IdRange(200000, 5)]));

    [Theory]
    [InlineData(0, 65537, "0 0 1\n1 1 65536\n")]
    [InlineData(0, 10, "0 0 1\n1 1 9\n")]
    [InlineData(1, 65536, "0 1 65536\n")]
    [InlineData(70000, 5, "")]
    public void A_namespace_below_is_cut_from_the_one_above(uint first, uint count, string map) =>
        Assert.Equal(map, IdMapping.TextOf(IdMapping.Below(s_own, new IdRange(first, count))));

    [Fact]
    public void What_the_kernel_prints_is_what_it_takes() =>
        Assert.Equal(s_own, IdMapping.Parse("         0       1000          1\n         1     100000      65536\n"));

    [Theory]
    [InlineData("0", "100", null, null, "kernel.unprivileged_userns_clone")]
    [InlineData(null, "0", null, null, "user.max_user_namespaces")]
    [InlineData("1", null, null, null, "CONFIG_USER_NS")]
    [InlineData(null, "100", "1", "unconfined", "apparmor_restrict_unprivileged_userns")]
    [InlineData(null, "100", "1", "nspawn (enforce)", null)]
    [InlineData(null, "100", "0", "unconfined", null)]
    [InlineData("1", "100", null, null, null)]
    public void The_switch_that_forbids_it_is_named(string? clone, string? most, string? restricts, string? profile, string? named)
    {
        string? reason = new NamespaceBan(clone, most, restricts, profile).Reason("/usr/bin/nspawn");

        Assert.Equal(named is null, reason is null);
        Assert.Contains(named ?? "", reason ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-D /srv/debian true", 65536u, "belongs to somebody else")]
    [InlineData("-D /srv/debian -b", 2u, "65536")]
    public void A_tree_that_cannot_be_used_is_refused(string line, uint owner, string about)
    {
        TreeFacts tree = PlanFacts.Tree with { Owner = new TreeOwner(owner == 65536 ? 65537 : owner, owner == 65536 ? 65537 : owner), InitProgram = "systemd" };

        Assert.Contains(about, Assert.Throws<LaunchException>(() => PlanFacts.PlanOf(line, PlanFacts.RootlessHost, tree)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_cgroup_systemd_is_not_booted_and_a_command_says_so()
    {
        HostFacts host = PlanFacts.RootlessHost with { HasOwnGroup = false };

        Assert.Contains("systemd-run", Assert.Single(PlanFacts.PlanOf("-D /srv/debian true", host).Notices), StringComparison.Ordinal);
        Assert.Contains("systemd-run", Assert.Throws<LaunchException>(() =>
            PlanFacts.PlanOf("-D /srv/debian -b", host, PlanFacts.Tree with { InitProgram = "systemd" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_users_own_systemd_gives_a_scope_without_what_only_roots_can_do()
    {
        HostFacts host = PlanFacts.RootlessHost with { HasOwnGroup = false, UserBus = "/run/user/1000/bus" };
        Plan plan = PlanFacts.PlanOf("-D /srv/debian -b", host, PlanFacts.Tree with { InitProgram = "systemd" });

        MakeScope scope = Assert.Single(plan.Unit.OfType<MakeScope>());
        Assert.Equal("/run/user/1000/bus", scope.UserBus);
        Assert.DoesNotContain(scope.Properties, one => one.Name.StartsWith("Device", StringComparison.Ordinal));
        Assert.Empty(Assert.Single(plan.Unit.OfType<MakePayloadGroup>()).Devices);
        Assert.Empty(plan.Host.OfType<MakeCgroup>());
        Assert.DoesNotContain(plan.Notices, one => one.Contains("cgroup", StringComparison.Ordinal) && one.Contains("systemd-run", StringComparison.Ordinal));
    }

    [Fact]
    public void In_a_container_only_ranges_that_it_was_given_are_picked()
    {
        HostFacts host = PlanFacts.Host with
        {
            OwnIds = IdMapping.Of(new IdExtent(0, 0x10000000, 65536), new IdExtent(0x20000000, 0x20000000, 65536), new IdExtent(0x30010000, 0x30010000, 65536)),
            LockedRanges = [0x20000000],
        };

        Assert.Equal(0x30010000u, Assert.Single(PlanFacts.PlanOf("-D /srv/debian -U -M bw true", host).Unit.OfType<WriteIdMap>()).Map.Uids[0].Outside);
        Assert.Contains("--nesting", Assert.Throws<LaunchException>(() => PlanFacts.PlanOf(
            "-D /srv/debian -U -M bw true", host with { LockedRanges = [0x20000000, 0x30010000] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_that_nests_gets_ranges_of_its_own_for_others()
    {
        Plan plan = PlanFacts.PlanOf("-D /srv/debian -U --nesting -M bw true");

        Assert.Equal(9, plan.Host.OfType<LockUidRange>().Select(one => one.Base).Distinct().Count());
        Assert.All(plan.Unit.OfType<WriteIdMap>().Single().Map.Uids.Skip(1), one => Assert.Equal(one.Inside, one.Outside));
    }
}
