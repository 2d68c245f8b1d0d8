using System.Collections.Immutable;
using System.Globalization;

namespace Nspawn.Core;

/// <summary>Ids that follow one another on both sides of a mapping; user_namespaces(7).</summary>
/// <param name="Inside">The first, as the namespace has it; of a mount's mapping, as the file system has it.</param>
/// <param name="Outside">What the host takes it for.</param>
/// <param name="Count">How many.</param>
public readonly record struct IdExtent(uint Inside, uint Outside, uint Count);

/// <summary>Which ids of the host the ids of a user namespace, or of the files of a mount, are.</summary>
public sealed record IdMapping(ImmutableArray<IdExtent> Uids, ImmutableArray<IdExtent> Gids)
{
    /// <summary>The same for users and groups.</summary>
    public static IdMapping Of(params ImmutableArray<IdExtent> extents) => new(extents, extents);

    /// <summary>As /proc/PID/uid_map takes it.</summary>
    public static string TextOf(ImmutableArray<IdExtent> extents) =>
        string.Concat(extents.Select(one => $"{one.Inside} {one.Outside} {one.Count}\n"));

    /// <summary>What /proc/PID/uid_map says.</summary>
    public static ImmutableArray<IdExtent> Parse(string text)
    {
        List<IdExtent> extents = [];
        foreach (string line in text.Split('\n'))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [string inside, string outside, string count])
            {
                extents.Add(new IdExtent(Number(inside), Number(outside), Number(count)));
            }
        }

        return [.. extents];
    }

    /// <summary>
    /// The parts of a namespace's own extents that a range of its ids is made of, to be a namespace below it: the kernel
    /// takes an extent only as a part of one above. Ids that are none in there are left out.
    /// </summary>
    public static ImmutableArray<IdExtent> Below(ImmutableArray<IdExtent> above, IdRange range)
    {
        List<IdExtent> extents = [];
        foreach (IdExtent extent in above)
        {
            ulong first = Math.Max(extent.Inside, range.Base), end = Math.Min((ulong)extent.Inside + extent.Count, range.End);
            if (first < end)
            {
                extents.Add(new IdExtent((uint)(first - range.Base), (uint)first, (uint)(end - first)));
            }
        }

        return [.. extents];
    }

    /// <summary>How many ids there are from 0 on without a gap.</summary>
    public static ulong CountOf(ImmutableArray<IdExtent> extents)
    {
        ulong count = 0;
        foreach (IdExtent extent in extents.OrderBy(one => one.Inside))
        {
            count = extent.Inside == count ? count + extent.Count : count;
        }

        return count;
    }

    private static uint Number(string text) => uint.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
