using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The snapshot that is booted in the tree's place, from the first boot of the run to its end.</summary>
internal sealed class TreeSnapshot : IDisposable
{
    private string? _path;

    public void Take(SnapshotTree step, OpenTree tree, UndoJournal undo)
    {
        if (step.Path.Contains('\n'))
        {
            throw new LaunchException($"cannot make the snapshot {step.Path}: a line break is in its path; use --ephemeral=memory");
        }

        undo.RecordForJanitor(new UndoStep.RemoveSubvolume(step.Path));
        if (_path is null)
        {
            _path = step.Path;
            tree.TakeSnapshot(step.Path);
        }
    }

    public void Dispose()
    {
        if (_path is not null)
        {
            _ = Subvolume.Remove(_path);
            _path = null;
        }
    }
}
