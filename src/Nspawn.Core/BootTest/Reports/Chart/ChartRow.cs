using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>A unit in a boot chart: where its bars begin and end.</summary>
internal sealed record ChartRow
{
    /// <summary>More rows than these nobody reads.</summary>
    public const int Most = 200;

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

    /// <summary>Those units that did something in this boot, in the order of their beginning.</summary>
    /// <param name="report">The boot.</param>
    /// <param name="omitted">How many were left out because there were too many.</param>
    public static ImmutableArray<ChartRow> Of(BootReport report, out int omitted)
    {
        ChartRow[] all = [.. report.Units.Select(unit => Of(unit, report)).OfType<ChartRow>()];
        IEnumerable<ChartRow> kept = all.Length <= Most ? all : all.OrderByDescending(Weight).Take(Most);
        omitted = Math.Max(0, all.Length - Most);
        return [.. kept.OrderBy(row => row.Begin).ThenBy(row => row.Started ?? TimeSpan.MaxValue).ThenBy(row => row.Unit.Name, StringComparer.Ordinal)];
    }

    private static ChartRow? Of(UnitReport unit, BootReport report)
    {
        if ((unit.Activating ?? unit.Activated) is not TimeSpan begin || begin < TimeSpan.Zero || (IsScenery(unit) && !unit.HasFailed))
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

    /// <summary>Groups and devices are there or not; nobody waits for their start.</summary>
    private static bool IsScenery(UnitReport unit) =>
        unit.Name.EndsWith(".slice", StringComparison.Ordinal) || unit.Name.EndsWith(".scope", StringComparison.Ordinal)
        || unit.Name.EndsWith(".device", StringComparison.Ordinal) || unit.Name.EndsWith(".swap", StringComparison.Ordinal);

    private static (bool, bool, TimeSpan) Weight(ChartRow row) =>
        (row.Unit.HasFailed || row.IsTarget || row.IsUnfinished, row.IsCritical, (row.Started ?? row.Begin) - row.Begin);
}
