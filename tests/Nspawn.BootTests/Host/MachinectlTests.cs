using Xunit;

namespace Nspawn.BootTests;

/// <summary>What machinectl does with a machine that runs: it looks at it, enters it, copies, binds.</summary>
[Collection(nameof(Hosts))]
public sealed class MachinectlTests(Hosts hosts)
{
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void ListStatusShow_TellTheMachine(string fixture)
    {
        Machine machine = hosts.GuestOf(fixture);
        machine.AssertListed();
        string status = hosts[fixture].Output("machinectl", "status", "--no-pager", "-n0", machine.Name);
        Assert.Contains("Debian GNU/Linux 13", status, StringComparison.Ordinal);
        Assert.Contains("/usr/lib/systemd/systemd", status, StringComparison.Ordinal);
        Assert.Equal("container", machine.Show("Class"));
        Assert.Equal("running", machine.Show("State"));
        Assert.Equal(machine.Tree, machine.Show("RootDirectory"));
        Assert.NotEmpty(machine.Show("Service"));
        Assert.EndsWith(machine.Name + ".scope", machine.Show("Unit"), StringComparison.Ordinal);
        // The leader is PID 1 of the container, whose tree is the machine's; its id is the tree's own.
        string leader = machine.Show("Leader");
        Assert.Equal("systemd", hosts[fixture].Output("cat", $"/proc/{leader}/comm"));
        Assert.Equal(hosts[fixture].Output("cat", machine.Tree + "/etc/machine-id"), machine.Show("Id"));
        Assert.Equal(
            hosts[fixture].Output("stat", "-c", "%i", machine.Tree + "/usr"),
            hosts[fixture].Output("stat", "-c", "%i", $"/proc/{leader}/root/usr"));
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Shell_RunsACommandOnATerminalInside(string fixture)
    {
        Machine machine = hosts.GuestOf(fixture);
        // What it says is looked for in a file: machinectl 257 loses the last words of a command that ends at once.
        hosts[fixture].Output(
            "script", "-q", "-c", $"machinectl shell -q {machine.Name} /bin/sh -c '(tty; readlink /proc/self/ns/pid; cat /etc/machine-id) >/run/said'", "/dev/null");
        string file = $"/proc/{machine.Show("Leader")}/root/run/said";
        hosts[fixture].Eventually($"cat {file}", said => said.Text.EndsWith(machine.Show("Id") + "\n", StringComparison.Ordinal));
        string said = hosts[fixture].Output("cat", file);
        Assert.StartsWith("/dev/pts/", said, StringComparison.Ordinal);
        Assert.DoesNotContain(hosts[fixture].Output("readlink", "/proc/self/ns/pid"), said, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Login_StartsAGettyOnATerminalInside(string fixture)
    {
        Machine machine = hosts.GuestOf(fixture);
        // machinectl connects its own terminal with the one inside.
        using Command login = hosts[fixture].Start(["script", "-q", "-c", "machinectl login " + machine.Name, "/dev/null"]);
        Assert.True(login.WaitForOutput("login: ", TimeSpan.FromSeconds(15)), login.OutputSoFar);
        Assert.Contains(
            "container-getty@",
            hosts[fixture].Output("systemctl", "-M", machine.Name, "list-units", "--plain", "--no-legend", "container-getty@*"),
            StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void CopyTo_CopyFrom_ReachTheTree(string fixture)
    {
        Machine machine = hosts.GuestOf(fixture);
        RealHost host = hosts[fixture];
        host.Write("/run/sent", "there and back");
        host.Output("machinectl", "copy-to", machine.Name, "/run/sent", "/run/arrived");
        host.Output("machinectl", "copy-from", machine.Name, "/run/arrived", "/run/returned-" + machine.Name);
        Assert.Equal("there and back", host.Output("cat", "/run/returned-" + machine.Name));
        Assert.Equal("there and back", host.Output("cat", $"/proc/{machine.Show("Leader")}/root/run/arrived"));
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Bind_MountsIntoTheRunningMachine(string fixture)
    {
        Machine machine = hosts.GuestOf(fixture);
        RealHost host = hosts[fixture];
        host.Write($"/run/shared-{machine.Name}/file", "shared");
        host.Output("machinectl", "bind", "--mkdir", machine.Name, "/run/shared-" + machine.Name, "/mnt/inside");
        host.Output("machinectl", "bind", "--mkdir", "--read-only", machine.Name, "/run/shared-" + machine.Name, "/mnt/looking");
        string leader = machine.Show("Leader");
        Assert.Equal("shared", host.Output("cat", $"/proc/{leader}/root/mnt/inside/file"));
        Assert.Equal(0, host.Shell($"touch /proc/{leader}/root/mnt/inside/made && test -e /run/shared-{machine.Name}/made").ExitStatus);
        Assert.NotEqual(0, host.Shell($"touch /proc/{leader}/root/mnt/looking/made-too").ExitStatus);
    }
}
