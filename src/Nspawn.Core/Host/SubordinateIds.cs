using System.Collections.Immutable;
using System.Globalization;

namespace Nspawn.Core;

/// <summary>The ids that an ordinary user may give to user namespaces of their own; subuid(5), subgid(5).</summary>
public static class SubordinateIds
{
    /// <summary>newuidmap(1) takes no more lines, the user's own id among them.</summary>
    private const int MostExtents = 300;

    /// <summary>The ranges of a user, in the order of the file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="name">The user's name; null: it has none.</param>
    /// <param name="uid">The user's number, which the file may say instead.</param>
    /// <param name="malformed">The first line about the user that makes no sense; 0: there is none.</param>
    public static ImmutableArray<IdRange> Of(string text, string? name, uint uid, out int malformed)
    {
        malformed = 0;
        List<IdRange> ranges = [];
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string[] fields = line.Trim().Split(':');
            if (fields[0].Length == 0 || (fields[0] != name && fields[0] != uid.ToString(CultureInfo.InvariantCulture)))
            {
                continue;
            }

            if (fields.Length == 3 && TryNumber(fields[1], out uint first) && TryNumber(fields[2], out uint count)
                && count > 0 && new IdRange(first, count) is { End: <= uint.MaxValue } range)
            {
                ranges.Add(range);
            }
            else if (malformed == 0)
            {
                malformed = number;
            }
        }

        return [.. ranges];
    }

    /// <summary>As many ids as a whole tree needs, that no user has in any of these files, for root to give away; null: there are none.</summary>
    public static IdRange? Free(params IEnumerable<string> texts)
    {
        const uint Usual = 100_000; // login.defs(5), SUB_UID_MIN
        List<IdRange> taken = [];
        foreach (string line in texts.SelectMany(text => text.Split('\n')))
        {
            if (line.Trim().Split(':') is [_, string start, string length] && TryNumber(start, out uint first) && TryNumber(length, out uint count))
            {
                taken.Add(new IdRange(first, count));
            }
        }

        IEnumerable<IdRange> places = taken.Select(one => one.End).Where(end => end is > Usual and <= uint.MaxValue - IdRange.WholeCount).Order()
            .Select(end => new IdRange((uint)end, IdRange.WholeCount)).Prepend(new IdRange(Usual, IdRange.WholeCount));
        return places.Where(place => !taken.Exists(place.Overlaps)).Cast<IdRange?>().FirstOrDefault();
    }

    /// <summary>A namespace in which the user is root, and the ranges follow one another from 1 on.</summary>
    public static ImmutableArray<IdExtent> Extents(uint own, ImmutableArray<IdRange> ranges)
    {
        List<IdExtent> extents = [new IdExtent(0, own, 1)];
        uint inside = 1;
        foreach (IdRange range in ranges.Take(MostExtents))
        {
            // The kernel takes no id twice.
            if (!extents.Any(one => new IdRange(one.Outside, one.Count).Overlaps(range)))
            {
                extents.Add(new IdExtent(inside, range.Base, range.Count));
                inside += range.Count;
            }
        }

        return [.. extents];
    }

    private static bool TryNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
