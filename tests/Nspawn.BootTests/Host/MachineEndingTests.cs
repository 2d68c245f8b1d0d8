using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>However a registered machine ends, its unit, its registration and its processes end with it.</summary>
[Collection(nameof(Hosts))]
public sealed class MachineEndingTests(Hosts hosts)
{
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Poweroff(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        hosts[fixture].Output("machinectl", "poweroff", machine.Name);
        machine.AssertEnds();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Reboot_BootsAgain_RegisteredAgain(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        string leader = machine.Show("Leader");
        hosts[fixture].Output("machinectl", "reboot", machine.Name);
        machine.WaitForLogin(times: 2);
        machine.AssertListed();
        Assert.NotEqual(leader, machine.Show("Leader"));
        Assert.EndsWith(machine.Name + ".scope", machine.Show("Unit"), StringComparison.Ordinal);
        Assert.Equal("running", hosts[fixture].Output("systemctl", "-M", machine.Name, "is-system-running", "--wait"));
        hosts[fixture].Output("machinectl", "poweroff", machine.Name);
        machine.AssertEnds();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Terminate(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        hosts[fixture].Output("machinectl", "terminate", machine.Name);
        Assert.False(machine.Launcher.Wait(TimeSpan.FromSeconds(20)).TimedOut);
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Kill_SignalsTheLeader(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        // What systemd as PID 1 takes for "power off".
        hosts[fixture].Output("machinectl", "kill", "--kill-whom=leader", "--signal=RTMIN+4", machine.Name);
        machine.AssertEnds();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Kill_EverybodyBySigkill(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        hosts[fixture].Output("machinectl", "kill", "--signal=KILL", machine.Name);
        Assert.NotEqual(0, machine.Launcher.Wait(TimeSpan.FromSeconds(20)).ExitStatus);
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void StopOfTheScope_IsOrderly(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        hosts[fixture].Output("systemctl", "stop", machine.Show("Unit"));
        Outcome outcome = machine.Launcher.Wait(TimeSpan.FromSeconds(20));
        // The guest was asked, and went down by itself.
        Assert.Contains("Reached target", outcome.Text[outcome.Text.LastIndexOf("login: ", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Equal(0, outcome.ExitStatus);
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void KillOfTheScope_LeavesNothing(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        hosts[fixture].Output("systemctl", "kill", "--signal=KILL", machine.Show("Unit"));
        Assert.NotEqual(0, machine.Launcher.Wait(TimeSpan.FromSeconds(20)).ExitStatus);
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Sigterm_ToTheLauncher_IsOrderly(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        machine.Signal(Signum.SIGTERM);
        machine.AssertEnds();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Sigkill_ToTheLauncher_LeavesNothing(string fixture)
    {
        NestedLauncher.NotOnReference("its payload outlives it");
        using Machine machine = new Machine(hosts[fixture]).Boot();
        machine.Signal(Signum.SIGKILL);
        machine.AssertNothingLeft();
        // And nothing is in the way of the next one of that name.
        machine.Boot().AssertListed();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void RestartOfMachined_KeepsTheMachine(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        string leader = machine.Show("Leader");
        hosts[fixture].Output("systemctl", "restart", "systemd-machined");
        machine.AssertListed();
        Assert.Equal(leader, machine.Show("Leader"));
        hosts[fixture].Output("machinectl", "poweroff", machine.Name);
        machine.AssertEnds();
    }
}
