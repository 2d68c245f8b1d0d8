namespace Nspawn.Core;

/// <summary>
/// Which of two versions is the newer one, by the rules of the UAPI group's version format specification, which
/// systemd orders by: runs of digits compare as numbers, of letters as text, and digits are newer than letters. What
/// stands before a run counts first: <c>~</c> is older than the end of the text, <c>-</c> (a release) is older than
/// <c>^</c> (a patch), that than <c>.</c> (a point release), and nothing is the newest.
/// </summary>
public static class VersionOrder
{
    /// <summary>Negative: the first is older; positive: it is newer; 0: they are the same version.</summary>
    public static int Compare(string first, string second)
    {
        ReadOnlySpan<char> a = first, b = second;
        while (true)
        {
            a = SkipMeaningless(a);
            b = SkipMeaningless(b);
            int order = PassSeparator('~', ref a, ref b);
            if (order == 0 && (a.IsEmpty || b.IsEmpty))
            {
                // A pre-release aside, the text that goes on is newer.
                return a.Length.CompareTo(b.Length);
            }

            foreach (char separator in "-^.")
            {
                order = order != 0 ? order : PassSeparator(separator, ref a, ref b);
            }

            order = order != 0 ? order : PassRun(ref a, ref b);
            if (order != 0)
            {
                return order;
            }
        }
    }

    /// <summary>What is no part of a version only ends a run: <c>1_2</c> is as <c>1 2</c>.</summary>
    private static ReadOnlySpan<char> SkipMeaningless(ReadOnlySpan<char> text)
    {
        int start = 0;
        while (start < text.Length && !char.IsAsciiLetterOrDigit(text[start]) && text[start] is not ('~' or '-' or '^' or '.'))
        {
            start++;
        }

        return text[start..];
    }

    /// <summary>A separator that only one of them has makes that one older.</summary>
    private static int PassSeparator(char separator, ref ReadOnlySpan<char> a, ref ReadOnlySpan<char> b)
    {
        bool inA = a.StartsWith(separator), inB = b.StartsWith(separator);
        if (inA && inB)
        {
            a = a[1..];
            b = b[1..];
        }

        return inB.CompareTo(inA);
    }

    private static int PassRun(ref ReadOnlySpan<char> a, ref ReadOnlySpan<char> b)
    {
        bool digits = (!a.IsEmpty && char.IsAsciiDigit(a[0])) || (!b.IsEmpty && char.IsAsciiDigit(b[0]));
        ReadOnlySpan<char> runA = TakeRun(digits, ref a), runB = TakeRun(digits, ref b);
        if (!digits)
        {
            return runA.SequenceCompareTo(runB);
        }

        if (runA.IsEmpty || runB.IsEmpty)
        {
            return runA.Length.CompareTo(runB.Length);
        }

        // As numbers of any length: leading zeros mean nothing, more digits are more.
        runA = runA.TrimStart('0');
        runB = runB.TrimStart('0');
        int longer = runA.Length.CompareTo(runB.Length);
        return longer != 0 ? longer : runA.SequenceCompareTo(runB);
    }

    private static ReadOnlySpan<char> TakeRun(bool digits, ref ReadOnlySpan<char> text)
    {
        int end = 0;
        while (end < text.Length && (digits ? char.IsAsciiDigit(text[end]) : char.IsAsciiLetter(text[end])))
        {
            end++;
        }

        ReadOnlySpan<char> run = text[..end];
        text = text[end..];
        return run;
    }
}
