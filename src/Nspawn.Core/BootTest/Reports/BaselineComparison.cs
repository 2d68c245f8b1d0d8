using System.Collections.Immutable;
using System.Globalization;

namespace Nspawn.Core;

/// <summary>What became slower since a baseline was saved, by the medians of all boots there and here.</summary>
public sealed record BaselineComparison
{
    public const double DefaultTolerance = 0.2;

    /// <summary>What a busy machine may add to any unit: less is no finding, however large a part of the time it is.</summary>
    public static readonly TimeSpan Floor = TimeSpan.FromMilliseconds(50);

    /// <summary>The whole boot; null: one of both has no time.</summary>
    public TimeChange? Boot { get; init; }

    /// <summary>The boot is slower than tolerated.</summary>
    public bool IsBootSlower { get; init; }

    /// <summary>Units that are slower than tolerated, and those that are faster by as much; what changed most stands first.</summary>
    public ImmutableArray<TimeChange> Slower { get; init; } = [];
    public ImmutableArray<TimeChange> Faster { get; init; } = [];

    public bool IsSlower => IsBootSlower || !Slower.IsEmpty;

    /// <param name="before">What is compared with.</param>
    /// <param name="now">What is judged.</param>
    /// <param name="tolerance">The part by which a time may grow: 0.2 is a fifth.</param>
    public static BaselineComparison Of(Baseline before, Baseline now, double tolerance)
    {
        TimeChange? boot = before.BootTimes.IsEmpty || now.BootTimes.IsEmpty
            ? null : new TimeChange("boot", Median.Of(before.BootTimes), Median.Of(now.BootTimes));
        Dictionary<string, TimeSpan> known = before.Units.GroupBy(unit => unit.Name).ToDictionary(same => same.Key, same => Median.Of(same.SelectMany(one => one.Times)));
        TimeChange[] changes =
        [
            .. now.Units.Where(unit => known.ContainsKey(unit.Name)).Select(unit => new TimeChange(unit.Name, known[unit.Name], Median.Of(unit.Times))),
        ];
        return new BaselineComparison
        {
            Boot = boot,
            IsBootSlower = boot is not null && boot.IsBeyond(tolerance, Floor),
            Slower = [.. changes.Where(one => one.IsBeyond(tolerance, Floor)).OrderByDescending(one => one.Difference)],
            Faster = [.. changes.Where(one => one.Reversed.IsBeyond(tolerance, Floor)).OrderBy(one => one.Difference)],
        };
    }

    /// <summary>What is slower, in a line; only where something is.</summary>
    public string Summary()
    {
        const int Most = 3;
        TimeChange[] slower = [.. IsBootSlower ? [Boot!] : (TimeChange[])[], .. Slower];
        string more = slower.Length > Most ? $", and {slower.Length - Most} more" : "";
        return $"slower than the baseline: {string.Join("; ", slower.Take(Most).Select(one => one.Text))}{more}";
    }
}

/// <summary>A time before and now.</summary>
public sealed record TimeChange(string Name, TimeSpan Before, TimeSpan Now)
{
    public TimeSpan Difference => Now - Before;

    internal TimeChange Reversed => new(Name, Now, Before);

    /// <summary><c>nginx.service 0.28 s, was 0.10 s (+180 %)</c>.</summary>
    public string Text => $"{ReportText.Line(Name)} {ReportText.Time(Now)}, was {ReportText.Time(Before)}{Percent()}";

    /// <summary>It has grown by more than the part, and by more than the floor.</summary>
    internal bool IsBeyond(double part, TimeSpan floor) => Difference > floor && Difference.TotalSeconds > Before.TotalSeconds * part;

    private string Percent() => Before > TimeSpan.Zero
        ? string.Create(CultureInfo.InvariantCulture, $" ({(Difference / Before) * 100:+0;-0;+0} %)") : "";
}
