using Xunit;

namespace Nspawn.BootTests;

/// <summary>The programs that take <c>-M NAME</c>, and those that show what belongs to which machine.</summary>
[Collection(nameof(Hosts))]
public sealed class MachineClientsTests(Hosts hosts)
{
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void ClientsReachTheGuest(string fixture)
    {
        Machine machine = hosts.GuestOf(fixture);
        RealHost host = hosts[fixture];
        Assert.Equal("active", host.Output("systemctl", "-M", machine.Name, "is-active", "dbus.service"));
        Assert.Equal(machine.Show("Id"), host.Output("systemd-run", "-q", "-M", machine.Name, "--pipe", "--wait", "cat", "/etc/machine-id"));
        Assert.Contains("Started", host.Output("journalctl", "-M", machine.Name, "--no-pager", "_PID=1"), StringComparison.Ordinal);
        Assert.Contains(machine.Name, host.Output("systemctl", "list-machines", "--no-legend", "--plain"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void SystemdRun_GivesOutputAndStatus(string fixture)
    {
        Machine machine = hosts.GuestOf(fixture);
        Outcome ran = hosts[fixture].Run(
            ["systemd-run", "-q", "--collect", "-M", machine.Name, "--pipe", "--wait", "sh", "-c", "cat /etc/machine-id; echo complaint >&2; exit 7"]);
        Assert.Equal((7, machine.Show("Id") + "\n"), (ran.ExitStatus, ran.Text));
        Assert.Contains("complaint", ran.Error, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Loginctl_SpeaksToTheGuestsLogind(string fixture)
    {
        Machine machine = hosts.GuestOf(fixture);
        RealHost host = hosts[fixture];
        host.Output("systemd-run", "-q", "-M", machine.Name, "--unit=session", "-p", "PAMName=login", "-p", "User=root", "sleep", "60");
        host.Eventually(
            $"loginctl -M {machine.Name} list-sessions --no-legend", answer => answer.Text.Contains(" root ", StringComparison.Ordinal));
        Assert.Contains("0 root", host.Output("loginctl", "-M", machine.Name, "list-users", "--no-legend"), StringComparison.Ordinal);
        Assert.DoesNotContain("0 root", host.Output("loginctl", "list-users", "--no-legend"), StringComparison.Ordinal);
        host.Output("systemctl", "-M", machine.Name, "stop", "session");
    }

    // Both ends of the pair are in the guest: what counts is that it has an address of a network of its own.
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Name_ResolvesToTheGuestsAddress(string fixture)
    {
        Machine machine = hosts.GuestOf(fixture);
        RealHost host = hosts[fixture];
        Assert.NotEqual(0, host.Shell($"getent ahosts {machine.Name}").ExitStatus);
        string inside = $"nsenter -t {machine.Show("Leader")} -n ip";
        host.Output("sh", "-ec", $"""
            {inside} link add host0 type veth peer name other0
            {inside} link set other0 up
            {inside} link set host0 up
            {inside} address add 10.11.12.13/24 dev host0
            """);
        try
        {
            Assert.StartsWith("10.11.12.13 ", host.Output("getent", "ahosts", machine.Name), StringComparison.Ordinal);
            Assert.Contains("10.11.12.13", host.Output("machinectl", "status", "--no-pager", "-n0", machine.Name), StringComparison.Ordinal);
            Assert.Contains("10.11.12.13", host.Output("machinectl", "list", "--no-legend"), StringComparison.Ordinal);
        }
        finally
        {
            host.Output("sh", "-c", inside + " link delete host0");
        }
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Processes_BelongToTheMachine(string fixture)
    {
        Machine machine = hosts.GuestOf(fixture);
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
