using System.Collections.Immutable;
using System.Globalization;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// <c>[RLIMIT_]NAME=SOFT[:HARD]</c>; getrlimit(2). A limit counts bytes, seconds, microseconds, a nice level or things,
/// and is written accordingly.
/// </summary>
public static class Rlimits
{
    private const string NoLimit = "infinity";
    private const string Prefix = "RLIMIT_";

    public static IEnumerable<string> Names() => Enum.GetValues<RlimitResource>().Select(NameOf);

    public static string NameOf(RlimitResource resource) => Prefix + resource.ToString().ToUpperInvariant();

    /// <summary>The limits with one more; a later one for the same resource wins.</summary>
    public static ImmutableSortedDictionary<RlimitResource, Rlimit> Add(
        ImmutableSortedDictionary<RlimitResource, Rlimit> limits, string text)
    {
        int equals = text.IndexOf('=');
        if (equals < 0)
        {
            throw new UsageException("expected NAME=SOFT[:HARD], such as NOFILE=1024:4096 or CORE=infinity");
        }

        RlimitResource resource = Resource(text[..equals]);
        return limits.SetItem(resource, ParseValue(resource, text[(equals + 1)..]));
    }

    /// <summary>One value for both limits, or <c>SOFT:HARD</c>.</summary>
    public static Rlimit ParseValue(RlimitResource resource, string text)
    {
        int colon = text.IndexOf(':');
        ulong soft = Single(resource, colon < 0 ? text : text[..colon]);
        ulong hard = colon < 0 ? soft : Single(resource, text[(colon + 1)..]);
        return soft <= hard
            ? new Rlimit(soft, hard)
            : throw new UsageException("the soft limit is above the hard limit");
    }

    internal static RlimitResource Resource(string text)
    {
        string name = text.ToUpperInvariant();
        name = name.StartsWith(Prefix, StringComparison.Ordinal) ? name : Prefix + name;
        foreach (RlimitResource resource in Enum.GetValues<RlimitResource>())
        {
            if (NameOf(resource) == name)
            {
                return resource;
            }
        }

        throw new UsageException($"'{Message.Printable(text)}' is no resource limit; the value help lists them");
    }

    private static ulong Single(RlimitResource resource, string text) =>
        text == NoLimit ? Rlimit.Infinity : resource switch
        {
            RlimitResource.Cpu => TimeSpans.Seconds(text),
            RlimitResource.Rttime => TimeSpans.Microseconds(text, defaultUnit: "us"),
            RlimitResource.Fsize or RlimitResource.Data or RlimitResource.Stack or RlimitResource.Core or RlimitResource.Rss
                or RlimitResource.As or RlimitResource.Memlock or RlimitResource.Msgqueue => ByteSizes.Parse(text),
            RlimitResource.Nice => NiceLimit(text),
            _ => Count(text),
        };

    private static ulong Count(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count)
            ? count
            : throw new UsageException($"expected a number or {NoLimit}");

    /// <summary>With a sign a nice level, -20 to 19; without one the kernel's own scale, on which 40 is nice -20.</summary>
    private static ulong NiceLimit(string text)
    {
        if (!text.StartsWith('+') && !text.StartsWith('-'))
        {
            return Count(text);
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int nice) && nice is >= -20 and <= 19
            ? (ulong)(20 - nice)
            : throw new UsageException("expected a nice level from -20 to +19");
    }
}
