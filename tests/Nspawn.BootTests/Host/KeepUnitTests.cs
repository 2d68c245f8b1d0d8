using Xunit;

namespace Nspawn.BootTests;

/// <summary>Containers that are services of the host: <c>--keep-unit</c>, and a launcher with a scope in a service.</summary>
[Collection(nameof(Hosts))]
public sealed class KeepUnitTests(Hosts hosts)
{
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void KeepUnit_Delegated_RunsInTheService(string fixture)
    {
        using Machine machine = new(hosts[fixture]);
        using Unit unit = Unit.Start(machine, ["--keep-unit", "-b"], "Delegate=yes");
        // Type=notify: started means registered.
        machine.AssertListed();
        Assert.Equal(unit.Name, machine.Show("Unit"));
        string group = hosts[fixture].Output("cat", $"/proc/{machine.Show("Leader")}/cgroup").Split('\n')[^1];
        Assert.Contains($"/{unit.Name}/payload", group, StringComparison.Ordinal);
        Assert.Equal("running", hosts[fixture].Output("systemctl", "-M", machine.Name, "is-system-running", "--wait"));
        unit.StopAndExpect("success");
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void KeepUnit_NotDelegated_RunsAllTheSame(string fixture)
    {
        using Machine machine = new(hosts[fixture]);
        using Unit unit = Unit.Start(machine, ["--keep-unit", "-b"], "Delegate=no");
        machine.AssertListed();
        Assert.Equal(unit.Name, machine.Show("Unit"));
        unit.StopAndExpect("success");
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void KeepUnit_RebootRestartsTheService(string fixture)
    {
        using Machine machine = new(hosts[fixture]);
        using Unit unit = Unit.Start(machine, ["--keep-unit", "-b"], "Delegate=yes", "RestartForceExitStatus=133", "SuccessExitStatus=133");
        string first = machine.Show("Leader");
        hosts[fixture].Output("machinectl", "reboot", machine.Name);
        hosts[fixture].Eventually(
            $"systemctl show {unit.Name} --value -p NRestarts && machinectl show {machine.Name} --value -p Leader && systemctl is-active {unit.Name}",
            answer => answer.ExitStatus == 0 && answer.Text.StartsWith("1\n", StringComparison.Ordinal)
                && answer.Text.Split('\n')[1] != first && answer.Text.Contains("\nactive\n", StringComparison.Ordinal));
        unit.StopAndExpect("success");
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void ServiceWithAScope_StoppedAndKilled_LeavesNothing(string fixture)
    {
        using Machine machine = new(hosts[fixture]);
        using (Unit unit = Unit.Start(machine, ["-b"]))
        {
            Assert.EndsWith(machine.Name + ".scope", machine.Show("Unit"), StringComparison.Ordinal);
            unit.StopAndExpect("success");
            machine.AssertNothingLeft();
        }

        if (!NestedLauncher.IsReference)
        {
            // The launcher of the reference is outlived by its payload.
            using Unit unit = Unit.Start(machine, ["-b"]);
            hosts[fixture].Output("systemctl", "kill", "--signal=KILL", unit.Name);
            // With its janitor, so nobody is there to tidy up; but nothing runs, and nothing is in the way of the next one.
            machine.AssertNothingRuns();
            hosts[fixture].Output("systemctl", "start", unit.Name);
            machine.AssertListed();
            unit.StopAndExpect("success");
            machine.AssertNothingRuns();
        }
    }
}
