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
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, LockFile?> _files = [];
    private bool _isHeldByOthers;

    public void Take(LockUidRange step, UndoJournal undo)
    {
        undo.RecordForJanitor(new UndoStep.RemoveLock(step.File));
        if (_files.ContainsKey(step.File))
        {
            return;
        }

        using UserDatabaseLock? users = LockUsers(step);
        LockFile? file = TakeFile(step.File);
        if (file is not null && users is not null && IsUsersBy(step.Base))
        {
            file.Dispose();
            file = null;
        }

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

    private UserDatabaseLock? LockUsers(LockUidRange step)
    {
        UserDatabaseLock? taken = null;
        if (step.UsersLock is string path && !_isHeldByOthers && !UserDatabaseLock.TryTake(path, s_patience, out taken))
        {
            _isHeldByOthers = true; // and not waited for once more
            Complain.Line($"somebody has held {path} for {s_patience.TotalSeconds:0} seconds: user ids are picked without it, and a user made meanwhile may be given the same");
        }

        return taken;
    }

    // By a user who was made after the plan was.
    private static bool IsUsersBy(uint first) =>
        IdReader.Read(Settings.Default with { PrivateUsers = PrivateUsersMode.Pick }).Used.Any(one => one.Range.Overlaps(new IdRange(first, IdRange.WholeCount)));

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
