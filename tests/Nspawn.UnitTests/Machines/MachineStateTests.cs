using System.Collections.Immutable;
using System.Text;
using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class MachineStateTests
{
    private static readonly MachineState s_state = new()
    {
        Machine = "debian",
        Id = Guid.Parse("0123456789abcdef0123456789abcdef"),
        Tree = "/srv/a\nb\\n=c",
        Leader = new ProcessIdentity(17, "pidfd:4711"),
        Launcher = new ProcessIdentity(16, "start:99"),
        Cgroup = "/nspawn-debian-0123abcd",
        Started = 1_700_000_000_000_000,
        Announces = true,
        Confinement = new Confinement
        {
            Bounding = new CapabilitySet(0x1234),
            NoNewPrivileges = true,
            SuppressSync = true,
            Personality = Personality.X86,
            AllowSystemCalls = ["bpf", "@swap"],
            DenySystemCalls = ["ptrace"],
            Affinity = [0, 3],
            Limits = [new Rlimit(1, 2), new Rlimit(Rlimit.Infinity, Rlimit.Infinity)],
            Environment = ["A=b", "LINES=one\ntwo\\three", "EMPTY="],
        },
    };

    [Fact]
    public void What_is_written_is_read_again()
    {
        MachineState read = Assert.IsType<MachineState>(MachineState.Parse(s_state.ToText()));

        Assert.Equal(s_state.ToText(), read.ToText());
        Assert.Equal(s_state.Tree, read.Tree);
        Assert.Equal(s_state.Leader, read.Leader);
        Assert.Equal(s_state.Confinement.Environment.AsEnumerable(), read.Confinement.Environment);
        Assert.Equal(s_state.Confinement.Limits.AsEnumerable(), read.Confinement.Limits);
        Assert.Equal(s_state.Confinement.Personality, read.Confinement.Personality);
    }

    [Fact]
    public void A_state_that_is_not_written_to_its_end_is_none()
    {
        string text = s_state.ToText();
        Assert.All(Enumerable.Range(0, text.Length), length => Assert.Null(MachineState.Parse(text[..length])));
    }

    [Theory]
    [InlineData("", MachinePhase.Starting)]
    [InlineData("ACTIVE=basic.target\n", MachinePhase.Starting)]
    [InlineData("READY\n", MachinePhase.Ready)]
    [InlineData("READY", MachinePhase.Starting)] // not to its end
    [InlineData("READY\nSTOPPING\n", MachinePhase.Stopping)]
    public void News_tell_how_far_it_is(string news, MachinePhase phase) =>
        Assert.Equal(phase, MachineState.Parse(s_state.ToText() + news)!.Phase);

    [Fact]
    public void Who_does_not_announce_anything_runs() =>
        Assert.Equal(MachinePhase.Running, MachineState.Parse((s_state with { Announces = false }).ToText())!.Phase);

    [Fact]
    public void A_unit_is_active_until_it_is_not() =>
        Assert.Equal(["b.target"], MachineState.Parse(s_state.ToText() + "ACTIVE=a.target\nACTIVE=b.target\nINACTIVE=a.target\n")!.ActiveUnits);

    [Fact]
    public void News_are_told_once_and_without_end_they_end()
    {
        MachineNews news = new();
        Assert.Equal(["ACTIVE=a.target", "READY"], Told(news, "X_SYSTEMD_UNIT_ACTIVE=a.target\nREADY=1"));
        Assert.Empty(Told(news, "READY=1\nX_SYSTEMD_UNIT_ACTIVE=a.target\nSTATUS=up"));
        Assert.Empty(Told(news, "X_SYSTEMD_UNIT_ACTIVE=no unit\nX_SYSTEMD_UNIT_ACTIVE=\nX_SYSTEMD_UNIT_INACTIVE=b.target"));
        Assert.Equal(999, Enumerable.Range(0, 5000).Sum(n => Told(news, $"X_SYSTEMD_UNIT_ACTIVE=u{n}.target").Length));
        Assert.Equal(["STOPPING"], Told(news, "STOPPING=1\nX_SYSTEMD_SHUTDOWN=poweroff"));
    }

    [Fact]
    public void A_plan_confines_to_what_its_steps_say()
    {
        Plan plan = PlanFacts.PlanOf("--boot --no-new-privileges=yes --rlimit=RLIMIT_NOFILE=5:6 --drop-capability=CAP_SYS_ADMIN");
        Confinement confinement = Confinement.Of(plan, PlanFacts.Host.Limits);

        Assert.True(confinement.NoNewPrivileges);
        Assert.Equal(new Rlimit(5, 6), confinement.Limits[(int)RlimitResource.Nofile]);
        Assert.False(confinement.Bounding.Contains(Capability.SysAdmin));
        Assert.True(confinement.Bounding.Contains(Capability.Chown));
        Assert.Contains("container=systemd-nspawn", confinement.Environment);
    }

    private static ImmutableArray<string> Told(MachineNews news, string message) => news.Of(Encoding.UTF8.GetBytes(message));
}
