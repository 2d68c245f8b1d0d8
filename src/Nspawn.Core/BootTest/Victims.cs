using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Which units were not started because another one failed.</summary>
public static class Victims
{
    /// <summary>Properties that lead to those who cannot be without a unit.</summary>
    public static readonly ImmutableArray<string> Dependents = ["RequiredBy", "RequisiteOf", "BoundBy"];

    private const int Most = 100;

    /// <param name="failed">The unit.</param>
    /// <param name="dependents">Those who cannot be without a unit.</param>
    /// <param name="given">Whether a unit's start was given up for a dependency.</param>
    public static ImmutableArray<string> Of(string failed, Func<string, IEnumerable<string>> dependents, Func<string, bool> given)
    {
        List<string> found = [];
        Queue<string> open = new([failed]);
        while (open.TryDequeue(out string? unit) && found.Count < Most)
        {
            foreach (string dependent in dependents(unit).Where(name => name != failed && !found.Contains(name) && given(name)))
            {
                found.Add(dependent);
                open.Enqueue(dependent);
            }
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }
}
