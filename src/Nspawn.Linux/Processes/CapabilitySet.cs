using System.Text;

namespace Nspawn.Linux;

/// <summary>A set of capabilities as the kernel's 64-bit mask.</summary>
public readonly record struct CapabilitySet(ulong Mask)
{
    public static readonly CapabilitySet Empty = new(0);

    /// <summary>Every capability this launcher knows by name.</summary>
    public static readonly CapabilitySet All = new((1UL << ((int)Capability.CheckpointRestore + 1)) - 1);

    public static CapabilitySet Of(params ReadOnlySpan<Capability> capabilities)
    {
        ulong mask = 0;
        foreach (Capability capability in capabilities)
        {
            mask |= 1UL << (int)capability;
        }

        return new CapabilitySet(mask);
    }

    public bool Contains(Capability capability) => (Mask >> (int)capability & 1) != 0;

    public bool Contains(CapabilitySet other) => (other.Mask & ~Mask) == 0;

    public CapabilitySet Union(CapabilitySet other) => new(Mask | other.Mask);

    public CapabilitySet Except(CapabilitySet other) => new(Mask & ~other.Mask);

    public CapabilitySet Intersect(CapabilitySet other) => new(Mask & other.Mask);

    /// <summary>The kernel's name of a capability: <c>CAP_SYS_ADMIN</c>.</summary>
    public static string NameOf(Capability capability)
    {
        StringBuilder name = new("CAP");
        foreach (char c in capability.ToString())
        {
            _ = char.IsUpper(c) ? name.Append('_').Append(c) : name.Append(char.ToUpperInvariant(c));
        }

        return name.ToString();
    }

    /// <summary>The names of the set's members, in the kernel's order.</summary>
    public IEnumerable<string> Names()
    {
        foreach (Capability capability in Enum.GetValues<Capability>())
        {
            if (Contains(capability))
            {
                yield return NameOf(capability);
            }
        }
    }

    public override string ToString() => string.Join(' ', Names());
}
