using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Containers of an ordinary user who is logged in to a systemd host: the user's own systemd gives the cgroup.</summary>
[Collection(nameof(Hosts))]
public sealed class UserSessionTests(Hosts hosts)
{
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Debian_boots_in_a_scope_of_the_users_systemd(string fixture)
    {
        NestedLauncher.NotOnReference("it takes nsresourced");
        using LoggedInUser user = new(hosts[fixture]);
        using Command launcher = user.Start(LoggedInUser.Nspawn, "-q", "-D", user.Tree, "-b");
        AssertRuns(user, launcher, out string cgroup);

        // Not the session's: that is root's to divide.
        Assert.Matches(@"/user@[0-9]+\.service/machine\.slice/tree\.scope/payload$", cgroup);
        AssertEnds(user, launcher);
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Debian_boots_in_a_scope_that_systemd_run_made(string fixture)
    {
        NestedLauncher.NotOnReference("it takes nsresourced");
        using LoggedInUser user = new(hosts[fixture]);
        using Command launcher = user.Start(
            "systemd-run", "--user", "--quiet", "--scope", "-p", "Delegate=yes", LoggedInUser.Nspawn, "-q", "-D", user.Tree, "-b");
        AssertRuns(user, launcher, out string cgroup);

        Assert.Contains("/user@", cgroup, StringComparison.Ordinal);
        AssertEnds(user, launcher);
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Command_has_the_properties_it_was_given_and_its_status_comes_back(string fixture)
    {
        NestedLauncher.NotOnReference("it takes nsresourced");
        using LoggedInUser user = new(hosts[fixture]);
        using Command launcher = user.Start(
            LoggedInUser.Nspawn, "-q", "-D", user.Tree, "-P", "--property=TasksMax=77", "--slice=mine.slice", "sh", "-c", "id -u; echo ready; sleep 60; exit 7");
        Assert.True(launcher.WaitForOutput("0\nready\n", TimeSpan.FromSeconds(30)), launcher.OutputSoFar);

        Outcome unit = user.Run("systemctl", "--user", "show", "tree.scope", "-p", "TasksMax", "-p", "Slice", "-p", "Description");
        Outcome inside = user.Run(LoggedInUser.Nspawn, "exec", "tree", "sh", "-c", "grep ^0: /proc/1/cgroup; kill $(pgrep sleep)");

        Assert.Equal(["Description=Container tree", "Slice=mine.slice", "TasksMax=77"], unit.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        Assert.Equal("0::/\n", inside.Text);
        Assert.Equal(7, launcher.Wait(TimeSpan.FromSeconds(10)).ExitStatus);
        user.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Killed_launcher_leaves_nothing(string fixture)
    {
        NestedLauncher.NotOnReference("it takes nsresourced");
        using LoggedInUser user = new(hosts[fixture]);
        using Command launcher = user.Start(LoggedInUser.Nspawn, "-q", "-D", user.Tree, "-P", "sh", "-c", "echo ready; sleep 60 & sleep 60");
        Assert.True(launcher.WaitForOutput("ready", TimeSpan.FromSeconds(30)), launcher.OutputSoFar);

        string number = user.Run("sh", "-c", "sed -n 's/^LAUNCHER=\\([0-9]*\\).*/\\1/p' $XDG_RUNTIME_DIR/systemd/nspawn/*/state").Text.Trim();
        Assert.Equal(0, Syscall.kill(hosts[fixture].ProcessOutside(number), Signum.SIGKILL));
        launcher.Wait(TimeSpan.FromSeconds(10));

        user.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Service_manager_that_hangs_is_one_line(string fixture)
    {
        NestedLauncher.NotOnReference("it takes nsresourced");
        using LoggedInUser user = new(hosts[fixture]);
        int manager = hosts[fixture].ProcessOutside(hosts[fixture].Output("systemctl", "show", $"user@{hosts[fixture].Output("id", "-u", user.Name)}", "--value", "-p", "MainPID"));
        using Command launcher = user.Start("sh", "-c", "echo session; sleep 2; \"$@\" -q -P true; echo $?; said=$(\"$@\" true 2>&1); echo $?; echo \"$said\" | grep -c 'does not answer'; \"$@\" -b; echo $?", "sh", LoggedInUser.Nspawn, "-D", user.Tree);
        Assert.True(launcher.WaitForOutput("session", TimeSpan.FromSeconds(30)));
        Assert.Equal(0, Syscall.kill(manager, Signum.SIGSTOP));
        Outcome outcome;
        try
        {
            outcome = launcher.Wait(TimeSpan.FromSeconds(30));
        }
        finally
        {
            Assert.Equal(0, Syscall.kill(manager, Signum.SIGCONT));
        }

        Assert.True(outcome.Text == "session\n0\n0\n1\n125\n", outcome.ToString());
        OneLine.AssertSaid(outcome.Error, "does not answer");
        user.AssertNothingLeft();
    }

    private static void AssertRuns(LoggedInUser user, Command launcher, out string cgroup)
    {
        Assert.True(launcher.WaitForOutput("login: ", TimeSpan.FromSeconds(60)), launcher.HasEnded ? launcher.Wait(TimeSpan.Zero).ToString() : launcher.OutputSoFar);
        Outcome running = user.Run(LoggedInUser.Nspawn, "exec", "tree", "systemctl", "is-system-running", "--wait");
        Assert.True(running is { ExitStatus: 0, Text: "running\n" }, running.ToString());
        cgroup = user.Run("sh", "-c", "sed -n 's/^CGROUP=//p' $XDG_RUNTIME_DIR/systemd/nspawn/*/state").Text.Trim();
    }

    private static void AssertEnds(LoggedInUser user, Command launcher)
    {
        Outcome stop = user.Run(LoggedInUser.Nspawn, "stop", "tree");
        Assert.True(stop.ExitStatus == 0, stop.ToString());
        Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(30));
        Assert.True(outcome.ExitStatus == 0 && !outcome.TimedOut, outcome.ToString());
        user.AssertNothingLeft();
    }
}
