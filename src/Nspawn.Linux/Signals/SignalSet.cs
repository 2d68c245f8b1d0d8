namespace Nspawn.Linux;

/// <summary>A set of signals as the kernel's 64-bit mask; signal(7).</summary>
public readonly record struct SignalSet(ulong Mask)
{
    public static readonly SignalSet Empty = new(0);

    public static SignalSet Of(params ReadOnlySpan<int> signals)
    {
        ulong mask = 0;
        foreach (int signal in signals)
        {
            mask |= Bit(signal);
        }

        return new SignalSet(mask);
    }

    public bool Contains(int signal) => (Mask & Bit(signal)) != 0;

    public SignalSet Union(SignalSet other) => new(Mask | other.Mask);

    private static ulong Bit(int signal) => 1UL << (signal - 1);
}
