using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Capabilities separated by commas, in any case, with or without CAP_; capabilities(7).</summary>
public static class CapabilityList
{
    private const string Everything = "all";

    public static IEnumerable<string> Names() => CapabilitySet.All.Names().Select(name => name.ToLowerInvariant());

    /// <summary>The set; an empty list is the empty set, <c>all</c> is every capability.</summary>
    public static CapabilitySet Parse(string text)
    {
        CapabilitySet set = CapabilitySet.Empty;
        foreach (string word in Words(text))
        {
            set = set.Union(word.Equals(Everything, StringComparison.OrdinalIgnoreCase) ? CapabilitySet.All : Single(word));
        }

        return set;
    }

    /// <summary>As <see cref="Parse"/>, but a process cannot be handed everything by the ambient way: each is to be named.</summary>
    public static CapabilitySet ParseNamed(string text)
    {
        CapabilitySet set = CapabilitySet.Empty;
        foreach (string word in Words(text))
        {
            set = set.Union(Single(word));
        }

        return set;
    }

    private static string[] Words(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static CapabilitySet Single(string word)
    {
        string name = word.ToUpperInvariant();
        name = name.StartsWith("CAP_", StringComparison.Ordinal) ? name : "CAP_" + name;

        // The enumeration has the names without underscores; the way back tells whether they stood in the right places.
        string member = name[4..].Replace("_", "", StringComparison.Ordinal);
        return member.Length > 0 && char.IsAsciiLetter(member[0])
            && Enum.TryParse(member, ignoreCase: true, out Capability capability)
            && CapabilitySet.NameOf(capability) == name
            ? CapabilitySet.Of(capability)
            : throw new UsageException(
                $"'{Message.Printable(word)}' is no capability; expected names such as CAP_NET_ADMIN, separated by commas (the value help lists them)");
    }
}
