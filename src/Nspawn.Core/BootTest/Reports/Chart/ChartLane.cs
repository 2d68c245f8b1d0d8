using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Nspawn.Core;

/// <summary>What a boot used over time: a strip above the units.</summary>
/// <param name="Name">What is counted.</param>
/// <param name="Peak">The most of it, in words.</param>
/// <param name="Style">The area's class.</param>
/// <param name="Points">Times, and parts of the peak between 0 and 1.</param>
internal sealed record ChartLane(string Name, string Peak, string Style, ImmutableArray<(TimeSpan Time, double Part)> Points)
{
    private const int MostPoints = 400;

    /// <summary>CPU and memory, each where it was counted twice or more.</summary>
    public static IEnumerable<ChartLane> Of(ImmutableArray<UsageSample> usage)
    {
        UsageSample[] samples = [.. usage.OrderBy(sample => sample.Time)];
        int every = Math.Max(1, (samples.Length + MostPoints - 1) / MostPoints);
        UsageSample[] thinned = [.. samples.Where((_, i) => i % every == 0 || i == samples.Length - 1)];
        (TimeSpan, double)[] cpu = [.. Rates([.. thinned.Where(sample => sample.CpuTime is not null)])];
        (TimeSpan, double)[] memory = [.. thinned.Where(sample => sample.MemoryBytes is not null).Select(sample => (sample.Time, (double)sample.MemoryBytes!.Value))];
        if (cpu.Length > 1)
        {
            yield return Scaled("CPU", peak => $"peak {peak.ToString("0.0", CultureInfo.InvariantCulture)} cores", "cpu", cpu);
        }

        if (memory.Length > 1)
        {
            yield return Scaled("memory", peak => $"peak {ReportText.Bytes((long)peak)}", "memory", memory);
        }
    }

    /// <summary>The outline of the area, for a path's d, from the floor at the first point to the floor at the last.</summary>
    public string Path(ChartScale scale, double top, double height)
    {
        StringBuilder path = new();
        double floor = top + height;
        _ = path.Append(CultureInfo.InvariantCulture, $"M{scale.X(Points[0].Time):0.#},{floor:0.#}");
        foreach ((TimeSpan time, double part) in Points.Where(point => point.Time <= scale.End))
        {
            _ = path.Append(CultureInfo.InvariantCulture, $"L{scale.X(time):0.#},{floor - (height * part):0.#}");
        }

        TimeSpan last = Points.LastOrDefault(point => point.Time <= scale.End, Points[0]).Time;
        return path.Append(CultureInfo.InvariantCulture, $"L{scale.X(last):0.#},{floor:0.#}Z").ToString();
    }

    /// <summary>CPU seconds for each second, between two looks; drawn as steps, for it is a mean and no moment.</summary>
    private static IEnumerable<(TimeSpan, double)> Rates(UsageSample[] samples)
    {
        for (int i = 1; i < samples.Length; i++)
        {
            TimeSpan from = samples[i - 1].Time, to = samples[i].Time;
            if (to > from)
            {
                double rate = Math.Max(0, (samples[i].CpuTime!.Value - samples[i - 1].CpuTime!.Value) / (to - from));
                yield return (from, rate);
                yield return (to, rate);
            }
        }
    }

    private static ChartLane Scaled(string name, Func<double, string> words, string style, (TimeSpan Time, double Value)[] points)
    {
        double peak = points.Max(point => point.Value);
        return new ChartLane(name, words(peak), style, [.. points.Select(point => (point.Time, peak > 0 ? Math.Max(0, point.Value) / peak : 0))]);
    }
}
