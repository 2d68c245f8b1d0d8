using System.Globalization;

namespace Nspawn.Core;

/// <summary>From times to places on the chart, and back to round numbers for its axis.</summary>
/// <param name="Left">Where the time zero is.</param>
/// <param name="Width">From there to the end.</param>
/// <param name="End">The time at the right edge; a millisecond at least.</param>
internal readonly record struct ChartScale(double Left, double Width, TimeSpan End)
{
    private const int MostTicks = 10;

    public double Right => Left + Width;

    /// <summary>Where a time is; what lies outside is at the edge.</summary>
    public double X(TimeSpan time) => Left + (Width * Math.Clamp(time / End, 0, 1));

    /// <summary>Round times from zero to the end, ten or fewer apart by 1, 2 or 5 of a power of ten.</summary>
    public IEnumerable<TimeSpan> Ticks()
    {
        TimeSpan step = Step();
        for (TimeSpan time = TimeSpan.Zero; time <= End; time += step)
        {
            yield return time;
        }
    }

    /// <summary>All ticks in the same unit, with as many decimals as the distance between them needs.</summary>
    public string Label(TimeSpan tick)
    {
        TimeSpan step = Step();
        string number = step switch
        {
            { TotalMilliseconds: < 1 } => "0.0 ms",
            _ when End < TimeSpan.FromSeconds(1) => "0 ms",
            { TotalSeconds: < 1 } => "0.0 s",
            _ => "0 s",
        };
        double value = number.EndsWith("ms", StringComparison.Ordinal) ? tick.TotalMilliseconds : tick.TotalSeconds;
        return value.ToString(number.Replace("ms", "'ms'", StringComparison.Ordinal).Replace(" s", " 's'", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }

    private TimeSpan Step()
    {
        double least = End.TotalSeconds / MostTicks;
        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        double factor = (least / power) switch { <= 1.000001 => 1, <= 2.000001 => 2, <= 5.000001 => 5, _ => 10 };
        return TimeSpan.FromSeconds(power * factor);
    }
}
