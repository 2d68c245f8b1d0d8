using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class UserNamespaceChoiceTests
{
    /// <summary>What systemd-nspawn 252 picks for a machine "bw" on a host where nothing is taken.</summary>
    private const uint RangeOfBw = 701956096;

    // The reference implementation's first vectors.
    [Theory]
    [InlineData(0, 0x726fdb47dd0e0e31)]
    [InlineData(1, 0x74f839c593dc67fd)]
    [InlineData(7, 0xab0200f58b01d137)]
    [InlineData(8, 0x93f5f5799a932462)]
    [InlineData(15, 0xa129ca6149be45e5)]
    public void The_hash_is_the_published_one(int length, ulong hash)
    {
        byte[] bytes = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

        Assert.Equal(hash, SipHash.Of(bytes, bytes.AsSpan(0, length)));
    }

    [Fact]
    public void A_name_leads_to_the_range_it_leads_systemd_nspawn_to() => Assert.Equal(RangeOfBw, BaseOf(Plan("-M bw -U")));

    [Fact]
    public void The_trees_owner_comes_first() => Assert.Equal(1048576u, BaseOf(Plan("-M bw -U", tree: OwnedBy(1048576))));

    [Fact]
    public void A_locked_range_is_passed_over_and_a_tree_that_has_it_changes_hands()
    {
        Plan plan = Plan("-M bw -U", PlanFacts.Host with { LockedRanges = [1048576] }, OwnedBy(1048576));

        Assert.Equal(RangeOfBw, BaseOf(plan));
        Assert.Equal(RangeOfBw, Assert.Single(plan.Host.OfType<ChownTree>()).Base);
    }

    [Fact]
    public void Ids_of_the_hosts_users_are_passed_over()
    {
        HostFacts host = PlanFacts.Host with { UsedIds = [new UsedIds("joe", new IdRange(RangeOfBw + 65535, 1), "/etc/passwd")] };

        Plan plan = Plan("-M bw -U", host);

        Assert.NotEqual(RangeOfBw, BaseOf(plan));
        Assert.InRange(BaseOf(plan), 0x80000u, 0x6fff0000u);
        Assert.Equal(0u, BaseOf(plan) & 0xffff);
    }

    [Fact]
    public void A_host_without_room_says_so()
    {
        HostFacts host = PlanFacts.Host with { UsedIds = [new UsedIds("joe", new IdRange(0x10000, 0x70000000), "/etc/subuid")] };

        Assert.Contains("/etc/subuid", Refusal("-U", host));
    }

    [Fact]
    public void Many_containers_of_one_name_find_a_range_each()
    {
        HostFacts host = PlanFacts.Host;
        HashSet<uint> taken = [];
        for (int i = 0; i < 50; i++)
        {
            host = host with { LockedRanges = [.. taken], FreshId = new Guid(i, 0, 0, new byte[8]) };
            Assert.True(taken.Add(BaseOf(Plan("-M same -U", host))));
        }
    }

    [Theory]
    [InlineData("--private-users=yes", 1048576u, 1048576u)]
    [InlineData("--private-users=identity", 0u, 0u)]
    [InlineData("--private-users=2097152", 0u, 2097152u)]
    public void Other_modes_say_which_range(string options, uint owner, uint range) =>
        Assert.Equal(range, BaseOf(Plan(options, tree: OwnedBy(owner))));

    [Theory]
    [InlineData("--private-users=yes", 1000u, 1000u, "belongs to user 1000")]
    [InlineData("--private-users=yes", 65536u, 131072u, "group 131072")]
    [InlineData("--private-users=yes", 0xfffe0000u, 0xfffe0000u, "interrupted")]
    [InlineData("", 0xfffe0000u, 0xfffe0000u, "interrupted")]
    [InlineData("--private-users=65536 --private-users-ownership=map", 65536u, 65536u, "not to root")]
    [InlineData("--private-users=65536:100 --private-users-ownership=chown", 0u, 0u, "65536")]
    [InlineData("--private-users=1000 --private-users-ownership=chown", 0u, 0u, "multiple")]
    [InlineData("-U --private-users-ownership=chown --read-only", 0u, 0u, "--read-only")]
    [InlineData("-U --private-users-ownership=foreign", 0u, 0u, "2147352576")]
    [InlineData("-U --private-users-ownership=chown", 65536u, 131072u, "two different ranges")]
    [InlineData("--private-users-ownership=map", 0u, 0u, "--private-users=pick")]
    public void A_strange_owner_is_named(string options, uint uid, uint gid, string text)
    {
        string refusal = Refusal(options, tree: PlanFacts.Tree with { Owner = new TreeOwner(uid, gid) });

        Assert.Contains(text, refusal);
        Assert.DoesNotContain('\n', refusal);
    }

    [Theory]
    [InlineData("-U", 0u, false, "map")]
    [InlineData("-U", 0u, true, "chown")]
    [InlineData("-U", 1048576u, false, "off")]
    [InlineData("-U", 0xfffe0000u, false, "chown")]
    [InlineData("-U", PrivateUsersSyntax.ForeignBase, false, "map")]
    [InlineData("-U --private-users-ownership=off", 0u, false, "off")]
    [InlineData("--private-users=1048576", 0u, false, "off")]
    [InlineData("--private-users=1048576 --private-users-ownership=chown", 1048576u, false, "off")]
    [InlineData("--private-users=identity --private-users-ownership=map", 0u, false, "off")]
    [InlineData("--private-users=0 --private-users-ownership=chown", 1048576u, false, "chown")]
    public void The_tree_comes_to_its_users(string options, uint owner, bool refuses, string way)
    {
        Plan plan = Plan(options, PlanFacts.Host with { TreeRefusesMapping = refuses }, OwnedBy(owner));

        Assert.Equal(way == "chown", plan.Host.Any(step => step is ChownTree));
        Assert.Equal(way == "map", plan.Tree.OfType<AttachTree>().Single().Map is not null);
    }

    [Fact]
    public void Without_user_namespaces_only_the_short_option_goes_on()
    {
        HostFacts host = PlanFacts.Host with { HasUserNamespaces = false };

        Plan plan = Plan("-U", host);

        Assert.False(plan.Namespaces.HasFlag(CloneFlags.NewUser));
        Assert.Contains(plan.Warnings ?? [], warning => warning.Contains("-U"));
        Assert.Contains("max_user_namespaces", Refusal("--private-users=pick", host));
    }

    [Fact]
    public void A_range_that_was_named_may_be_somebody_elses_and_that_is_said()
    {
        HostFacts host = PlanFacts.Host with { UsedIds = [new UsedIds("joe", new IdRange(100000, 65536), "/etc/subuid")] };

        Assert.Contains(Plan("--private-users=131072", host).Warnings ?? [], notice => notice.Contains("joe") && notice.Contains("/etc/subuid"));
        Assert.DoesNotContain(Plan("--private-users=1048576", host).Warnings ?? [], notice => notice.Contains("joe"));
    }

    [Fact]
    public void A_user_beyond_the_range_is_refused() =>
        Assert.Contains("COUNT", Assert.Throws<LaunchException>(() => PlanFacts.PlanOf(
            "-D /srv/debian --private-users=1048576:100 --uid=joe id", tree: PlanFacts.Tree with { User = PlanFacts.Joe })).Message);

    [Fact]
    public void Sysctls_are_the_containers_own_only_with_a_network_and_users_that_are_not_the_hosts()
    {
        Assert.Contains(Plan("-U").Leader, step => step is Remount { Target: "/proc/sys" });
        Assert.Contains(Plan("--private-users=identity --private-network").Leader, step => step is Remount { Target: "/proc/sys" });
        Assert.DoesNotContain(Plan("-U --private-network").Leader, step => step is Remount { Target: "/proc/sys" });
    }

    [Theory]
    [InlineData("passwd", "root:x:0:0::/root:/bin/sh\njoe:x:1000:1000::/:/bin/sh\n+nis\n\n", 2, 0)]
    [InlineData("subuid", "joe:100000:65536\nroot:1000000:1000000000\n# note\n", 1, 0)]
    [InlineData("subgid", "joe:100000\nann:x:5\n:::\n", 0, 3)]
    [InlineData("group", "adm:x:4:joe\nbroken\n", 1, 1)]
    public void The_hosts_files_are_read_line_by_line(string file, string text, int used, int malformed)
    {
        List<UsedIds> ids = [];
        List<string> complaints = [];
        IdReader.Parse($"/etc/{file}", text, ids, complaints);

        Assert.Equal((used, malformed), (ids.Count, complaints.Count));
        Assert.All(complaints, line => Assert.StartsWith($"/etc/{file}, line ", line));
    }

    private static TreeFacts OwnedBy(uint owner) => PlanFacts.Tree with { Owner = new TreeOwner(owner, owner) };

    private static Plan Plan(string options, HostFacts? host = null, TreeFacts? tree = null) =>
        PlanFacts.PlanOf($"-D /srv/debian {options} true", host, tree);

    private static string Refusal(string options, HostFacts? host = null, TreeFacts? tree = null) =>
        Assert.Throws<LaunchException>(() => Plan(options, host, tree)).Message;

    private static uint BaseOf(Plan plan) => plan.Unit.OfType<WriteIdMap>().Single().Map.Uids[0].Outside;
}
