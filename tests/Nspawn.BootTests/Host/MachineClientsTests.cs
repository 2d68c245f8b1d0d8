using Xunit;

namespace Nspawn.BootTests;

/// <summary>The programs that take <c>-M NAME</c>, and those that show what belongs to which machine.</summary>
[Collection(nameof(Hosts))]
public sealed class MachineClientsTests(Hosts hosts)
{
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void ClientsReachTheGuest(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        RealHost host = hosts[fixture];
        Assert.Equal("running", host.Output("systemctl", "-M", machine.Name, "is-system-running", "--wait"));
        Assert.Contains("1 ", host.Output("loginctl", "-M", machine.Name, "list-users") + " 1 ", StringComparison.Ordinal);
        Assert.Contains("Started", host.Output("journalctl", "-M", machine.Name, "--no-pager", "_PID=1"), StringComparison.Ordinal);
        Assert.Contains(machine.Name, host.Output("systemctl", "list-machines", "--no-legend", "--plain"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void SystemdRun_GivesOutputAndStatus(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        Outcome ran = hosts[fixture].Run(
            ["systemd-run", "-q", "-M", machine.Name, "--pipe", "--wait", "sh", "-c", "cat /etc/machine-id; echo complaint >&2; exit 7"]);
        Assert.Equal((7, machine.Show("Id") + "\n"), (ran.ExitStatus, ran.Text));
        Assert.Contains("complaint", ran.Error, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Processes_BelongToTheMachine(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        RealHost host = hosts[fixture];
        string[] processes = host.Output("ps", "-e", "-o", "machine=,comm=").Split('\n');
        Assert.Contains(processes, line => line.StartsWith(machine.Name, StringComparison.Ordinal) && line.EndsWith(" systemd", StringComparison.Ordinal));
        Assert.Contains(processes, line => line.StartsWith(machine.Name, StringComparison.Ordinal) && line.EndsWith(" dbus-daemon", StringComparison.Ordinal));
        // The launcher is the host's.
        Assert.DoesNotContain(processes, line => line.StartsWith(machine.Name, StringComparison.Ordinal) && line.Contains("nspawn", StringComparison.Ordinal));
        Assert.Contains("dbus.service", host.Output("systemd-cgls", "-M", machine.Name), StringComparison.Ordinal);
        Assert.Contains(machine.Name + ".scope", host.Output("systemd-cgls", "/machine.slice"), StringComparison.Ordinal);
    }
}
