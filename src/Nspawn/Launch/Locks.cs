namespace Nspawn;

/// <summary>What this container has to itself on the host, over its reboots.</summary>
internal readonly record struct Locks(TreeLock Tree, RangeLock Range)
{
    public void Dispose()
    {
        Tree.Dispose();
        Range.Dispose();
    }
}
