using System.Text;
using System.Text.Json.Serialization;
using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>What holds for every plan, whatever was asked.</summary>
public class PlanInvariantTests
{
    private static readonly (Settings Settings, HostFacts Host, Plan Plan)[] s_all = [.. RandomPlans.All()];

    /// <summary>What the launcher itself puts into the payload's environment.</summary>
    private static readonly string[] s_variables =
    [
        "PATH", "container", "TERM", "COLORTERM", "NO_COLOR", "HOME", "USER", "LOGNAME", "container_uuid", "LISTEN_FDS", "LISTEN_PID",
        "NOTIFY_SOCKET", "CREDENTIALS_DIRECTORY", "LANG", "container_host_id", "container_host_version_id",
    ];

    [Fact]
    public void Every_kind_of_step_has_a_name_in_json() => Assert.Empty(
        typeof(Step).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Step)) && !type.IsAbstract)
            .Except(typeof(Step).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), inherit: false).Cast<JsonDerivedTypeAttribute>().Select(one => one.DerivedType)));

    [Fact]
    public void There_are_enough_plans_of_every_kind()
    {
        Assert.InRange(s_all.Length, 300, 10_000);
        Assert.All(Enum.GetValues<StartMode>(), mode => Assert.InRange(s_all.Count(one => one.Settings.Mode == mode), 50, 10_000));
    }

    [Fact]
    public void Every_step_says_why_in_one_line() => ForEveryStep(step => step.Reason.Length > 0 && !step.Reason.Contains('\n'));

    [Fact]
    public void Every_path_is_absolute() => ForEveryStep(step => step.GetType().GetProperties()
        .Where(property => property.PropertyType == typeof(string) && IsPath(step, property.Name))
        .All(property => property.GetValue(step) is not string path || path.StartsWith('/')));

    [Fact]
    public void The_root_is_changed_when_all_of_the_tree_is_done() => Assert.All(s_all, one =>
    {
        Assert.IsType<AttachTree>(one.Plan.Tree[0]);
        Assert.IsType<SwitchRoot>(Assert.Single(one.Plan.Tree.SkipWhile(step => step is not SwitchRoot), step => step is not SetSlave));
    });

    [Fact]
    public void The_filter_is_loaded_after_the_user_is_changed_and_before_capabilities_go() => Assert.All(s_all, one =>
    {
        int[] order =
        [
            IndexOf<NewSession>(one.Plan), IndexOf<SetUser>(one.Plan), IndexOf<LoadFilter>(one.Plan), IndexOf<SetCapabilities>(one.Plan),
            one.Plan.Leader.Length - 1,
        ];

        Assert.Equal(order.Order(), order);
        Assert.Equal(order.Distinct(), order);
    });

    [Fact]
    public void Only_the_last_step_executes_and_it_has_something_to_execute() => Assert.All(s_all, one =>
    {
        Execute execute = Assert.IsType<Execute>(Assert.Single(one.Plan.Leader, step => step is Execute));
        Assert.Same(one.Plan.Leader[^1], execute);
        Assert.NotEmpty(execute.Candidates);
        Assert.All(execute.Candidates, candidate => Assert.True(candidate.Path.StartsWith('/') || candidate.Path == one.Settings.Arguments[0]));
        Assert.All(execute.Candidates, candidate => Assert.NotEmpty(candidate.Arguments));
    });

    [Fact]
    public void Steps_that_reach_the_host_come_before_the_first_process() => Assert.All(s_all, one =>
        Assert.DoesNotContain(one.Plan.Leader, step => step is BindHost or MountOverlay or CopyHostFile or AttachTree or MakeNode or WriteFile));

    [Fact]
    public void Nothing_of_the_callers_environment_gets_in_unasked() => Assert.All(s_all, one =>
    {
        string[] asked = [.. one.Settings.Environment.Select(NameOf)];
        string[] names = [.. PlanFacts.ExecuteOf(one.Plan).Environment.Select(NameOf)];

        Assert.Empty(names.Except(asked).Except(s_variables));
        Assert.Equal(names.Distinct(), names);
        Assert.DoesNotContain(PlanFacts.ExecuteOf(one.Plan).Environment, variable => variable.Contains("leak") && variable != "ASKED=leak-ASKED");
    });

    [Fact]
    public void No_plan_shows_a_credentials_value() => Assert.All(s_all, one =>
    {
        string json = PlanJson.Of(one.Plan);
        foreach (Credential credential in one.Settings.Credentials.Where(credential => credential.Value is not null))
        {
            Assert.DoesNotContain(Encoding.UTF8.GetString(credential.Value!), json);
            Assert.DoesNotContain(Convert.ToBase64String(credential.Value!), json);
        }

        Assert.DoesNotContain(RandomPlans.Secret, json);
    });

    [Fact]
    public void No_capability_is_set_that_the_launcher_lacks_or_that_was_dropped() => Assert.All(s_all, one =>
    {
        SetCapabilities set = one.Plan.Leader.OfType<SetCapabilities>().Single();
        Assert.True(one.Plan.Namespaces.HasFlag(CloneFlags.NewUser) || one.Host.Bounding.Contains(set.Bounding));
        Assert.True(set.Bounding.Contains(set.Effective));
        Assert.True(set.Effective.Contains(set.Ambient));
        Assert.Equal(0UL, set.Bounding.Intersect(one.Settings.DropCapabilities).Mask);
    });

    [Fact]
    public void No_limit_is_set_that_the_kernel_would_refuse() => Assert.All(s_all, one =>
        Assert.All(one.Plan.Leader.OfType<SetRlimit>(), set =>
        {
            Assert.True(set.Limit.Soft <= set.Limit.Hard);
            Assert.True(one.Host.Bounding.Contains(Capability.SysResource) || set.Limit.Hard <= one.Host.Limits[(int)set.Resource].Hard);
            Assert.True(set.Resource != RlimitResource.Nofile || set.Limit.Hard <= one.Host.NrOpen);
        }));

    [Fact]
    public void A_read_only_tree_is_not_written() => Assert.All(s_all.Where(one => one.Settings is { ReadOnly: true, Volatile: VolatileMode.No }), one =>
    {
        Assert.IsType<SetReadOnly>(one.Plan.Tree.First(step => step is not (AttachTree or ActAs or PivotTree)));
        Assert.All(one.Plan.Tree.Where(step => step is ReplaceFile or ReplaceSymlink or RemoveFile or CopyHostFile), step => Assert.True(step.Optional));
    });

    [Fact]
    public void The_container_gets_one_cgroup_before_it_runs() => Assert.All(s_all, one =>
        Assert.Single(Steps(one.Plan), step => step is MakeCgroup or MakePayloadGroup));

    [Fact]
    public void The_same_facts_give_the_same_plan() => Assert.All(s_all.Zip(RandomPlans.All()).Take(100), pair =>
        Assert.Equal(PlanJson.Of(pair.First.Plan), PlanJson.Of(pair.Second.Plan)));

    /// <summary>A link's text may be relative; everything else that names a place may not.</summary>
    private static bool IsPath(Step step, string property) => property switch
    {
        "Path" or "HostPath" or "Source" or "Devpts" => true,
        "Target" => step is not (MakeSymlink or ReplaceSymlink),
        _ => false,
    };

    private static void ForEveryStep(Func<Step, bool> holds) =>
        Assert.All(s_all, one => Assert.All(Steps(one.Plan), step => Assert.True(holds(step), step.ToString())));

    private static IEnumerable<Step> Steps(Plan plan) => [.. plan.Host, .. plan.Tree, .. plan.Unit, .. plan.Leader];

    private static int IndexOf<T>(Plan plan) => plan.Leader.IndexOf(plan.Leader.Single(step => step is T));

    private static string NameOf(string assignment) => assignment[..assignment.IndexOf('=')];
}
