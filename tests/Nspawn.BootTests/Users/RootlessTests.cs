using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>An ordinary user's containers: no privileges, no daemon, nothing of root's.</summary>
public sealed class RootlessTests
{
    private static readonly string s_nspawn = Launcher.Nspawn.Program;

    [Fact]
    public void Command_RunsAsRootWhoIsTheUser()
    {
        using Scratch scratch = new("busybox", copied: true);
        using OrdinaryUser user = new();
        OrdinaryUser.Own(scratch);
        const string Script = "id -u; cat /proc/self/uid_map; touch /a /tmp/t /dev/shm/s; touch /b && chown 33:34 /b; echo x >/dev/null; "
            + "stat -c '%n %u:%g' /a /b / /dev/pts; ps | wc -l; hostname inside && echo named; cat /proc/self/cgroup; exit 7";

        Outcome outcome = user.Run([s_nspawn, "-q", "-D", scratch.Tree, "-P", "sh", "-c", Script]);

        Assert.True(outcome.ExitStatus == 7, outcome.ToString());
        Assert.Equal("", outcome.Error);
        Assert.Equal(
            ["0", "0 0 1", "1 1 65536", "/a 0:0", "/b 33:34", "/ 0:0", "/dev/pts 0:0"],
            outcome.Text.Split('\n').Take(7).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.Contains("\nnamed\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("\n0::/\n", outcome.Text, StringComparison.Ordinal);
        Assert.Equal((OrdinaryUser.Uid, OrdinaryUser.Uid), Owners.Of(scratch.At("/a")));
        Assert.Equal((OrdinaryUser.SubIds + 32, OrdinaryUser.SubIds + 33), Owners.Of(scratch.At("/b")));
        user.AssertNothingLeft();
    }

    [Theory]
    [InlineData("trixie", true)]
    [InlineData("bookworm", false)]
    [InlineData("forky", true)]
    public void Debian_BootsToRunning(string fixture, bool privateNetwork)
    {
        using Scratch scratch = BootReport.InjectInto(new Scratch(fixture, copied: true), BootReport.SystemState);
        using OrdinaryUser user = new();
        OrdinaryUser.Own(scratch);

        Outcome outcome = user.Run(
            [s_nspawn, "-q", "-b", "-D", scratch.Tree, .. privateNetwork ? (string[])["--private-network"] : []], TimeSpan.FromSeconds(120));

        string[] report = BootReport.In(outcome);
        Assert.True(report.Contains("state=running"), $"{string.Join('\n', report)}\n{outcome}");
        Assert.Equal(0, outcome.ExitStatus);
        user.AssertNothingLeft();
    }

    [Fact]
    public void TreeOfTheSubIds_IsTheirs()
    {
        using Scratch scratch = new("busybox", copied: true);
        using OrdinaryUser user = new();
        Outcome given = Launcher.Nspawn.Run(scratch, [$"--private-users={OrdinaryUser.SubIds}", "--private-users-ownership=chown", "true"]);
        Assert.True(given.ExitStatus == 0, given.ToString());

        Outcome outcome = user.Run([s_nspawn, "-q", "-D", scratch.Tree, "-P", "sh", "-c", "id -u; stat -c %u /; touch /a /run/r; stat -c %u /run/r"]);

        Assert.True(outcome is { ExitStatus: 0, Text: "0\n0\n0\n" }, outcome.ToString());
        Assert.Equal((OrdinaryUser.SubIds, OrdinaryUser.SubIds), Owners.Of(scratch.At("/a")));
        user.AssertNothingLeft();
    }

    [Theory]
    [InlineData("--ephemeral")]
    [InlineData("--read-only")]
    [InlineData("--volatile=overlay")]
    [InlineData("--private-network")]
    [InlineData("--set-credential=a:b")]
    [InlineData("--as-pid2")]
    [InlineData("-U")]
    public void Option_Works(string option)
    {
        using Scratch scratch = new("busybox", copied: true);
        using OrdinaryUser user = new();
        OrdinaryUser.Own(scratch);
        Outcome outcome = user.Run([s_nspawn, "-q", "-D", scratch.Tree, option, "-P", "sh", "-c", "touch /tmp/x /etc/x 2>/dev/null; echo done"]);

        Assert.True(outcome is { ExitStatus: 0, Text: "done\n", Error: "" }, outcome.ToString());
        Assert.Equal(option is "--ephemeral" or "--read-only" or "--volatile=overlay", !File.Exists(scratch.At("/etc/x")));
        user.AssertNothingLeft();
    }

    [Fact]
    public void Machine_IsListedEnteredAndStoppedByItsUser()
    {
        using Scratch scratch = new("busybox", copied: true);
        using OrdinaryUser user = new();
        OrdinaryUser.Own(scratch);
        using Command launcher = user.Start([s_nspawn, "-q", "-M", scratch.Name, "-D", scratch.Tree, "-P", "sh", "-c", "echo ready; exec sleep 60"]);
        Assert.True(launcher.WaitForOutput("ready", TimeSpan.FromSeconds(30)), launcher.OutputSoFar);

        Outcome list = user.Run([s_nspawn, "list"]);
        Outcome inside = user.Run([s_nspawn, "exec", scratch.Name, "sh", "-c", "id -u; hostname; cat /proc/1/comm"]);
        Outcome examined = user.Run([s_nspawn, "doctor", scratch.Name]);
        Outcome stopped = user.Run([s_nspawn, "stop", scratch.Name]);
        launcher.Wait(TimeSpan.FromSeconds(10));

        Assert.Contains(scratch.Name, list.Text, StringComparison.Ordinal);
        Assert.True(inside.Text == $"0\n{scratch.Name}\nsleep\n", inside.ToString());
        Assert.True(examined.ExitStatus == 0 && examined.Text.Contains("on the host's network", StringComparison.Ordinal), examined.ToString());
        Assert.True(stopped.ExitStatus == 0, stopped.ToString());
        user.AssertNothingLeft();
    }

    [Fact]
    public void OwnTree_IsExplainedAndCheckedAsTheUserLaunchesIt()
    {
        using Scratch scratch = new("busybox", copied: true);
        using OrdinaryUser user = new();
        OrdinaryUser.Own(scratch);
        Outcome rooted = user.Run([s_nspawn, "check", scratch.Tree, "--json"]);
        Outcome explained = user.Run([s_nspawn, "explain", "-D", scratch.Tree, "true"]);
        Assert.Equal(0, Syscall.chown(scratch.Tree, 0, 0));
        Outcome ofRoot = user.Run([s_nspawn, "explain", "-D", scratch.Tree, "true"]);

        Assert.True(rooted.ExitStatus == 0, rooted.ToString());
        Assert.DoesNotContain("\"ownership-", rooted.Text, StringComparison.Ordinal);
        Assert.Contains("bind /sys of the host on /sys", explained.Text, StringComparison.Ordinal);
        Assert.Contains("mount sysfs on /sys", ofRoot.Text, StringComparison.Ordinal);
        user.AssertNothingLeft();
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    [InlineData("forky")]
    public void BootTest_Judges(string fixture)
    {
        using Scratch scratch = new(fixture, copied: true);
        using OrdinaryUser user = new();
        OrdinaryUser.Own(scratch);
        string[] test = [s_nspawn, "test", "-D", scratch.Tree, "--timeout=100", "--check=test $(id -u) = 0 && systemctl is-system-running", "-o", "junit.xml", "-o", "boot.svg", "-o", "journal.txt"];

        Outcome good = user.Run(test, TimeSpan.FromSeconds(120));
        scratch.Write("/etc/systemd/system/broken.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo it is broken; exit 3'\n")
            .Link("/etc/systemd/system/multi-user.target.wants/broken.service", "/etc/systemd/system/broken.service");
        Outcome bad = user.Run(test, TimeSpan.FromSeconds(120));

        Assert.True(good.ExitStatus == 0, good.ToString());
        Assert.True(bad.ExitStatus == 1, bad.ToString());
        Assert.Contains("broken.service", bad.Text, StringComparison.Ordinal);
        Assert.Contains("it is broken", bad.Text, StringComparison.Ordinal);
        Assert.Contains("broken.service", File.ReadAllText(Path.Combine(user.Home, "junit.xml")), StringComparison.Ordinal);
        Assert.Contains("it is broken", File.ReadAllText(Path.Combine(user.Home, "journal.txt")), StringComparison.Ordinal);
        Assert.Contains("multi-user.target", File.ReadAllText(Path.Combine(user.Home, "boot.svg")), StringComparison.Ordinal);
        user.AssertNothingLeft();
    }

    [Fact]
    public void ManyAreTestedAndTwoCompared()
    {
        using Scratch before = new("bookworm", copied: true), after = new("trixie", copied: true);
        using OrdinaryUser user = new();
        OrdinaryUser.Own(before);
        OrdinaryUser.Own(after);
        user.WriteFile("trees", $"{before.Tree}\n{after.Tree}\n");
        Assert.Equal(0, user.Run(["mkdir", "reports"]).ExitStatus);

        Outcome matrix = user.Run([s_nspawn, "test", "--matrix=trees", "--jobs=2", "-o", "reports/"], TimeSpan.FromSeconds(120));
        Outcome diff = user.Run([s_nspawn, "diff", before.Tree, after.Tree], TimeSpan.FromSeconds(120));

        Assert.True(matrix.ExitStatus == 0, matrix.ToString());
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(user.Home, "reports")));
        Assert.True(diff.ExitStatus == 1, diff.ToString());
        Assert.StartsWith($"--- {before.Tree}\n+++ {after.Tree}\n", diff.Text, StringComparison.Ordinal);
        user.AssertNothingLeft();
    }

    [Fact]
    public void KilledLauncher_LeavesNothing()
    {
        using Scratch scratch = new("busybox", copied: true);
        using OrdinaryUser user = new();
        OrdinaryUser.Own(scratch);
        using Command launcher = user.Start([s_nspawn, "-q", "-D", scratch.Tree, "-P", "sh", "-c", "echo ready; sleep 60 & sleep 60"]);
        Assert.True(launcher.WaitForOutput("ready", TimeSpan.FromSeconds(30)));

        launcher.Signal(Signum.SIGKILL);
        launcher.Wait(TimeSpan.FromSeconds(10));

        Assert.True(SpinWait.SpinUntil(() => Leftovers.Processes(scratch.Name).Count == 0, 5000));
        Thread.Sleep(300);
        user.AssertNothingLeft();
    }

    [Fact]
    public void WithoutAGroup_ACommandRunsAndABootIsRefused()
    {
        using Scratch busybox = new("busybox", copied: true), trixie = new("trixie");
        using OrdinaryUser user = new(hasGroup: false);
        OrdinaryUser.Own(busybox);
        Assert.Equal(0, Syscall.chown(trixie.Tree, OrdinaryUser.Uid, OrdinaryUser.Uid));

        Outcome command = user.Run([s_nspawn, "-D", busybox.Tree, "sh", "-c", "echo in; sleep 100 & exit 3"]);
        Outcome boot = user.Run([s_nspawn, "-q", "-b", "-D", trixie.Tree]);

        Assert.Equal(3, command.ExitStatus);
        Assert.Contains("systemd-run --user", command.Error + command.Text, StringComparison.Ordinal);
        Assert.Equal(125, boot.ExitStatus);
        OneLine.AssertSaid(boot.Error, "systemd-run --user");
        user.AssertNothingLeft();
    }

    [Fact]
    public void WithoutSubIds_RootIsAlone()
    {
        using Scratch scratch = new("busybox", copied: true);
        using OrdinaryUser user = new(subIds: "");
        OrdinaryUser.Own(scratch);
        Outcome outcome = user.Run([s_nspawn, "-q", "-D", scratch.Tree, "-P", "sh", "-c", "id -u; cat /proc/self/uid_map; touch /a"]);

        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Equal((OrdinaryUser.Uid, OrdinaryUser.Uid), Owners.Of(scratch.At("/a")));
    }

    [Theory]
    [InlineData("nspawn-test:393216", "/etc/subuid, line 1")]
    [InlineData("nspawn-test:0:4294967295", "/etc/subuid, line 1")]
    [InlineData("nspawn-test:4294967000:65536", "/etc/subuid, line 1")]
    public void BadSubIds_AreOneLine(string line, string about)
    {
        using Scratch scratch = new("busybox");
        using OrdinaryUser user = new(subIds: line.Replace(":0:", ":1:", StringComparison.Ordinal) + "\n");
        Outcome outcome = user.Run([s_nspawn, "-D", scratch.Tree, "true"]);

        Assert.Equal(125, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, about);
        user.AssertNothingLeft();
    }

    [Theory]
    [InlineData("-U --private-users=pick", "--private-users=")]
    [InlineData("--private-users=100000", "--private-users=")]
    [InlineData("--network-veth", "--private-network")]
    [InlineData("--register=yes", "--register")]
    [InlineData("--private-users-ownership=chown", "--private-users-ownership")]
    public void WhatTakesRoot_IsOneLine(string options, string about)
    {
        using Scratch scratch = new("busybox");
        using OrdinaryUser user = new();
        Assert.Equal(0, Syscall.chown(scratch.Tree, OrdinaryUser.Uid, OrdinaryUser.Uid));
        Outcome outcome = user.Run([s_nspawn, "-D", scratch.Tree, .. options.Split(' '), "true"]);

        Assert.Equal(125, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, about);
        user.AssertNothingLeft();
    }

    [Fact]
    public void TreeOfSomebodyElse_IsOneLine()
    {
        using Scratch scratch = new("busybox");
        using OrdinaryUser user = new();
        Outcome outcome = user.Run([s_nspawn, "-D", scratch.Tree, "true"]);

        Assert.Equal(125, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "belongs to somebody else");
    }

    [Fact]
    public void Doctor_SaysWhatTheUserHasAndCallsNothingOfRootsAFault()
    {
        using OrdinaryUser user = new(), poor = new(subIds: "", hasGroup: false);

        Outcome well = user.Run([s_nspawn, "doctor"]), badly = poor.Run([s_nspawn, "doctor"]);

        Assert.True(well is { ExitStatus: 0, Error: "" } && !well.Text.Contains("\nfault", StringComparison.Ordinal), well.ToString());
        Assert.Contains("65536 sub-ids are yours", well.Text, StringComparison.Ordinal);
        Assert.Contains("note  nftables", well.Text, StringComparison.Ordinal);
        Assert.Contains("the cgroup you are in is yours to divide", well.Text, StringComparison.Ordinal);
        Assert.Contains($"usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {OrdinaryUser.Name}", badly.Text, StringComparison.Ordinal);
        Assert.Contains("lack  cgroup ", badly.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void HostThatForbidsUserNamespaces_IsNamedWithItsSwitch()
    {
        using Scratch scratch = new("busybox");
        using OrdinaryUser user = new();
        string none = Path.Combine(scratch.Outside, "none");
        File.WriteAllText(none, "0\n");
        const string Forbid = "mount --bind \"$1\" /proc/sys/user/max_user_namespaces; shift; exec setpriv --reuid 60123 --regid 60123 --clear-groups \"$@\"";
        Outcome outcome = user.RunAsRoot(["sh", "-c", Forbid, "sh", none, s_nspawn, "-D", scratch.Tree, "true"]);

        Assert.Equal(125, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "sysctl user.max_user_namespaces");
    }
}
