using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>The processes of a machine as lines, indented below their parents.</summary>
public static class ProcessTree
{
    public static IEnumerable<string> Lines(ImmutableArray<ProcessReport> processes)
    {
        HashSet<int> known = [.. processes.Select(one => one.Pid)];
        ILookup<int, ProcessReport> children = processes.OrderBy(one => one.Pid)
            .ToLookup(one => known.Contains(one.Parent) && one.Parent != one.Pid ? one.Parent : 0);
        HashSet<int> shown = [];
        return children[0].SelectMany(top => Below(top, "", children, shown));
    }

    private static IEnumerable<string> Below(ProcessReport process, string indent, ILookup<int, ProcessReport> children, HashSet<int> shown)
    {
        if (!shown.Add(process.Pid))
        {
            yield break; // it became another's child while it was looked at
        }

        string waits = process.WaitsIn.Length > 0 ? $" in {process.WaitsIn}" : "";
        yield return $"{indent}{process.Pid} {process.Command} ({process.State}{waits})";
        foreach (string line in children[process.Pid].SelectMany(child => Below(child, indent + "  ", children, shown)))
        {
            yield return line;
        }
    }
}
