using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Which units the target came, or comes, last for; as systemd-analyze critical-chain has it.</summary>
public static class CriticalChain
{
    private const int Longest = 100;

    /// <param name="target">Where it begins.</param>
    /// <param name="units">With their times.</param>
    /// <param name="jobs">What is not done yet.</param>
    /// <param name="after">The units that one waits for: its After=.</param>
    public static ImmutableArray<string> Of(
        string target, IEnumerable<UnitReport> units, IEnumerable<JobReport> jobs, Func<string, IEnumerable<string>> after)
    {
        Dictionary<string, UnitReport> known = units.ToDictionary(unit => unit.Name);
        Dictionary<string, JobReport> starting = jobs.Where(job => job.Type is "start" or "restart" or "verify-active").GroupBy(job => job.Unit).ToDictionary(same => same.Key, same => same.First());
        List<string> chain = [target];
        while (chain.Count < Longest && Next(chain[^1], known, starting, after(chain[^1]).Where(name => !chain.Contains(name))) is string next)
        {
            chain.Add(next);
        }

        return [.. chain];
    }

    private static string? Next(
        string unit, Dictionary<string, UnitReport> known, Dictionary<string, JobReport> starting, IEnumerable<string> before)
    {
        string[] candidates = [.. before];
        // What is being done comes before what waits itself.
        if (candidates.Where(starting.ContainsKey).OrderBy(name => starting[name].State != "running").ThenBy(name => name, StringComparer.Ordinal).FirstOrDefault() is string busy)
        {
            return busy;
        }

        if (starting.GetValueOrDefault(unit) is { State: "running" })
        {
            return null; // nothing else is to blame
        }

        TimeSpan begun = known.GetValueOrDefault(unit)?.Activating ?? known.GetValueOrDefault(unit)?.Activated ?? TimeSpan.MaxValue;
        return candidates.Where(name => known.GetValueOrDefault(name)?.Done is TimeSpan up && up <= begun)
            .MaxBy(name => known[name].Done);
    }
}
