using System.Collections.Immutable;
using System.Globalization;

namespace Nspawn.Core;

/// <summary>
/// A name in a versioned directory: <c>NAME_VERSION</c>, behind it perhaps <c>_ARCHITECTURE</c> and a boot counter,
/// <c>+LEFT</c> or <c>+LEFT-DONE</c>; systemd.v(7).
/// </summary>
public sealed record VersionedName
{
    /// <summary>What this processor runs, the better one first.</summary>
    private static readonly ImmutableArray<string> s_native = ["x86-64", "x86"];

    private static readonly ImmutableArray<string> s_foreign =
    [
        "alpha", "arc", "arc-be", "arm", "arm-be", "arm64", "arm64-be", "cris", "ia64", "loongarch64", "m68k", "mips", "mips-le",
        "mips64", "mips64-le", "nios2", "parisc", "parisc64", "ppc", "ppc-le", "ppc64", "ppc64-le", "riscv32", "riscv64", "s390",
        "s390x", "sh", "sh64", "sparc", "sparc64", "tilegx",
    ];

    public required string FileName { get; init; }
    public required string Version { get; init; }

    /// <summary>How far from the processor's own; a name without one is taken for it, behind those that say so.</summary>
    private int Architecture { get; init; }

    /// <summary>Boots that are left before the version is given up; a version that is not counted is never given up.</summary>
    private uint TriesLeft { get; init; } = uint.MaxValue;
    private uint TriesDone { get; init; } = uint.MaxValue;

    /// <summary>Null for a name that is no version of <paramref name="name"/>, or one for another kind of processor.</summary>
    public static VersionedName? Parse(string fileName, string name)
    {
        if (!fileName.StartsWith(name + "_", StringComparison.Ordinal))
        {
            return null;
        }

        string rest = fileName[(name.Length + 1)..];
        uint left = uint.MaxValue, done = uint.MaxValue;
        if (rest.LastIndexOf('+') is int plus and >= 0 && TryCounter(rest[(plus + 1)..], out left, out done))
        {
            rest = rest[..plus];
        }

        int architecture = s_native.Length;
        if (rest.LastIndexOf('_') is int underscore and >= 0)
        {
            string last = rest[(underscore + 1)..];
            if (s_foreign.Contains(last))
            {
                return null;
            }

            if (s_native.IndexOf(last) is int native and >= 0)
            {
                architecture = native;
                rest = rest[..underscore];
            }
        }

        return rest.Length == 0 || !rest.All(c => char.IsAsciiLetterOrDigit(c) || ".,_-+~^".Contains(c))
            ? null
            : new VersionedName { FileName = fileName, Version = rest, Architecture = architecture, TriesLeft = left, TriesDone = done };
    }

    /// <summary>The greatest is the one to use: not given up, new, for this processor, with many tries left and few done.</summary>
    public static int Compare(VersionedName one, VersionedName other)
    {
        ReadOnlySpan<int> criteria =
        [
            (one.TriesLeft != 0).CompareTo(other.TriesLeft != 0),
            VersionOrder.Compare(one.Version, other.Version),
            other.Architecture.CompareTo(one.Architecture),
            one.TriesLeft.CompareTo(other.TriesLeft),
            other.TriesDone.CompareTo(one.TriesDone),
            string.CompareOrdinal(one.FileName, other.FileName),
        ];
        int first = criteria.IndexOfAnyExcept(0);
        return first < 0 ? 0 : criteria[first];
    }

    private static bool TryCounter(string text, out uint left, out uint done)
    {
        done = 0;
        int dash = text.IndexOf('-');
        bool counts = TryNumber(dash < 0 ? text : text[..dash], out left) && (dash < 0 || TryNumber(text[(dash + 1)..], out done));
        if (!counts)
        {
            left = done = uint.MaxValue;
        }

        return counts;
    }

    private static bool TryNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
