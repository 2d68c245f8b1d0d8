using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// The locks that keep two launchers from using a tree in ways that exclude each other. Held from the first boot of the
/// container to its end, over its reboots.
/// </summary>
internal sealed class TreeLock : IDisposable
{
    private LockFile? _local;
    private LockFile? _global;

    public void Take(LockTree step, UndoJournal undo)
    {
        foreach (string? file in (ReadOnlySpan<string?>)[step.LocalFile, step.GlobalFile])
        {
            // A line of the journal ends where a path with a line break has one: such a file stays, and harms nobody.
            if (file is not null && !file.Contains('\n'))
            {
                undo.RecordForJanitor(new UndoStep.RemoveLock(file));
            }
        }

        if (_global is null)
        {
            _local = step.LocalFile is string local ? TakeLocal(step, local) : null;
            _global = TakeGlobal(step);
        }
    }

    /// <summary>Lets the tree go; the files are removed unless others hold them too.</summary>
    public void Dispose()
    {
        _global?.Dispose();
        _local?.Dispose();
    }

    private static LockFile? TakeLocal(LockTree step, string file)
    {
        try
        {
            return TakeFile(step, file);
        }
        catch (SyscallException failure) when (step.Shared && failure.Errno == Errno.EROFS)
        {
            return null; // where no file can be made nobody writes
        }
        catch (SyscallException failure) when (Rootless.IsSo && failure.Errno is (Errno.EACCES or Errno.EPERM))
        {
            return null; // beside a user's tree in somebody else's directory: the user's own launches see the other lock
        }
    }

    private static LockFile TakeGlobal(LockTree step)
    {
        try
        {
            return TakeFile(step, step.GlobalFile);
        }
        catch (SyscallException failure) when (failure.Errno == Errno.ENOENT)
        {
            // The first launch on this host.
            using RootDirectory root = new(Descriptors.Open("/", OpenMode.Path | OpenMode.Directory));
            root.OpenOrMakeDirectory(RunPaths.Locks, 0x1c0 /* 0700 */).Dispose();
            return TakeFile(step, step.GlobalFile);
        }
    }

    private static LockFile TakeFile(LockTree step, string file)
    {
        LockFile? taken = LockFile.TryTake(file, step.Shared, out bool readersOnly);
        if (taken is not null)
        {
            return taken;
        }

        string what = FileStatus.At(step.HostPath) is { Type: FileType.Directory } ? "tree" : "image";
        throw new LaunchException(readersOnly
            ? $"the {what} {step.HostPath} is in use by another container that only reads it ({file} is locked); use --read-only as well, or a copy of the {what}"
            : $"the {what} {step.HostPath} is in use by another container ({file} is locked); wait for its end, or use a copy of the {what}");
    }
}
