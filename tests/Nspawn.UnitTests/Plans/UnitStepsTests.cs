using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class UnitStepsTests
{
    private static readonly HostFacts s_host = PlanFacts.HostOfSystemd;

    [Theory]
    [InlineData("", "MakeScope RegisterMachine MakePayloadGroup")]
    [InlineData("--register=no", "MakeScope MakePayloadGroup")]
    [InlineData("--keep-unit", "RegisterMachine")]
    [InlineData("--keep-unit --register=no", "")]
    public void Options_decide_what_the_host_is_told(string line, string steps) =>
        Assert.Equal(steps, Names(PlanFacts.PlanOf("-M web " + line, s_host)));

    [Fact]
    public void A_host_without_a_bus_or_systemd_is_told_nothing()
    {
        Assert.Equal("", Names(PlanFacts.PlanOf("-M web")));
        Assert.Equal("", Names(PlanFacts.PlanOf("-M web", PlanFacts.Host with { HasSystemBus = true })));
        Assert.Equal("", Names(PlanFacts.PlanOf("-M web", s_host with { HasSystemBus = false })));
        Assert.Equal("RegisterMachine", Names(PlanFacts.PlanOf("-M web --keep-unit", s_host with { HasSystemBus = false })));
        Assert.Equal("", Names(PlanFacts.PlanOf("-M web", s_host with { HasSystemBus = false, Machined = MachinedDoor.Bus })));
    }

    [Fact]
    public void A_name_that_is_taken_matters_to_those_who_would_register_it()
    {
        HostFacts host = s_host with { RegisteredMachines = ["web"] };

        Assert.Throws<LaunchException>(() => PlanFacts.PlanOf("-M web", host));
        Assert.Throws<LaunchException>(() => PlanFacts.PlanOf("-M web --keep-unit", host));
        Assert.Equal("RegisterMachine", Names(PlanFacts.PlanOf("-M other --keep-unit", host)));
        Assert.Equal("", Names(PlanFacts.PlanOf("-M web --keep-unit --register=no", host)));
    }

    [Fact]
    public void A_registered_machine_has_the_directories_its_name_says()
    {
        Plan plan = PlanFacts.PlanOf("-M web", s_host);

        Assert.Equal(
            ["/run/systemd/nspawn/web", "/run/systemd/nspawn/propagate/web", "/run/systemd/nspawn/web/unix-export"],
            plan.Host.OfType<MakeHostDirectory>().Select(make => make.Path));
        Assert.True(plan.Host.OfType<MakeHostDirectory>().First().Locked);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("--register=no", true)]
    [InlineData("--register=yes", false)]
    [InlineData("--slice=web", false)]
    [InlineData("--property=TasksMax=5", false)]
    public void A_scope_is_insisted_on_where_something_depends_on_it(string line, bool optional) =>
        Assert.Equal(optional, PlanFacts.PlanOf("-M web " + line, s_host).Unit.OfType<MakeScope>().Single().Optional);

    [Theory]
    [InlineData("--property=MemoryMax=1G", "memory.max=1073741824")]
    [InlineData("--property=MemoryHigh=50%", "memory.high=4294967296")]
    [InlineData("--property=MemorySwapMax=infinity", "memory.swap.max=max")]
    [InlineData("--property=CPUQuota=20%", "cpu.max=20000 100000")]
    [InlineData("--property=CPUQuota=", "cpu.max=max 100000")]
    [InlineData("--property=CPUWeight=50", "cpu.weight=50")]
    [InlineData("--property=IOWeight=50", "io.weight=default 50")]
    [InlineData("--property=TasksMax=100", "pids.max=100")]
    [InlineData("--property=AllowedCPUs=0-1,3", "cpuset.cpus=0-1,3")]
    public void Without_a_service_manager_limits_are_written_to_the_group(string line, string limit)
    {
        HostFacts host = PlanFacts.Host with { Controllers = ["cpu", "cpuset", "io", "memory", "pids"], Memory = 8UL << 30 };
        LimitCgroup step = PlanFacts.PlanOf(line, host).Host.OfType<LimitCgroup>().Single();

        Assert.Equal(limit, $"{step.File}={step.Value}");
        Assert.Empty(PlanFacts.PlanOf(line, s_host).Host.OfType<LimitCgroup>());
    }

    [Theory]
    [InlineData("--property=MemoryMax=1G", "--property=MemoryMax=1G has no effect: the memory controller is not available in the launcher's cgroup")]
    [InlineData("--property=OOMPolicy=stop", "--property=OOMPolicy=stop has no effect: there is no service manager here to set it")]
    [InlineData("--keep-unit --property=MemoryMax=1G", "--slice= and --property= have no effect with --keep-unit: the caller's unit has its own")]
    [InlineData("--slice=web", "--slice= has no effect: the container gets no scope unit")]
    public void A_limit_that_cannot_be_set_is_said(string line, string notice) =>
        Assert.Contains(notice, PlanFacts.PlanOf(line, PlanFacts.Host with { Controllers = [] }).Warnings ?? []);

    [Fact]
    public void A_unit_that_is_not_delegated_is_named()
    {
        HostFacts host = s_host with { DelegatedGroup = null, Unit = "run-u7.service" };

        Assert.Contains(PlanFacts.PlanOf("--keep-unit", host).Warnings ?? [], line => line.StartsWith("run-u7.service is not delegated") && line.Contains("Delegate=yes"));
        Assert.Null(PlanFacts.PlanOf("--keep-unit", s_host).Warnings);
        Assert.Null(PlanFacts.PlanOf("", host).Warnings);
    }

    private static string Names(Plan plan) => string.Join(' ', plan.Unit.Select(step => step.GetType().Name));
}
