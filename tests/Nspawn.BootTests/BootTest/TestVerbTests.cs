using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Other inits, bad input, and ends that nobody wants.</summary>
public sealed class TestVerbTests
{
    [Theory]
    [InlineData("busybox")]
    [InlineData("sysvinit")]
    public void AGuestWithoutSystemd_PassesByItsInitAndItsChecks(string fixture)
    {
        using Tested tree = new(fixture);
        Assert.Equal("tree: passed: its init stays up\n", tree.Expect(0).Text);
        Assert.Matches(@"^tree: passed: up in [0-9.]+ s, 1 check passed\n$", tree.Expect(0, "--check=test -e /proc/self").Text);
        Assert.StartsWith("tree: FAILED: the check 'test -e /nothing' failed with status 1", tree.Expect(5, "--timeout=3", "--check=test -e /nothing").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void AnInitThatEnds_IsToldWithItsStatus()
    {
        using Tested tree = new("busybox");
        tree.Scratch.Remove("/sbin/init").WriteProgram("/sbin/init", "#!/bin/sh\necho going\nexit 42\n");
        Outcome outcome = tree.Expect(3, "--check=false");
        Assert.StartsWith("tree: FAILED: PID 1 ended with status 42\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("| going\n", outcome.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--output=/nosuchdirectory/boot.xml", "cannot write the report /nosuchdirectory/boot.xml")]
    [InlineData("--output=/tmp/boot.pdf", "*.xml")]
    [InlineData("--bind=/nosuchsource", "nosuchsource")]
    [InlineData("--link-journal=host", "--ephemeral and --link-journal exclude each other")]
    [InlineData("--as-pid2", "--as-pid2: excludes")]
    [InlineData("--target=nonsense", "--target=nonsense")]
    public void WhatWillNotDo_IsOneLineAndNoBoot(string option, string said)
    {
        using Tested tree = new("busybox");
        Outcome outcome = tree.Expect(125, option);
        OneLine.AssertSaid(outcome.Error, said);
        Assert.Empty(outcome.Text);
    }

    [Fact]
    public void AFullDisk_IsOneLine_AndABootThatPassedIsNone()
    {
        Need.That(File.Exists("/dev/full"), "needs /dev/full");
        using Tested tree = new("busybox");
        string link = tree.Report("boot.xml");
        File.CreateSymbolicLink(link, "/dev/full");
        OneLine.AssertSaid(tree.Expect(125, "-o", link).Error, "No space left on device");
        OneLine.AssertSaid(tree.Expect(5, "-o", link, "--timeout=2", "--check=false").Error, "No space left on device");
    }

    [Theory]
    [InlineData(Signum.SIGINT, 130)]
    [InlineData(Signum.SIGTERM, 143)]
    public void ASignal_EndsMachineAndTest_WithAReport(Signum signal, int status)
    {
        using Tested tree = new("trixie");
        tree.WithOneshot("hang.service", "/bin/sleep 4321");
        Leftovers leftovers = Leftovers.Watch(tree.Scratch);
        using Command test = tree.Start("-o", tree.Report("boot.xml"));
        AwaitProcesses(tree, 3);
        test.Signal(signal);
        Outcome outcome = test.Wait(TimeSpan.FromSeconds(30));
        Assert.True(outcome.ExitStatus == status, outcome.ToString());
        Assert.StartsWith($"tree: FAILED: interrupted by {signal}\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("interrupted by", File.ReadAllText(tree.Report("boot.xml")), StringComparison.Ordinal);
        leftovers.AssertNone();
    }

    [Fact]
    public void ASignalDuringACheck_EndsItToo()
    {
        using Tested tree = new("busybox");
        Leftovers leftovers = Leftovers.Watch(tree.Scratch);
        using Command test = tree.Start("--", "sh", "-c", "echo here; exec sleep 1000");
        Assert.True(test.WaitForOutput("here", TimeSpan.FromSeconds(30)));
        test.Signal(Signum.SIGINT);
        Assert.Equal(130, test.Wait(TimeSpan.FromSeconds(20)).ExitStatus);
        leftovers.AssertNone();
    }

    [Fact]
    public void ASignalWhileServicesRestart_IsNoVerdict()
    {
        using Tested tree = new("trixie");
        tree.With("loop.service", "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/sh -c 'exit 3'\nRestart=always\nRestartSec=500ms\n");
        Leftovers leftovers = Leftovers.Watch(tree.Scratch);
        using Command test = tree.Start();
        AwaitProcesses(tree, 3);
        Outcome ready = Launcher.Nspawn.RunBare(["wait", tree.Scratch.Name, "--for=ready", "--timeout=60"], TimeSpan.FromSeconds(90));
        Assert.True(ready.ExitStatus == 0, ready.ToString());
        Thread.Sleep(2000); // of the ten seconds that such a service is given to stay up
        test.Signal(Signum.SIGINT);
        Outcome outcome = test.Wait(TimeSpan.FromSeconds(30));
        Assert.True(outcome.ExitStatus == 130, outcome.ToString());
        Assert.StartsWith("tree: FAILED: interrupted by SIGINT\n", outcome.Text, StringComparison.Ordinal);
        leftovers.AssertNone();
    }

    [Fact]
    public void ATestThatIsKilled_TakesTheMachineAlong()
    {
        using Tested tree = new("trixie");
        tree.WithOneshot("hang.service", "/bin/sleep 4321");
        Leftovers leftovers = Leftovers.Watch(tree.Scratch);
        using Command test = tree.Start();
        AwaitProcesses(tree, 3);
        test.Signal(Signum.SIGKILL);
        test.Wait(TimeSpan.FromSeconds(5));
        leftovers.AssertNone();
    }

    [Fact]
    public void SeveralAtOnce_DoNotMeet()
    {
        using Tested tree = new("trixie");
        Command[] tests = [.. Enumerable.Range(0, 3).Select(_ => Command.Start(Launcher.Nspawn.Program, ["test", "-D", tree.Scratch.Tree], Launcher.CallerEnvironment))];
        foreach (Command test in tests)
        {
            Outcome outcome = test.Wait(TimeSpan.FromSeconds(100));
            test.Dispose();
            Assert.True(outcome is { ExitStatus: 0, Error: "" }, outcome.ToString());
        }
    }

    /// <summary>No bus, no terminal, nothing to read, and a runner that reads what is printed.</summary>
    [Fact]
    public void UnderGitHubActions_ThereAreAnnotationsAndASummary()
    {
        using Tested tree = new("bookworm");
        tree.WithOneshot("bad.service", "/bin/sh -c 'echo ::error::by the guest; exit 3'");
        string summary = tree.Report("summary.md");
        File.WriteAllText(summary, "before\n");
        string[] words = [Launcher.Nspawn.Program, "test", "-D", tree.Scratch.Tree, "-M", tree.Scratch.Name];
        using Command test = Command.Start(
            "sh", ["-c", "exec \"$@\" <&-", "sh", .. words],
            Launcher.CallerEnvironment.Append(new("GITHUB_ACTIONS", "true")).Append(new("GITHUB_STEP_SUMMARY", summary)));
        Outcome outcome = test.Wait(TimeSpan.FromSeconds(100));
        Assert.True(outcome is { ExitStatus: 1, Error: "" }, outcome.ToString());
        Assert.StartsWith("::group::tree: FAILED: 1 failed unit: bad.service\n::stop-commands::", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("\n::error title=", outcome.Text, StringComparison.Ordinal);
        Assert.StartsWith("before\n###", File.ReadAllText(summary), StringComparison.Ordinal);
    }

    private static void AwaitProcesses(Tested tree, int count)
    {
        for (int attempt = 0; Leftovers.Processes(tree.Scratch.Name).Count < count; attempt++)
        {
            Assert.True(attempt < 500, "the machine does not run");
            Thread.Sleep(20);
        }
    }
}
