using System.Globalization;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>From what was seen to the verdict: the first of its grounds that applies.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Summary">It, and its ground, in a line.</param>
public sealed record Judgement(Verdict Verdict, string Summary)
{
    private const int MostNames = 5;
    private const int SignalBase = 128;

    /// <param name="end">How the boot ended.</param>
    /// <param name="report">What was seen; its verdict and summary do not count.</param>
    /// <param name="request">What was asked for.</param>
    public static Judgement Of(BootEnd end, BootReport report, BootTestRequest request) => end switch
    {
        BootEnd.NotStarted none => new(Verdict.LauncherFailed, none.Error),
        BootEnd.Interrupted by => new(Verdict.Interrupted, $"interrupted by SIG{Signal.NameOf(by.Signal)}"),
        BootEnd.Rebooted => new(Verdict.InitDied, "the machine rebooted by itself"),
        BootEnd.Died died => new(Verdict.InitDied, died.Status switch
        {
            0 => "the machine powered off by itself",
            > SignalBase and < SignalBase + 65 => $"PID 1 was killed by SIG{Signal.NameOf(died.Status - SignalBase)}",
            _ => $"PID 1 ended with status {died.Status}",
        }),
        BootEnd.NotReached { Reason: string reason } =>
            new(Verdict.TargetNotReached, $"{report.Target ?? request.Target ?? "default.target"} was not reached: {reason}"),
        BootEnd.Silent => new(Verdict.TimedOut, $"its systemd gave no answer within {Seconds(request.Timeout)}: what has failed is not known"),
        BootEnd.TimedOut => new(Verdict.TimedOut, $"not up after {Seconds(request.Timeout)}{Waiting(report)}"),
        _ => OfBooted(report, request),
    };

    /// <summary>A span of time for people.</summary>
    public static string Seconds(TimeSpan time) =>
        (time.TotalSeconds < 100 ? $"{time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s" : $"{time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s").Replace(".00 s", " s", StringComparison.Ordinal);

    private static Judgement OfBooted(BootReport report, BootTestRequest request)
    {
        UnitReport[] failed = [.. report.FailedUnits.Where(unit => !unit.MayFail)];
        CheckResult[] refused = [.. report.Checks.Where(check => !check.Passed)];
        return failed.Length > 0 ? new(Verdict.FailedUnits, $"{Number(failed.Length, "failed unit")}: {Names(failed.Select(unit => unit.Name))}")
            : refused.Length > 0 ? new(Verdict.CheckFailed, $"{Failed(refused[0])}{(refused.Length > 1 ? $", and {refused.Length - 1} more" : "")}")
            : request.MaxBootTime is not TimeSpan limit ? new(Verdict.Passed, Good(report))
            : report.BootTimes is not [.., TimeSpan time]
                ? new(Verdict.TooSlow, "how long it took is not known: its init does not say when it is up; a --check= that succeeds would")
            : time > limit ? new(Verdict.TooSlow, $"{Reached(report)}, later than {Seconds(limit)}")
            : new(Verdict.Passed, Good(report));
    }

    private static string Good(BootReport report)
    {
        int active = report.Units.Count(unit => unit.ActiveState == "active");
        int allowed = report.FailedUnits.Count();
        string[] parts =
        [
            Reached(report),
            report.BootTimes.Length > 1 ? $"{report.BootTimes.Length} boots" : "",
            active > 0 ? Number(active, "unit") + " active" : "",
            allowed > 0 ? Number(allowed, "failed unit") + " allowed" : "",
            report.Checks.IsEmpty ? "" : Number(report.Checks.Length, "check") + " passed",
        ];
        return string.Join(", ", parts.Where(part => part.Length > 0));
    }

    private static string Reached(BootReport report) =>
        report.Target is not null ? $"{report.Target} reached in {Seconds(report.TargetReached ?? TimeSpan.Zero)}"
        : report.BootTimes is [.., TimeSpan time] ? $"up in {Seconds(time)}" : "its init stays up";

    private static string Waiting(BootReport report)
    {
        string[] running = [.. report.Jobs.Where(job => job.State == "running").Select(job => job.Unit)];
        return running.Length > 0 ? $", waiting for {Names(running)}" : report.Jobs.Length > 0 ? $", {Number(report.Jobs.Length, "job")} waiting" : "";
    }

    private static string Failed(CheckResult check) => check.ExitStatus is int status
        ? $"the check '{Message.Printable(check.Command)}' failed with status {status}"
        : $"the check '{Message.Printable(check.Command)}' did not end in time";

    private static string Number(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static string Names(IEnumerable<string> names)
    {
        string[] all = [.. names.Order(StringComparer.Ordinal)];
        return string.Join(", ", all.Take(MostNames)) + (all.Length > MostNames ? $" and {all.Length - MostNames} more" : "");
    }
}
