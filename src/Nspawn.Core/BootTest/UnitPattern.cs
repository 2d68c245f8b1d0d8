namespace Nspawn.Core;

/// <summary>A shell pattern for names of units: <c>*</c> any characters, <c>?</c> one, <c>[...]</c> one of these; fnmatch(3).</summary>
public static class UnitPattern
{
    public static bool Matches(string pattern, string name)
    {
        // A star that was passed: where to go on if what comes behind it does not fit.
        int star = -1, tried = 0, p = 0, n = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, tried) = (p++, n);
            }
            else if (p < pattern.Length && FitsOne(pattern, p, name[n], out int length))
            {
                p += length;
                n++;
            }
            else if (star >= 0)
            {
                (p, n) = (star + 1, ++tried);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }

    private static bool FitsOne(string pattern, int at, char c, out int length)
    {
        length = 1;
        int close = pattern[at] == '[' && at + 2 < pattern.Length ? pattern.IndexOf(']', at + 2) : -1;
        if (close < 0)
        {
            return pattern[at] == '?' || pattern[at] == c;
        }

        length = close - at + 1;
        ReadOnlySpan<char> set = pattern.AsSpan(at + 1, close - at - 1);
        bool negated = set[0] is '!' or '^';
        set = negated ? set[1..] : set;
        bool found = false;
        for (int i = 0; i < set.Length; i++)
        {
            bool range = i + 2 < set.Length && set[i + 1] == '-';
            found |= range ? c >= set[i] && c <= set[i + 2] : c == set[i];
            i += range ? 2 : 0;
        }

        return found != negated;
    }
}
