using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>A unit in a boot chart: where its bars begin and end.</summary>
internal sealed record ChartRow
{
    /// <summary>More rows than these nobody reads.</summary>
    public const int Most = 200;

    private static readonly TimeSpan s_noTime = TimeSpan.FromMilliseconds(1);

    public required UnitReport Unit { get; init; }
    public required TimeSpan Begin { get; init; }

    /// <summary>When it was active; null: it never was, in this start of it.</summary>
    public TimeSpan? Active { get; init; }

    /// <summary>When it began to stop, and when it had stopped or failed.</summary>
    public TimeSpan? Stopping { get; init; }
    public TimeSpan? Gone { get; init; }
    public bool IsCritical { get; init; }
    public bool IsTarget { get; init; }

    /// <summary>It was still starting when the verdict fell.</summary>
    public bool IsUnfinished => Active is null && Gone is null && !Unit.HasFailed;

    /// <summary>When its start was over, for good or ill; null: it was not.</summary>
    public TimeSpan? Started => Active ?? Gone;

    /// <summary>A point that others gather at, and which takes no time itself.</summary>
    public bool IsPoint => Unit.Name.EndsWith(".target", StringComparison.Ordinal);

    /// <summary>Those units that did something in this boot, in the order of their beginning.</summary>
    /// <param name="report">The boot.</param>
    /// <param name="omitted">How many were left out because there were too many.</param>
    public static ImmutableArray<ChartRow> Of(BootReport report, out int omitted)
    {
        ChartRow[] all = [.. report.Units.Select(unit => Of(unit, report)).OfType<ChartRow>()];
        IEnumerable<ChartRow> kept = all.Length <= Most ? all : all.OrderByDescending(Weight).Take(Most);
        omitted = Math.Max(0, all.Length - Most);
        return [.. OfManager(report, all), .. kept.OrderBy(row => row.Begin).ThenBy(row => row.Started ?? TimeSpan.MaxValue).ThenBy(row => row.Unit.Name, StringComparer.Ordinal)];
    }

    /// <summary>The manager before its first unit: generators, and units read from disk.</summary>
    private static ImmutableArray<ChartRow> OfManager(BootReport report, ChartRow[] rows)
    {
        TimeSpan first = rows.Select(row => row.Begin).DefaultIfEmpty(TimeSpan.Zero).Min();
        UnitReport manager = new() { Name = "PID 1 before its first unit", ActiveState = "active" };
        return report.Systemd is null || first < s_noTime ? [] : [new ChartRow { Unit = manager, Begin = TimeSpan.Zero, Active = first, Gone = first }];
    }

    private static ChartRow? Of(UnitReport unit, BootReport report)
    {
        if ((unit.Activating ?? unit.Activated) is not TimeSpan begin || begin < TimeSpan.Zero || (IsScenery(unit) && !unit.HasFailed && !report.CriticalChain.Contains(unit.Name)))
        {
            return null;
        }

        // What lies before the beginning is of an earlier start of the same unit.
        TimeSpan? active = unit.Activated >= begin ? unit.Activated : null;
        return new ChartRow
        {
            Unit = unit,
            Begin = begin,
            Active = active,
            Stopping = unit.Deactivating >= begin ? unit.Deactivating : null,
            Gone = unit.Deactivated >= begin ? unit.Deactivated : null,
            IsCritical = report.CriticalChain.Contains(unit.Name),
            IsTarget = unit.Name == report.Target,
        };
    }

    /// <summary>Groups and devices are there or not, and most mounts were there before the manager: nobody waits for their start.</summary>
    private static bool IsScenery(UnitReport unit) => unit.Name[(unit.Name.LastIndexOf('.') + 1)..] switch
    {
        "slice" or "scope" or "device" or "swap" => true,
        "mount" => (unit.StartTime ?? TimeSpan.Zero) < s_noTime && unit.Activated is not null,
        _ => false,
    };

    private static (bool, bool, TimeSpan) Weight(ChartRow row) =>
        (row.Unit.HasFailed || row.IsTarget || row.IsUnfinished, row.IsCritical, (row.Started ?? row.Begin) - row.Begin);
}
