using Xunit;

namespace Nspawn.BootTests;

/// <summary>The transient scope a container runs in, and whether it is registered.</summary>
[Collection(nameof(Hosts))]
public sealed class ScopeTests(Hosts hosts)
{
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Default_IsADelegatedScopeInMachineSlice(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot();
        Assert.Equal("machine.slice", machine.ShowUnit("Slice"));
        Assert.Equal("yes", machine.ShowUnit("Delegate"));
        Assert.Equal("Container " + machine.Name, machine.ShowUnit("Description"));
        Assert.Equal("inactive-or-failed", machine.ShowUnit("CollectMode"));
        Assert.Equal("closed", machine.ShowUnit("DevicePolicy"));
        string devices = machine.ShowUnit("DeviceAllow");
        Assert.Contains("/dev/net/tun rwm", devices, StringComparison.Ordinal);
        Assert.Contains("char-pts rw", devices, StringComparison.Ordinal);
        // The payload has a group of its own below the scope's, and sees it as the root.
        string group = hosts[fixture].Output("cat", $"/proc/{machine.Show("Leader")}/cgroup").Split('\n')[^1];
        Assert.Contains($"/machine.slice/{machine.Show("Unit")}/payload/", group, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void UsersOfItsOwn_HaveTheMachineAndItsGroup(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot("-U");
        machine.AssertListed();
        string range = hosts[fixture].Output("awk", "{ print $2 }", $"/proc/{machine.Show("Leader")}/uid_map");
        string group = $"/sys/fs/cgroup/machine.slice/{machine.Show("Unit")}/payload";
        Assert.NotEqual("0", range);
        Assert.Equal(
            $"{range}:{range}\n{range}:{range}\n{range}:{range}\n0:0",
            hosts[fixture].Output("stat", "-c", "%u:%g", group, group + "/cgroup.procs", group + "/cgroup.subtree_control", group + "/cgroup.freeze"));
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void SliceAndProperties_AreAsAsked(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot(
            "--slice=test-guests", "--property=TasksMax=345", "--property=MemoryMax=123M", "--property=KillSignal=SIGUSR2",
            "--property=CPUWeight=77", "--property=TimeoutStopSec=17s", "--property=DeviceAllow=/dev/fuse r", "--property=Description=Said by a test");
        Assert.Equal("test-guests.slice", machine.ShowUnit("Slice"));
        Assert.Equal("345", machine.ShowUnit("TasksMax"));
        Assert.Equal("128974848", machine.ShowUnit("MemoryMax"));
        Assert.Equal("12", machine.ShowUnit("KillSignal"));
        Assert.Equal("77", machine.ShowUnit("CPUWeight"));
        Assert.Equal("17s", machine.ShowUnit("TimeoutStopUSec"));
        Assert.Equal("Said by a test", machine.ShowUnit("Description"));
        Assert.Contains("/dev/fuse r", machine.ShowUnit("DeviceAllow"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void BadProperty_IsOneLineAndNothingLeft(string fixture)
    {
        using Machine machine = new(hosts[fixture]);
        foreach (string bad in (string[])["NoSuchProperty=1", "MemoryMax=plenty", "TasksMax"])
        {
            Outcome outcome = machine.Run("--property=" + bad, "true");
            Assert.True(outcome.ExitStatus == NestedLauncher.ErrorStatus, $"{bad}: {outcome}");
            if (!NestedLauncher.IsReference)
            {
                OneLine.AssertSaid(outcome.Error, bad.Split('=')[0]);
            }

            machine.AssertNothingLeft();
        }
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void RegisterNo_HasAScopeButIsNoMachine(string fixture)
    {
        using Machine machine = new Machine(hosts[fixture]).Boot("--register=no");
        RealHost host = hosts[fixture];
        Assert.DoesNotContain(machine.Name, host.Output("machinectl", "list", "--no-legend"), StringComparison.Ordinal);
        Assert.Contains(machine.Name + ".scope", host.Output("systemctl", "list-units", "--plain", "--no-legend", "--type=scope"), StringComparison.Ordinal);
        machine.Signal(Mono.Unix.Native.Signum.SIGTERM);
        machine.AssertEnds();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void RegisterYes_Registers(string fixture)
    {
        using Machine machine = new(hosts[fixture]);
        machine.Start("--register=yes", "sh", "-c", "echo up; sleep 60");
        Assert.True(machine.Launcher.WaitForOutput("up", TimeSpan.FromSeconds(10)), machine.Launcher.OutputSoFar);
        machine.AssertListed();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void NameTaken_IsOneLine(string fixture)
    {
        using Machine machine = new(hosts[fixture], "taken-" + fixture);
        machine.Start("sh", "-c", "echo up; sleep 60");
        Assert.True(machine.Launcher.WaitForOutput("up", TimeSpan.FromSeconds(10)), machine.Launcher.OutputSoFar);

        // Another tree, so that only the name is in the way.
        Outcome outcome = hosts[fixture].Run([NestedLauncher.Program, "-q", "-M", machine.Name, "-D", RealHost.GuestTree, "--read-only", "true"]);
        Assert.True(outcome.ExitStatus == NestedLauncher.ErrorStatus, outcome.ToString());
        if (!NestedLauncher.IsReference)
        {
            OneLine.AssertSaid(outcome.Error, machine.Name);
        }

        machine.AssertListed();
        Assert.False(machine.Launcher.HasEnded);
    }

    // A machine of that name would be another's, and machined takes none of these.
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void NameMachinedRefuses_IsOneLine(string fixture)
    {
        foreach (string name in (string[])[".host", "a..b", "-a", "a_b", "a b", "ä", new string('a', 65)])
        {
            Outcome outcome = hosts[fixture].Run([NestedLauncher.Program, "-q", "-M", name, "-D", RealHost.GuestTree, "--read-only", "true"]);
            Assert.True(outcome.ExitStatus == NestedLauncher.ErrorStatus, $"{name}: {outcome}");
            if (!NestedLauncher.IsReference)
            {
                OneLine.AssertSaid(outcome.Error, "--machine");
            }
        }
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void ScopeNameTaken_IsOneLine(string fixture)
    {
        RealHost host = hosts[fixture];
        using Machine machine = new(host);
        using Command other = host.Start(["systemd-run", "-q", "--scope", $"--unit={machine.Name}.scope", "sh", "-c", "echo up; sleep 60"]);
        Assert.True(other.WaitForOutput("up", TimeSpan.FromSeconds(10)), other.OutputSoFar);
        foreach (string register in (string[])["auto", "no"])
        {
            Outcome outcome = machine.Run("--register=" + register, "echo", "ran");
            Assert.True(outcome.ExitStatus == NestedLauncher.ErrorStatus && outcome.Text.Length == 0, outcome.ToString());
            if (!NestedLauncher.IsReference)
            {
                OneLine.AssertSaid(outcome.Error, machine.Name + ".scope");
            }
        }

        // The other one is where it was, and nothing else.
        Assert.Equal("active", host.Output("systemctl", "is-active", machine.Name + ".scope"));
        host.Output("systemctl", "stop", machine.Name + ".scope");
        machine.AssertNothingLeft();
    }

    // As on a host where machined has no socket, but the newest methods.
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void MachinedByBusAlone_Registers(string fixture)
    {
        RealHost host = hosts[fixture];
        using Machine machine = new(host);
        Outcome outcome = host.Run(
        [
            "unshare", "--mount", "--propagation", "slave", "sh", "-ec", """
            [ ! -S "$0" ] || mount --bind /dev/null "$0"
            exec "$@"
            """,
            "/run/systemd/machine/io.systemd.Machine",
            .. NestedLauncher.CommandLine(machine.Name, ["--register=yes", "--bind=/run/systemd/machines:/mnt", "cat", "/mnt/" + machine.Name]),
        ]);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Contains($"SCOPE={machine.Name}.scope\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("CLASS=container\n", outcome.Text, StringComparison.Ordinal);
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void TwentyAtOnce_AreListedAndGo(string fixture)
    {
        Machine[] machines = [.. Enumerable.Range(0, 20).Select(_ => new Machine(hosts[fixture]))];
        try
        {
            Array.ForEach(machines, machine => machine.Start("--kill-signal=SIGTERM", "sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done"));
            Assert.All(machines, machine => Assert.True(
                machine.Launcher.WaitForOutput("up", TimeSpan.FromSeconds(30)), machine.Launcher.HasEnded ? machine.Launcher.Wait(TimeSpan.Zero).ToString() : ""));
            Assert.Equal(machines.Select(machine => machine.Name).Order(), Listed(fixture));
            Array.ForEach(machines, machine => machine.Signal(Mono.Unix.Native.Signum.SIGTERM));
            Assert.All(machines, machine => Assert.Equal(0, machine.Launcher.Wait(TimeSpan.FromSeconds(30)).ExitStatus));
            Assert.Empty(Listed(fixture));
            Assert.All(machines, machine => machine.AssertNothingLeft());
        }
        finally
        {
            Array.ForEach(machines, machine => machine.Dispose());
        }
    }

    private string[] Listed(string fixture) =>
    [
        .. hosts[fixture].Output("machinectl", "list", "--no-legend").Split('\n').Select(line => line.Split(' ')[0])
            .Where(name => name.Length > 0 && name != hosts.GuestOf(fixture).Name).Order(),
    ];
}
