using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// The locks by which no other container picks the same user ids. Held from the first boot of the container to its end,
/// over its reboots.
/// </summary>
internal sealed class RangeLock : IDisposable
{
    private readonly Dictionary<string, LockFile?> _files = [];

    public void Take(LockUidRange step, UndoJournal undo)
    {
        undo.RecordForJanitor(new UndoStep.RemoveLock(step.File));
        if (_files.ContainsKey(step.File))
        {
            return;
        }

        LockFile? file = TakeFile(step.File);
        if (file is null && !step.Optional)
        {
            Dispose(); // another plan may need others
            throw new PlanRefuted(facts => facts with { LockedRanges = facts.LockedRanges.Add(step.Base) });
        }

        if (file is null)
        {
            Complain.Line($"the container's user ids, from {step.Base} on, are another container's as well ({step.File} is locked)");
        }

        _files.Add(step.File, file);
    }

    /// <summary>Lets the ranges go.</summary>
    public void Dispose()
    {
        foreach (LockFile? file in _files.Values)
        {
            file?.Dispose();
        }

        _files.Clear();
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
