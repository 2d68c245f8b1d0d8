using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// The lock by which no other container picks the same user ids. Held from the first boot of the container to its end,
/// over its reboots.
/// </summary>
internal sealed class RangeLock : IDisposable
{
    private LockFile? _file;
    private string? _path;

    public void Take(LockUidRange step, UndoJournal undo)
    {
        undo.RecordForJanitor(new UndoStep.RemoveLock(step.File));
        if (_path == step.File)
        {
            return;
        }

        Dispose();
        _file = TakeFile(step.File);
        if (_file is not null)
        {
            _path = step.File;
        }
        else if (!step.Optional)
        {
            throw new PlanRefuted(facts => facts with { LockedRanges = facts.LockedRanges.Add(step.Base) });
        }
        else
        {
            Complain.Line($"the container's user ids, from {step.Base} on, are another container's as well ({step.File} is locked)");
        }
    }

    /// <summary>Lets the range go.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
        _path = null;
    }

    private static LockFile? TakeFile(string path)
    {
        try
        {
            return LockFile.TryTake(path, shared: false, out _);
        }
        catch (SyscallException failure) when (failure.Errno == Errno.ENOENT)
        {
            // The first on this host.
            using RootDirectory root = new(Descriptors.Open("/", OpenMode.Path | OpenMode.Directory));
            root.OpenOrMakeDirectory(RootDirectory.Split(path).Parent, 0x1ed /* 0755 */).Dispose();
            return LockFile.TryTake(path, shared: false, out _);
        }
    }
}
