using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class ManagedUsersTests
{
    private const string Options = "-M bw -D /srv/debian --private-users=managed --private-network true";
    private static readonly HostFacts s_host = PlanFacts.Host with { HasNamespaceResource = true };

    [Fact]
    public void Ids_are_asked_for_before_anything_names_them()
    {
        Plan plan = Plan(s_host);

        HoldManagedRange first = Assert.Single(plan.Host.OfType<HoldManagedRange>());
        Assert.Null(first.Given);
        Assert.True(plan.Host.IndexOf(first) < plan.Host.IndexOf(plan.Host.OfType<LockUidRange>().Single()));
        Assert.Contains("ask systemd-nsresourced", StepSummary.Of(first));
    }

    [Fact]
    public void The_ids_that_were_given_are_the_containers_and_locked_against_those_who_pick()
    {
        IdRange given = new(0x100000, IdRange.WholeCount);
        Plan plan = Plan(s_host with { ManagedRange = given });

        Assert.Equal(given, plan.Host.OfType<HoldManagedRange>().Single().Given);
        Assert.Equal(given.Base, plan.Host.OfType<LockUidRange>().Single().Base);
        Assert.Equal([new IdExtent(0, given.Base, given.Count)], plan.Unit.OfType<WriteIdMap>().Single().Map.Uids);
    }

    [Fact]
    public void Ids_that_another_container_has_locked_are_given_back_for_others() =>
        Assert.Null(Plan(s_host with { ManagedRange = new(0x100000, IdRange.WholeCount), LockedRanges = [0x100000] })
            .Host.OfType<HoldManagedRange>().Single().Given);

    [Fact]
    public void A_tree_that_is_nobodys_is_shown_as_the_containers()
    {
        Plan plan = PlanFacts.PlanOf(Options, s_host, PlanFacts.Tree with { Owner = new TreeOwner(0x7ffe0000, 0x7ffe0000) });

        Assert.Equal(0x7ffe0000u, Assert.Single(plan.Tree.OfType<AttachTree>()).Map!.Uids[0].Inside);
    }

    [Theory]
    [InlineData("", 1048576u, false)]
    [InlineData("--private-users-ownership=chown ", 0u, false)]
    [InlineData("", 0u, true)]
    public void No_file_is_given_to_ids_that_are_taken_back(string option, uint owner, bool refuses) =>
        Assert.Contains("--private-users=pick", Assert.Throws<LaunchException>(() => PlanFacts.PlanOf(
            option + Options, s_host with { TreeRefusesMapping = refuses }, PlanFacts.Tree with { Owner = new TreeOwner(owner, owner) })).Message);

    [Fact]
    public void Without_the_daemon_the_line_names_it_and_what_to_use() =>
        Assert.Contains("systemd-nsresourced.socket", Refusal(PlanFacts.Host, Options));

    [Fact]
    public void The_network_has_to_be_the_containers() =>
        Assert.Contains("--private-network", Refusal(s_host, "-D /srv/debian --private-users=managed true"));

    private static Plan Plan(HostFacts host) => PlanFacts.PlanOf(Options, host);

    private static string Refusal(HostFacts host, string options) =>
        Assert.Throws<LaunchException>(() => PlanFacts.PlanOf(options, host)).Message;
}
