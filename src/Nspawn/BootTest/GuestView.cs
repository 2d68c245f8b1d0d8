using System.Collections.Immutable;
using Nspawn.Core;

namespace Nspawn;

/// <summary>
/// What the guest's manager knows about its units, put into a report. Times are microseconds of the monotonic clock, which
/// machine and host share.
/// </summary>
internal sealed class GuestView
{
    private const int Exited = 1, Killed = 2, Dumped = 3; // CLD_ of waitid(2)

    /// <summary>What a guest says came later than that is no time: nobody could reckon with it.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(366);

    private static readonly ImmutableArray<string> s_withResult =
        ["service", "socket", "mount", "automount", "swap", "timer", "path", "scope"];

    private readonly GuestManager _manager;
    private readonly IReadOnlyDictionary<string, object> _ofManager;
    private readonly Dictionary<string, GuestUnit> _units;
    private readonly ulong _start;

    public GuestView(GuestManager manager)
    {
        _manager = manager;
        _ofManager = manager.OfManager();
        _units = manager.Units().GroupBy(unit => unit.Name).ToDictionary(same => same.Key, same => same.First());
        _start = Number(_ofManager, "UserspaceTimestampMonotonic");
    }

    public string SystemState => _ofManager.GetValueOrDefault("SystemState") as string ?? "";

    public string? Version => _ofManager.GetValueOrDefault("Version") as string;

    public ImmutableArray<JobReport> Jobs() => [.. _manager.Jobs().Select(job => new JobReport(job.Unit, job.Type, job.State))];

    /// <summary>All units.</summary>
    /// <param name="mayFail">Whether the unit of that name may fail.</param>
    /// <param name="restarting">Those that keep restarting.</param>
    /// <param name="inFull">With their times; otherwise only of those that failed.</param>
    public ImmutableArray<UnitReport> Units(Func<string, bool> mayFail, IReadOnlySet<string> restarting, bool inFull) =>
        [.. _units.Values.OrderBy(unit => unit.Name, StringComparer.Ordinal).Select(unit => Report(unit, mayFail, restarting, inFull))];

    /// <summary>When a unit became active; null: it is not there, or not active.</summary>
    public TimeSpan? ActiveSince(string unit) =>
        _units.TryGetValue(unit, out GuestUnit? found) && _manager.Property(found.Path, GuestManager.Unit, "ActiveEnterTimestampMonotonic") is ulong time
            ? Since(time) : null;

    /// <summary>Names of units that a property of a unit lists: After, RequiredBy and the like.</summary>
    public ImmutableArray<string> Related(string unit, string property)
    {
        if (!_units.TryGetValue(unit, out GuestUnit? found))
        {
            return [];
        }

        try
        {
            return _manager.Property(found.Path, GuestManager.Unit, property) is object[] names ? [.. names.OfType<string>()] : [];
        }
        catch (GuestException gone) when (gone.Name.Length > 0)
        {
            return [];
        }
    }

    private UnitReport Report(GuestUnit unit, Func<string, bool> mayFail, IReadOnlySet<string> restarting, bool inFull)
    {
        UnitReport report = new()
        {
            Name = unit.Name,
            Description = unit.Description,
            LoadState = unit.LoadState,
            ActiveState = unit.ActiveState,
            SubState = unit.SubState,
            KeepsRestarting = restarting.Contains(unit.Name),
        };
        report = report with { MayFail = report.HasFailed && mayFail(unit.Name) };
        try
        {
            return inFull || report.HasFailed ? InFull(report, unit) : report;
        }
        catch (GuestException gone) when (gone.Name.Length > 0)
        {
            return report; // it was unloaded meanwhile
        }
    }

    private UnitReport InFull(UnitReport report, GuestUnit unit)
    {
        IReadOnlyDictionary<string, object> general = _manager.Properties(unit.Path, GuestManager.Unit);
        report = report with
        {
            Activating = Time(general, "InactiveExitTimestampMonotonic"),
            Activated = Time(general, "ActiveEnterTimestampMonotonic"),
            Deactivating = Time(general, "ActiveExitTimestampMonotonic"),
            Deactivated = Time(general, "InactiveEnterTimestampMonotonic"),
            ConditionMet = Number(general, "ConditionTimestampMonotonic") == 0 || general.GetValueOrDefault("ConditionResult") is not false,
        };
        string type = unit.Name[(unit.Name.LastIndexOf('.') + 1)..];
        if (!s_withResult.Contains(type))
        {
            return report;
        }

        IReadOnlyDictionary<string, object> own = _manager.Properties(unit.Path, GuestManager.InterfaceOf(type));
        return report with
        {
            Result = own.GetValueOrDefault("Result") as string ?? "",
            ExitStatus = own.GetValueOrDefault("ExecMainStatus") is long status && own.GetValueOrDefault("ExecMainCode") is long code
                ? code switch { Exited => (int)status, Killed or Dumped => -(int)status, _ => null } : null,
            Restarts = own.GetValueOrDefault("NRestarts") is ulong restarts ? (int)restarts : null,
            MemoryPeak = Counted(own, "MemoryPeak") is ulong peak ? (long)peak : null,
            CpuTime = Counted(own, "CPUUsageNSec") is ulong time ? TimeSpan.FromMicroseconds(time / 1000.0) : null,
        };
    }

    private TimeSpan? Time(IReadOnlyDictionary<string, object> properties, string name) => Since(Number(properties, name));

    // What was before PID 1 is of no boot: the manager of a host that was live-updated.
    private TimeSpan? Since(ulong time) => Between(_start, time);

    /// <summary>From one time of the monotonic clock to a later one, in microseconds; null: there is no such time.</summary>
    internal static TimeSpan? Between(ulong start, ulong time) =>
        time == 0 || time < start || time - start > s_longest.TotalMicroseconds ? null : TimeSpan.FromMicroseconds((long)(time - start));

    private static ulong Number(IReadOnlyDictionary<string, object> properties, string name) =>
        properties.GetValueOrDefault(name) is ulong number ? number : 0;

    // What is not counted is the largest number there is.
    private static ulong? Counted(IReadOnlyDictionary<string, object> properties, string name) =>
        properties.GetValueOrDefault(name) is ulong number and < long.MaxValue ? number : null;
}
