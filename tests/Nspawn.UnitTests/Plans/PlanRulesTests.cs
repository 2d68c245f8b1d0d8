using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>Single decisions of a plan: its name, its limits, its custom mounts.</summary>
public class PlanRulesTests
{
    [Theory]
    [InlineData("/srv/debian", "debian")]
    [InlineData("/srv/debian-12.5", "debian-12.5")]
    [InlineData("/srv/my tree_1", "mytree1")]
    [InlineData("/srv/-.a..b--c.-", "a.b-c")]
    [InlineData("/srv/b\u00e4r\n", "br")]
    [InlineData("/", "hostname")]
    public void A_machine_is_named_after_its_tree(string path, string name) =>
        Assert.Equal(name, MachineNameOfTree.From(path, "hostname"));

    [Theory]
    [InlineData("/srv/___")]
    [InlineData("/srv/...")]
    public void A_tree_without_a_usable_name_needs_one(string path) => Assert.Equal(
        $"cannot make a machine name from {path}: give one with --machine=",
        Assert.Throws<LaunchException>(() => MachineNameOfTree.From(path, "hostname")).Message);

    [Fact]
    public void Every_name_made_is_one_that_could_be_given()
    {
        Random random = new(7);
        const string Characters = "ab1-._ /\u00e9\n";
        for (int i = 0; i < 5000; i++)
        {
            string path = "/x" + string.Concat(Enumerable.Range(0, random.Next(90)).Select(_ => Characters[random.Next(Characters.Length)])) + "z";

            Assert.True(MachineNames.IsValid(MachineNameOfTree.From(path, "h")), path);
        }
    }

    [Theory]
    [InlineData("--rlimit=NOFILE=100:200", true, 100, 200)]
    [InlineData("--rlimit=NOFILE=100:infinity", true, 100, 1048576)]
    [InlineData("--rlimit=NOFILE=infinity", true, 1048576, 1048576)]
    [InlineData("--rlimit=NOFILE=5000:9000", false, 4096, 4096)]
    [InlineData("--rlimit=NOFILE=100:9000", false, 100, 4096)]
    [InlineData("", true, 1024, 524288)]
    [InlineData("", false, 1024, 4096)]
    public void A_limit_is_as_near_to_what_was_asked_as_the_kernel_permits(string line, bool mayRaise, ulong soft, ulong hard)
    {
        HostFacts host = PlanFacts.Host with
        {
            Bounding = mayRaise ? CapabilitySet.All : CapabilitySet.All.Except(CapabilitySet.Of(Capability.SysResource)),
            Limits = [.. Enumerable.Repeat(new Rlimit(2048, 4096), Limits.Count)],
        };
        SetRlimit set = PlanFacts.PlanOf(line, host).Leader.OfType<SetRlimit>().Single(step => step.Resource == RlimitResource.Nofile);

        Assert.Equal(new Rlimit(soft, hard), set.Limit);
        Assert.Equal(line.Length > 0, set.Reason == "--rlimit=");
    }

    [Fact]
    public void A_limit_that_is_so_already_is_not_set() => Assert.DoesNotContain(
        PlanFacts.PlanOf("").Leader, step => step is SetRlimit { Resource: RlimitResource.Cpu or RlimitResource.As or RlimitResource.Rss });

    [Fact]
    public void Mounts_are_made_parents_first_and_those_in_proc_by_the_container()
    {
        Plan plan = PlanFacts.PlanOf("--tmpfs=/a/b --tmpfs=/a-c --tmpfs=/a --bind=:/proc/d --tmpfs=/proc/c --inaccessible=/proc/e --tmpfs=/procession");

        Assert.Equal(["/a", "/a-c", "/a/b", "/procession"], plan.Tree.OfType<Mount>().Where(IsCustom).Select(mount => mount.Target));
        Assert.Equal(["/proc/c", "/proc/d"], plan.Leader.OfType<Mount>().Where(IsCustom).Select(mount => mount.Target));
        Assert.Equal("/proc/e", Assert.Single(plan.Leader.OfType<Cover>()).Path);
    }

    [Fact]
    public void A_bound_device_may_be_used()
    {
        MakeCgroup group = PlanFacts.PlanOf("--bind=/dev/kvm").Host.OfType<MakeCgroup>().Single();

        Assert.Contains(new DeviceRule(DeviceKind.Character, 10, 232, DeviceAccess.Read | DeviceAccess.Write), group.Devices);
        Assert.Equal(group.Devices.Length, DevicePolicy.Default.Length + 1);
    }

    [Theory]
    [InlineData("--uid=joe --no-new-privileges=yes id", "mode=0755", 0x124)]
    [InlineData("--uid=joe --no-new-privileges=yes --as-pid2 id", "mode=0755", 0x124)]
    [InlineData("--uid=joe id", "mode=0700", 0x100)]
    [InlineData("--boot", "mode=0700", 0x100)]
    public void A_user_who_cannot_become_root_reads_the_credentials(string line, string directory, uint file)
    {
        Plan plan = PlanFacts.PlanOf($"--set-credential=a:b {line}", tree: PlanFacts.Tree with { User = PlanFacts.Joe });

        Assert.Equal(directory, plan.Tree.OfType<Mount>().Single(mount => mount.Type == "ramfs").Options);
        Assert.Equal(file, plan.Tree.OfType<WriteCredential>().Single().Permissions);
    }

    [Fact]
    public void Ambient_capabilities_are_those_the_launcher_can_hand_on()
    {
        HostFacts host = PlanFacts.Host with { Bounding = CapabilitySet.Of(Capability.Chown) };
        Plan plan = PlanFacts.PlanOf(
            "--uid=joe --ambient-capability=CAP_CHOWN,CAP_NET_RAW id", host, PlanFacts.Tree with { User = PlanFacts.Joe });

        Assert.Equal(host.Bounding, plan.Leader.OfType<SetCapabilities>().Single().Ambient);
    }

    private static bool IsCustom(Step step) => step.Reason.StartsWith("--", StringComparison.Ordinal);
}
