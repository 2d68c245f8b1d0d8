namespace Nspawn;

/// <summary>The journal of the first boot, where something is made on the host before it: the locks of an image.</summary>
internal sealed class FirstJournal : IDisposable
{
    private UndoJournal? _journal;

    public UndoJournal Begin() => _journal ??= new UndoJournal();

    /// <summary>Hands it over to the boot; null when there is none.</summary>
    public UndoJournal? Take()
    {
        (UndoJournal? taken, _journal) = (_journal, null);
        return taken;
    }

    public void Dispose() => _journal?.Dispose();
}
