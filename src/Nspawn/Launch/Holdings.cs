namespace Nspawn;

/// <summary>What a run holds on the host from before its first boot to its end, over its reboots.</summary>
internal sealed class Holdings : IDisposable
{
    public TreeLock Tree { get; } = new();

    public RangeLock Range { get; } = new();

    public ManagedRange Managed { get; } = new();

    public ScratchDirectory Scratch { get; } = new();

    public TreeSnapshot Snapshot { get; } = new();

    /// <summary>Of what is made before the first boot.</summary>
    public FirstJournal Journal { get; } = new();

    /// <summary>Lets all of it go, while the journal of the last boot is still there to clean up after us.</summary>
    public void LetGo()
    {
        Scratch.Dispose();
        Snapshot.Dispose();
        Tree.Dispose();
        Range.Dispose();
        Managed.Dispose();
    }

    public void Dispose()
    {
        LetGo();
        Journal.Dispose();
    }
}
