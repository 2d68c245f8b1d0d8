using System.Text.Json;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>A fixture for each verdict, on each release: exit status, what is said, what is reported.</summary>
public sealed class VerdictTests
{
    public static TheoryData<string> Releases => ["bookworm", "trixie", "forky"];

    [Theory]
    [MemberData(nameof(Releases))]
    public void AHealthyTree_PassesInALine(string release)
    {
        using Tested tree = new(release);
        tree.Scratch.Write("/etc/marker", "as it was");
        Outcome outcome = tree.Expect(
            0, "--check=systemctl is-system-running", "--check=echo changed >/etc/marker", "-o", tree.Report("boot.xml"), "-o", tree.Report("boot.svg"),
            "-o", tree.Report("journal.txt"), "-o", tree.Report("boot.journal"), "-o", tree.Report("console.log"), "-o", tree.Report("boot.json"));
        Assert.Matches("^tree: passed: graphical.target reached in [0-9.]+ s, [0-9]+ units active, 2 checks passed\n$", outcome.Text);
        Assert.Empty(outcome.Error);
        Assert.Equal("as it was", File.ReadAllText(tree.Scratch.At("/etc/marker")));
        Assert.Contains("<testsuite", File.ReadAllText(tree.Report("boot.xml")), StringComparison.Ordinal);
        Assert.Contains("multi-user.target", File.ReadAllText(tree.Report("boot.svg")), StringComparison.Ordinal);
        Assert.Contains("Startup finished", File.ReadAllText(tree.Report("journal.txt")), StringComparison.Ordinal);
        Assert.Contains("__CURSOR=", File.ReadAllText(tree.Report("boot.journal")), StringComparison.Ordinal);
        // What a guest prints later it may leave out, where its console is slow.
        Assert.Contains("running in system mode", File.ReadAllText(tree.Report("console.log")), StringComparison.Ordinal);
        JsonElement report = JsonDocument.Parse(File.ReadAllText(tree.Report("boot.json"))).RootElement;
        Assert.Equal("running", report.GetProperty("systemState").GetString());
        Assert.True(report.GetProperty("units").GetArrayLength() > 50);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void FailedUnits_AreShownWithWhatTheySaidAndWhomTheyTookAlong(string release)
    {
        using Tested tree = new(release);
        tree.WithOneshot("bad.service", "/bin/sh -c 'echo bind: Address already in use; exit 3'")
            .WithOneshot("victim.service", "/bin/true", "Requires=bad.service\nAfter=bad.service")
            .WithOneshot("second.service", "/bin/true", "Requires=victim.service\nAfter=victim.service")
            .WithOneshot("allowed.service", "/bin/false");
        Outcome outcome = tree.Expect(1, "--allow-failed=allow*", "-o", tree.Report("boot.json"), "-o", tree.Report("boot.xml"));
        Assert.StartsWith("tree: FAILED: 1 failed unit: bad.service\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("1) bad.service  exit-code, status 3", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("| bind: Address already in use\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("not started because of it: second.service, victim.service\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("--private-network", outcome.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("allowed.service", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("bad.service", File.ReadAllText(tree.Report("boot.xml")), StringComparison.Ordinal);
        JsonElement report = JsonDocument.Parse(File.ReadAllText(tree.Report("boot.json"))).RootElement;
        Assert.Equal("degraded", report.GetProperty("systemState").GetString());
        Assert.Equal(0, tree.Expect(0, "--allow-failed=allow*", "--allow-failed=bad.service").ExitStatus);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void EmergencyMode_IsNotTheTarget_ThoughItSaysItIsReady(string release)
    {
        using Tested tree = new(release);
        tree.With(
            "broken.service", "[Unit]\nDefaultDependencies=no\nAfter=systemd-journald.service\nBefore=local-fs.target\n[Service]\nType=oneshot\nExecStart=/bin/false\n",
            "/etc/systemd/system/local-fs.target.requires/");
        Outcome outcome = tree.Expect(2);
        Assert.StartsWith("tree: FAILED: graphical.target was not reached: the machine is in emergency mode\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("1) broken.service  exit-code, status 1", outcome.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void ATargetThatIsGivenUpOrDoesNotExist_IsNotWaitedFor(string release)
    {
        using Tested tree = new(release);
        tree.Scratch.Write("/etc/systemd/system/wish.target", "[Unit]\nRequires=bad.service\nAfter=bad.service\n");
        Outcome missing = tree.Expect(2, "--target=nope.target");
        Assert.StartsWith("tree: FAILED: nope.target was not reached: there is no such unit\n", missing.Text, StringComparison.Ordinal);
        Assert.StartsWith("tree: FAILED: wish.target was not reached: nothing is left to be started", tree.Expect(2, "--target=wish.target").Text, StringComparison.Ordinal);
        Assert.StartsWith("tree: passed: basic.target reached in", tree.Expect(0, "--target=basic.target").Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void WhatHangsBeforeTheTarget_IsNamedWithItsProcesses(string release)
    {
        using Tested tree = new(release);
        tree.WithOneshot("hang.service", "/bin/sleep 4321");
        JsonElement report = tree.ExpectJson(124, "--timeout=6");
        Assert.Equal("not up after 6 s, waiting for hang.service", report.GetProperty("summary").GetString());
        string json = report.GetRawText();
        Assert.Contains("/bin/sleep 4321", json, StringComparison.Ordinal);
        Assert.Equal(
            ["graphical.target", "multi-user.target", "hang.service"], report.GetProperty("criticalChain").EnumerateArray().Select(one => one.GetString()));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void ADeviceThatIsNotThere_IsAKnownCause(string release)
    {
        using Tested tree = new(release);
        tree.Scratch.Write("/etc/systemd/system/data.mount", "[Unit]\nBefore=multi-user.target\n[Mount]\nWhat=/dev/disk/by-label/data\nWhere=/data\n");
        Directory.CreateDirectory(tree.Scratch.At("/etc/systemd/system/multi-user.target.wants"));
        tree.Scratch.Link("/etc/systemd/system/multi-user.target.wants/data.mount", "/etc/systemd/system/data.mount");
        Outcome outcome = tree.Expect(1);
        Assert.Contains("/dev/disk/by-label/data is not in the machine", outcome.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bookworm", "/bin/kill -SEGV 1", "PID 1 ended with status 255")]
    [InlineData("trixie", "/bin/kill -SEGV 1", "PID 1 ended with status 255")]
    [InlineData("forky", "/bin/kill -SEGV 1", "PID 1 ended with status 255")]
    [InlineData("bookworm", "/bin/systemctl --no-block poweroff", "the machine powered off by itself")]
    [InlineData("trixie", "/bin/systemctl --no-block exit 7", "PID 1 ended with status 7")]
    [InlineData("forky", "/bin/systemctl --no-block reboot", "the machine rebooted by itself")]
    public void TheEndOfPid1_IsTold(string release, string command, string summary)
    {
        using Tested tree = new(release);
        tree.With("end.service", $"[Service]\nType=oneshot\nExecStart={command}\nExecStart=/bin/sleep 30\n");
        Outcome outcome = tree.Expect(3);
        Assert.StartsWith($"tree: FAILED: {summary}\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("the console's last lines:", outcome.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void WhatIsSlow_IsTooSlowOnlyWhereALimitIsSet(string release)
    {
        using Tested tree = new(release);
        tree.WithOneshot("slow.service", "/bin/sleep 2");
        Outcome outcome = tree.Expect(4, "--max-boot-time=1500ms");
        Assert.Matches(@"^tree: FAILED: graphical.target reached in [0-9.]+ s, later than 1.50 s\n", outcome.Text);
        Assert.Contains("slowest: slow.service 2", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("critical chain: graphical.target <- multi-user.target <- slow.service", outcome.Text, StringComparison.Ordinal);
        tree.Expect(0, "--max-boot-time=1min");
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void ChecksThatFailOrHang_FailTheTest(string release)
    {
        using Tested tree = new(release);
        Outcome failed = tree.Expect(5, "--check=true", "--check=echo seen; echo why >&2; exit 9");
        Assert.StartsWith("tree: FAILED: the check 'echo seen; echo why >&2; exit 9' failed with status 9\n", failed.Text, StringComparison.Ordinal);
        Assert.Contains("| seen\n       | why\n", failed.Text, StringComparison.Ordinal);
        Outcome hung = tree.Expect(5, "--timeout=5", "--check=sleep 1000", "--check=true");
        Assert.StartsWith("tree: FAILED: the check 'sleep 1000' did not end in time", hung.Text, StringComparison.Ordinal);
        Outcome command = tree.Expect(5, "--", "sh", "-c", "echo printed as it comes; exit 3");
        Assert.StartsWith("printed as it comes\ntree: FAILED: the check 'sh -c echo printed as it comes; exit 3' failed with status 3\n", command.Text, StringComparison.Ordinal);
        Assert.StartsWith("no more\ntree: passed", tree.Expect(0, "--", "echo", "no more").Text, StringComparison.Ordinal);
        Assert.Contains("status 127", tree.Expect(5, "--", "nosuchprogram").Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Reboots_AreBootsToo(string release)
    {
        using Tested tree = new(release);
        JsonElement report = tree.ExpectJson(0, "--reboots=2", "--check=echo >>/var/boots", "--", "sh", "-c", "test $(wc -l </var/boots) = 3");
        Assert.Equal(3, report.GetProperty("bootTimes").GetArrayLength());
    }

    /// <summary>Its systemd never calls it failed, and says that it is running.</summary>
    [Theory]
    [MemberData(nameof(Releases))]
    public void AServiceThatKeepsRestarting_HasFailed(string release)
    {
        using Tested tree = new(release);
        tree.With("loop.service", "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/sh -c 'exit 3'\nRestart=always\nRestartSec=500ms\n");
        JsonElement report = tree.ExpectJson(1);
        Assert.Equal("1 failed unit: loop.service", report.GetProperty("summary").GetString());
        Assert.Equal("running", report.GetProperty("systemState").GetString());
        Assert.Contains("exit-code, status 3, restarted again and again", tree.Expect(1).Text, StringComparison.Ordinal);
        tree.Expect(0, "--allow-failed=loop.service");
    }

    [Theory]
    [InlineData("/bin/false", 1)]
    [InlineData("/bin/sh -c '[ -e /run/second ] || { touch /run/second; exit 1; }; exec sleep 1000'", 0)]
    public void AServiceThatIsRestarted_IsJudgedWhenItHasComeToRest(string command, int status)
    {
        using Tested tree = new("trixie");
        tree.With("again.service", $"[Service]\nExecStart={command}\nRestart=always\nRestartSec=300ms\n");
        tree.Expect(status);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void AUnitFileThatIsNotUnderstood_IsAFailedUnit(string release)
    {
        using Tested tree = new(release);
        tree.With("empty.service", "[Service]\nType=simple\n");
        Outcome outcome = tree.Expect(1);
        Assert.Contains("1) empty.service  its unit file is not understood (bad-setting)", outcome.Text, StringComparison.Ordinal);
    }

    /// <summary>Who is not told what has failed has not seen that nothing has. This manager hardly ever answers.</summary>
    [Theory]
    [MemberData(nameof(Releases))]
    public void AManagerThatGivesNoAnswer_HasNotPassed(string release)
    {
        using Tested tree = new(release);
        tree.WithOneshot("bad.service", "/bin/false")
            .With("busy.service", "[Service]\nExecStart=/bin/sh -c 'while :; do systemctl daemon-reexec; done'\n");
        Outcome outcome = Launcher.Nspawn.RunBare(["test", "-D", tree.Scratch.Tree, "-M", tree.Scratch.Name, "--timeout=15"], TimeSpan.FromSeconds(60));
        Assert.Matches("^tree: FAILED: (1 failed unit: bad.service|its systemd gave no answer within 15 s|not up after 15 s)", outcome.Text);
        Assert.Contains(outcome.ExitStatus, (int[])[1, 124]);
    }

    [Theory]
    [InlineData("systemctl poweroff -ff")]
    [InlineData("systemctl poweroff")]
    public void ACheckThatEndsTheMachine_IsNoSuccess(string check)
    {
        using Tested tree = new("trixie");
        Assert.StartsWith("tree: FAILED: the machine powered off by itself\n", tree.Expect(3, "--check=" + check).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void AnInitWithoutTargets_IsNotSaidToHaveReachedOne()
    {
        using Tested tree = new("busybox");
        Assert.StartsWith(
            "tree: FAILED: multi-user.target was not reached: the machine's init is not systemd", tree.Expect(2, "--target=multi-user.target").Text, StringComparison.Ordinal);
        Assert.StartsWith("tree: FAILED: how long it took is not known", tree.Expect(4, "--max-boot-time=1min").Text, StringComparison.Ordinal);
        tree.Expect(0, "--max-boot-time=1min", "--check=true");
        OneLine.AssertSaid(tree.Expect(125, "--reboots=1").Error, "--reboots= needs systemd");
        Assert.Empty(tree.Expect(0, "-q").Text);
    }
}
