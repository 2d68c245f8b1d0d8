using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class JudgementTests
{
    private static readonly BootReport s_up = new()
    {
        Verdict = Verdict.Passed,
        Summary = "",
        Image = "/trees/one",
        Machine = "one",
        Started = DateTimeOffset.UnixEpoch,
        Duration = TimeSpan.FromSeconds(2),
        Kernel = "6.1",
        Nspawn = "1.0.0",
        Systemd = "257",
        SystemState = "running",
        Target = "graphical.target",
        TargetReached = TimeSpan.FromSeconds(1.5),
        BootTimes = [TimeSpan.FromSeconds(1.5)],
        Units = [Unit("a.service", "active"), Unit("b.service", "active"), Unit("c.service", "inactive")],
    };

    private static UnitReport Unit(string name, string state, bool mayFail = false) => new() { Name = name, ActiveState = state, MayFail = mayFail };

    private static CheckResult Ran(int? status) => new() { Command = "is it so", ExitStatus = status, Duration = TimeSpan.FromSeconds(1) };

    private static BootTestRequest Asked(params string[] options) => Assert.IsType<ParsedCommandLine.Test>(Commands.Parse(["test", .. options])).Request;

    private static Judgement Of(BootReport report, params string[] options) => Judgement.Of(new BootEnd.Up(), report, Asked(options));

    [Fact]
    public void What_is_up_without_failed_units_has_passed() =>
        Assert.Equal(new Judgement(Verdict.Passed, "graphical.target reached in 1.50 s, 2 units active"), Of(s_up));

    [Fact]
    public void A_guest_without_systemd_passes_by_staying_up() => Assert.Equal(
        new Judgement(Verdict.Passed, "its init stays up"),
        Of(s_up with { Systemd = null, SystemState = null, Target = null, TargetReached = null, BootTimes = [], Units = [] }));

    [Fact]
    public void Failed_units_count_unless_they_may_fail()
    {
        BootReport failed = s_up with { Units = [Unit("y.service", "failed"), Unit("x.mount", "failed"), Unit("z.timer", "failed", mayFail: true)] };

        Assert.Equal(new Judgement(Verdict.FailedUnits, "2 failed units: x.mount, y.service"), Of(failed));
        Assert.Equal(
            new Judgement(Verdict.Passed, "graphical.target reached in 1.50 s, 1 failed unit allowed"),
            Of(s_up with { Units = [Unit("z.timer", "failed", mayFail: true)] }));
    }

    [Theory]
    [InlineData(3, "the check 'is it so' failed with status 3")]
    [InlineData(null, "the check 'is it so' did not end in time")]
    public void A_check_that_fails_or_hangs_fails_the_test(int? status, string summary) =>
        Assert.Equal(new Judgement(Verdict.CheckFailed, summary), Of(s_up with { Checks = [Ran(0), Ran(status)] }));

    [Fact]
    public void Failed_units_weigh_more_than_checks_and_checks_more_than_time()
    {
        BootReport bad = s_up with { Units = [Unit("y.service", "failed")], Checks = [Ran(1)] };

        Assert.Equal(Verdict.FailedUnits, Of(bad, "--max-boot-time=1").Verdict);
        Assert.Equal(Verdict.CheckFailed, Of(bad with { Units = [] }, "--max-boot-time=1").Verdict);
        Assert.Equal(Verdict.TooSlow, Of(s_up, "--max-boot-time=1").Verdict);
        Assert.Equal(Verdict.Passed, Of(s_up, "--max-boot-time=1500ms").Verdict);
    }

    public static TheoryData<BootEnd, Verdict, string> Ends => new()
    {
        { new BootEnd.NotReached("it is masked"), Verdict.TargetNotReached, "graphical.target was not reached: it is masked" },
        { new BootEnd.Died(0), Verdict.InitDied, "the machine powered off by itself" },
        { new BootEnd.Died(255), Verdict.InitDied, "PID 1 ended with status 255" },
        { new BootEnd.Died(139), Verdict.InitDied, "PID 1 was killed by SIGSEGV" },
        { new BootEnd.Rebooted(), Verdict.InitDied, "the machine rebooted by itself" },
        { new BootEnd.NotStarted("no tree"), Verdict.LauncherFailed, "no tree" },
        { new BootEnd.TimedOut(), Verdict.TimedOut, "not up after 120 s" },
        { new BootEnd.Interrupted(15), Verdict.Interrupted, "interrupted by SIGTERM" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void What_did_not_come_up_is_judged_by_how_it_ended(BootEnd end, Verdict verdict, string summary) =>
        Assert.Equal(new Judgement(verdict, summary), Judgement.Of(end, s_up with { Units = [Unit("y.service", "failed")] }, Asked()));

    [Fact]
    public void Who_is_waited_for_is_named() => Assert.Equal(
        "not up after 120 s, waiting for slow.service",
        Judgement.Of(
            new BootEnd.TimedOut(),
            s_up with { Jobs = [new JobReport("slow.service", "start", "running"), new JobReport("graphical.target", "start", "waiting")] }, Asked()).Summary);

    [Fact]
    public void The_screen_shows_what_is_to_be_done_and_nothing_that_moves_the_cursor()
    {
        BootReport bad = s_up with
        {
            Verdict = Verdict.FailedUnits,
            Summary = "1 failed unit: y.service",
            Units = [Unit("y.service", "failed") with { Result = "exit-code", ExitStatus = 3, Journal = ["\e[31mwhy"], Victims = ["v.service"] }],
            Causes = [new Cause("this", "do that")],
        };

        Assert.Equal(
            """
            one: FAILED: 1 failed unit: y.service
              systemd 257, Linux 6.1
              1) y.service  exit-code, status 3
                   | ?[31mwhy
                 not started because of it: v.service
              known cause: this
                do that

            """, VerdictText.Of(bad, colours: false));
        Assert.Contains("\e[31mFAILED\e[0m", VerdictText.Of(bad, colours: true));
        Assert.Equal("one: passed: fine\n", VerdictText.Of(s_up with { Summary = "fine" }, colours: false));
    }

    [Fact]
    public void Processes_stand_below_their_parents_even_when_they_go_round_in_circles()
    {
        ProcessReport One(int pid, int parent) => new(pid, parent, $"p{pid}", "S", pid == 1 ? "do_wait" : "");

        Assert.Equal(["1 p1 (S in do_wait)", "  5 p5 (S)", "    7 p7 (S)", "9 p9 (S)"], ProcessTree.Lines([One(7, 5), One(1, 0), One(5, 1), One(9, 77)]));
        Assert.Empty(ProcessTree.Lines([One(3, 4), One(4, 3)]));
    }
}
