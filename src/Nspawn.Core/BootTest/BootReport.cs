using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Nspawn.Core;

/// <summary>
/// Everything a boot test found out, for all who write reports of it. Times are measured from the start of the container's
/// PID 1 where nothing else is said.
/// </summary>
public sealed record BootReport
{
    public required Verdict Verdict { get; init; }

    /// <summary>The verdict and what led to it, in a line without the image's name.</summary>
    public required string Summary { get; init; }

    /// <summary>The tree or image, as it was named on the command line.</summary>
    public required string Image { get; init; }
    public required string Machine { get; init; }

    /// <summary>The options of the launch, as given.</summary>
    public ImmutableArray<string> Options { get; init; } = [];

    /// <summary>When the test began, in UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>From the test's start to its verdict, with everything in between.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>What the guest calls itself: PRETTY_NAME of os-release(5).</summary>
    public string? OperatingSystem { get; init; }

    /// <summary>Its init is systemd, whether it could be asked or not; null: nothing was started.</summary>
    public bool? IsSystemd { get; init; }

    /// <summary>Version of the guest's systemd, as it names it; null: its init is another, or did not say.</summary>
    public string? Systemd { get; init; }
    public required string Kernel { get; init; }
    public required string Nspawn { get; init; }

    /// <summary>The unit that was waited for; null for a guest without systemd.</summary>
    public string? Target { get; init; }

    /// <summary>When the target became active; null: never.</summary>
    public TimeSpan? TargetReached { get; init; }

    /// <summary>The manager's SystemState: running, degraded, maintenance, starting …; null where there is none.</summary>
    public string? SystemState { get; init; }

    /// <summary>One for each boot: the first, and one for each of <c>--reboots</c>, or of <c>--runs</c>.</summary>
    public ImmutableArray<TimeSpan> BootTimes { get; init; } = [];

    /// <summary>All units that the manager had in memory.</summary>
    public ImmutableArray<UnitReport> Units { get; init; } = [];

    /// <summary>What had been asked of the manager and was not done when the verdict fell.</summary>
    public ImmutableArray<JobReport> Jobs { get; init; } = [];
    public ImmutableArray<CheckResult> Checks { get; init; } = [];

    /// <summary>The units on the longest way to the target, the target first.</summary>
    public ImmutableArray<string> CriticalChain { get; init; } = [];

    /// <summary>The processes in the machine, where the verdict is that it hangs.</summary>
    public ImmutableArray<ProcessReport> Processes { get; init; } = [];

    /// <summary>Known causes of what was found.</summary>
    public ImmutableArray<Cause> Causes { get; init; } = [];

    /// <summary>The console's last lines, without terminal sequences.</summary>
    public ImmutableArray<string> ConsoleTail { get; init; } = [];

    /// <summary>What the machine used as it booted, where its control group counts it.</summary>
    public ImmutableArray<UsageSample> Usage { get; init; } = [];

    /// <summary>The sockets that wait for others, as <c>tcp 0.0.0.0:22</c>; with <c>--traces</c>, on a network of its own.</summary>
    public ImmutableArray<string> Listening { get; init; } = [];

    /// <summary>Files of the tree that were made or changed since the start; with <c>--traces</c>.</summary>
    public ImmutableArray<string> Written { get; init; } = [];

    [JsonIgnore]
    public IEnumerable<UnitReport> FailedUnits => Units.Where(unit => unit.HasFailed);
}

/// <summary>A unit at the verdict; org.freedesktop.systemd1(5).</summary>
public sealed record UnitReport
{
    public required string Name { get; init; }
    public string Description { get; init; } = "";
    public string LoadState { get; init; } = "loaded";
    public required string ActiveState { get; init; }
    public string SubState { get; init; } = "";

    /// <summary>The unit's Result: success, exit-code, timeout, dependency, oom-kill …; empty for types without one.</summary>
    public string Result { get; init; } = "";

    /// <summary>Of a service's main process: its exit status, or the signal that killed it as a negative number.</summary>
    public int? ExitStatus { get; init; }

    /// <summary>When it began to start, became active, began to stop, and was inactive again; null: it did not.</summary>
    public TimeSpan? Activating { get; init; }
    public TimeSpan? Activated { get; init; }
    public TimeSpan? Deactivating { get; init; }
    public TimeSpan? Deactivated { get; init; }

    /// <summary>False where a Condition…= was not met, and it was skipped.</summary>
    public bool ConditionMet { get; init; } = true;

    /// <summary>It has failed, and <c>--allow-failed</c> allows it.</summary>
    public bool MayFail { get; init; }

    /// <summary>Units that were not started because this one failed.</summary>
    public ImmutableArray<string> Victims { get; init; } = [];

    /// <summary>The last lines it wrote into the journal; only of those that matter to the verdict.</summary>
    public ImmutableArray<string> Journal { get; init; } = [];

    /// <summary>Peak of memory in bytes and CPU time, where the guest accounts for them.</summary>
    public long? MemoryPeak { get; init; }
    public TimeSpan? CpuTime { get; init; }

    /// <summary>How often the manager has started this service again after it ended.</summary>
    public int? Restarts { get; init; }

    /// <summary>It ends and is started again, without an end of it: its manager never calls that failed.</summary>
    public bool KeepsRestarting { get; init; }

    /// <summary>What the manager calls failed, what keeps restarting, and what has a unit file that cannot be understood.</summary>
    public bool HasFailed => ActiveState == "failed" || KeepsRestarting || LoadState is "bad-setting" or "error";

    /// <summary>When it was up or, of a service that is never active but only runs once, through.</summary>
    [JsonIgnore]
    public TimeSpan? Done => Activated ?? (HasFailed ? null : Deactivated);

    /// <summary>How long it took to start; null: it never did, or takes no time (targets).</summary>
    public TimeSpan? StartTime => Done - Activating is TimeSpan time && time >= TimeSpan.Zero ? time : null;
}

/// <summary>A job that was not done; its state is <c>waiting</c> or <c>running</c>.</summary>
public sealed record JobReport(string Unit, string Type, string State);

/// <summary>A command that was run inside.</summary>
public sealed record CheckResult
{
    public required string Command { get; init; }

    /// <summary>Null: it had not ended when the time was up.</summary>
    public int? ExitStatus { get; init; }
    public required TimeSpan Duration { get; init; }

    /// <summary>The end of what it wrote, both streams in order.</summary>
    public string Output { get; init; } = "";
    public bool Passed => ExitStatus == 0;
}

/// <summary>A process, with its id in the machine, and what it waits for in the kernel (wchan), where that is known.</summary>
public sealed record ProcessReport(int Pid, int Parent, string Command, string State, string WaitsIn);

/// <summary>A known cause, and what to do about it.</summary>
public sealed record Cause(string Text, string Remedy);

/// <summary>A look at the machine's control group; null: its controller is not there.</summary>
public sealed record UsageSample(TimeSpan Time, long? MemoryBytes, TimeSpan? CpuTime);
