namespace Nspawn.Core;

/// <summary>What a boot test found. The number is the exit status of <c>nspawn test</c>.</summary>
public enum Verdict
{
    /// <summary>The target was reached, nothing failed that may not, and every check agreed.</summary>
    Passed = 0,

    /// <summary>The target was reached, but units have failed.</summary>
    FailedUnits = 1,

    /// <summary>The target will not be reached: emergency or rescue mode, a job that failed or has gone, no such target.</summary>
    TargetNotReached = 2,

    /// <summary>PID 1 ended or crashed before anything was judged.</summary>
    InitDied = 3,

    /// <summary>It came up, but later than was allowed, or than the baseline says.</summary>
    TooSlow = 4,

    /// <summary>A check inside ended with a status other than 0, or never.</summary>
    CheckFailed = 5,

    /// <summary>The time was up before the target was reached.</summary>
    TimedOut = 124,

    /// <summary>The machine was not started at all.</summary>
    LauncherFailed = 125,

    /// <summary>A signal ended the test; its exit status is 128 and the signal's number.</summary>
    Interrupted = 130,
}
