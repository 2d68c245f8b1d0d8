using System.Collections.Immutable;
using System.Globalization;

namespace Nspawn.Core;

/// <summary>Processors by number and range, separated by commas or blanks: <c>0-3,5 7</c>.</summary>
public static class CpuList
{
    /// <summary>The largest NR_CPUS a kernel is built with.</summary>
    private const int Count = 8192;

    /// <summary>The processors, sorted, each once; empty when the text is, which takes an earlier list back.</summary>
    public static ImmutableArray<int> Parse(string text)
    {
        SortedSet<int> cpus = [];
        foreach (string word in text.Split([',', ' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            int dash = word.IndexOf('-');
            int first = Number(dash < 0 ? word : word[..dash]);
            int last = dash < 0 ? first : Number(word[(dash + 1)..]);
            if (last < first)
            {
                throw Refused();
            }

            cpus.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return [.. cpus];
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < Count
            ? number
            : throw Refused();

    private static UsageException Refused() => new($"expected processors from 0 to {Count - 1} and ranges of them, such as 0-3,5");
}
