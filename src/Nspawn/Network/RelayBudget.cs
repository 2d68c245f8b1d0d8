namespace Nspawn;

/// <summary>
/// How many descriptors those on the host's loopback may take from the launcher together: it has a thousand as a rule, and
/// needs some to end well.
/// </summary>
internal sealed class RelayBudget
{
    /// <summary>What one connection takes, and one sender of datagrams.</summary>
    public const int Connection = 2, Sender = 1;

    private int _left = 512;

    public bool Has(int descriptors) => _left >= descriptors;

    public void Take(int descriptors) => _left -= descriptors;

    public void GiveBack(int descriptors) => _left += descriptors;
}
