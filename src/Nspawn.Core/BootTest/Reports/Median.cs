namespace Nspawn.Core;

/// <summary>The middle one of several times: one slow run among them does not move it.</summary>
internal static class Median
{
    public static TimeSpan Of(IEnumerable<TimeSpan> times)
    {
        TimeSpan[] sorted = [.. times.Order()];
        return sorted.Length == 0
            ? throw new ArgumentException("no times", nameof(times))
            : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
