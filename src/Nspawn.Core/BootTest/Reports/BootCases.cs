using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>
/// The cases of a boot test: that it booted, the state it came to, each unit that failed, each check. One of them fails
/// exactly when the verdict is not that it passed.
/// </summary>
internal static class BootCases
{
    public const string Boot = "boot", State = "state", Whole = "verdict";

    public static ImmutableArray<BootCase> Of(BootReport report)
    {
        List<BootCase> cases = [OfBoot(report), OfState(report), .. report.FailedUnits.Select(OfUnit), .. report.Checks.Select(OfCheck)];
        if (report.Verdict != Verdict.Passed && !cases.Exists(HasFailed))
        {
            cases.Add(new BootCase(Whole, BootOutcome.Failed, null, report.Summary, [], []));
        }

        return [.. cases];
    }

    public static bool HasFailed(BootCase one) => one.Outcome is BootOutcome.Failed or BootOutcome.Error;

    /// <summary>How long the boot took: the middle one of several.</summary>
    public static TimeSpan? BootTime(BootReport report) =>
        report.BootTimes.IsEmpty ? report.TargetReached : Median.Of(report.BootTimes);

    private static BootCase OfBoot(BootReport report)
    {
        BootOutcome outcome = report.Verdict switch
        {
            Verdict.LauncherFailed or Verdict.Interrupted => BootOutcome.Error,
            Verdict.TargetNotReached or Verdict.InitDied or Verdict.TimedOut or Verdict.TooSlow => BootOutcome.Failed,
            _ => BootOutcome.Passed,
        };
        bool passed = outcome == BootOutcome.Passed;
        return new BootCase(
            Boot, outcome, BootTime(report) ?? report.Duration, passed ? "" : report.Summary, passed ? [] : WhatHeldItUp(report), report.ConsoleTail);
    }

    private static ImmutableArray<string> WhatHeldItUp(BootReport report) =>
    [
        .. Remedies(report),
        .. report.Jobs.Select(job => $"job: {job.Unit} {job.Type}, {job.State}"),
        .. report.CriticalChain.Length > 1 ? [$"critical chain: {string.Join(" < ", report.CriticalChain)}"] : ImmutableArray<string>.Empty,
        .. report.Processes.Select(process =>
            $"process {process.Pid}: {process.Command} ({process.State}{(process.WaitsIn.Length > 0 ? $" in {process.WaitsIn}" : "")})"),
    ];

    private static IEnumerable<string> Remedies(BootReport report) => report.Causes.Select(cause => $"{cause.Text}; {cause.Remedy}");

    private static BootCase OfState(BootReport report)
    {
        int failed = report.FailedUnits.Count(unit => !unit.MayFail);
        (BootOutcome outcome, string message) = report switch
        {
            { Verdict: Verdict.LauncherFailed } => (BootOutcome.Skipped, "nothing was started"),
            { IsSystemd: false } => (BootOutcome.Skipped, "the guest's init is not systemd"),
            { SystemState: null } => (BootOutcome.Skipped, "the guest's systemd did not say"),
            { Verdict: Verdict.Passed } => (BootOutcome.Passed, ""),
            { SystemState: "running" } => (BootOutcome.Passed, ""),
            { SystemState: "degraded" } when failed == 0 => (BootOutcome.Passed, ""),
            { SystemState: "degraded" } => (BootOutcome.Failed, $"degraded: {failed} {(failed == 1 ? "unit has" : "units have")} failed"),
            _ => (BootOutcome.Failed, $"the system's state is {report.SystemState}"),
        };
        return new BootCase(State, outcome, null, message, outcome == BootOutcome.Failed ? [.. Remedies(report)] : [], []);
    }

    private static BootCase OfUnit(UnitReport unit)
    {
        string why = WhyFailed(unit);
        return new BootCase(
            unit.Name,
            unit.MayFail ? BootOutcome.Skipped : BootOutcome.Failed,
            unit.StartTime,
            unit.MayFail ? $"failed and may: {why}" : why,
            unit.Victims.IsEmpty ? [] : [$"not started because of it: {string.Join(", ", unit.Victims)}"],
            unit.Journal);
    }

    /// <summary>The unit's result in words, with the status or signal behind it.</summary>
    public static string WhyFailed(UnitReport unit)
    {
        string result = unit.Result is "" or "success" ? unit.SubState is "" ? "failed" : unit.SubState : unit.Result;
        string why = unit.ExitStatus switch
        {
            _ when unit.LoadState is "bad-setting" or "error" => $"its unit file is not understood ({unit.LoadState})",
            null or 0 => result,
            < 0 when result == "signal" => $"signal {-unit.ExitStatus}",
            < 0 => $"{result}, signal {-unit.ExitStatus}",
            _ => $"{result}, status {unit.ExitStatus}",
        };
        return unit.KeepsRestarting ? $"{why}, restarted again and again" : why;
    }

    private static BootCase OfCheck(CheckResult check) => new(
        $"check: {check.Command}",
        check.Passed ? BootOutcome.Passed : BootOutcome.Failed,
        check.Duration,
        check switch
        {
            { Passed: true } => "",
            { ExitStatus: null } => $"did not end within {ReportText.Time(check.Duration)}",
            _ => $"exit status {check.ExitStatus}",
        },
        [],
        [.. ReportText.Clean(check.Output).TrimEnd('\n').Split('\n').Where(line => line.Length > 0 || check.Output.Length > 1)]);
}
