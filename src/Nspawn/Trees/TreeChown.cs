using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// Gives a tree's files to a range of ids, on all processors. Each file is looked at by itself, and what is right stays:
/// done again, after an interruption or not, it does what is left. The root directory comes last, and says until then
/// that the tree is between two owners.
/// </summary>
internal sealed class TreeChown(SafeFileHandle place, ChownTree step, Supervisor supervisor)
{
    private const int LookMilliseconds = 100;

    private readonly Stack<Item> _waiting = new();
    private readonly OwnerShift _shift = new(step.Base);
    private readonly Lock _progress = new();
    private double _done;
    private int _working;
    private Exception? _failure;
    private volatile bool _stop;

    /// <summary>A directory that is open for as long as some below it are still to be opened.</summary>
    private sealed class Folder(SafeFileHandle handle)
    {
        private int _pending = 1;

        public SafeFileHandle Handle => handle;

        public void Expect(int more) => Interlocked.Add(ref _pending, more);

        public void Release()
        {
            if (Interlocked.Decrement(ref _pending) == 0)
            {
                handle.Dispose();
            }
        }
    }

    /// <summary>A directory to be done, and which part it is of the whole.</summary>
    private readonly record struct Item(Folder Parent, byte[] Name, double Weight);

    public void Run()
    {
        try
        {
            Work();
        }
        catch (SyscallException failure)
        {
            string remedy = failure.Errno switch
            {
                Errno.EROFS => "; the tree cannot be written: use --private-users-ownership=map, or off",
                Errno.EPERM => "; it may be immutable: chattr -i",
                _ => "",
            };
            throw new LaunchException($"cannot give {step.HostPath} to the container's users: {failure.Message}{remedy}");
        }
    }

    private void Work()
    {
        using SafeFileHandle root = Descriptors.Reopen(place, OpenMode.Read | OpenMode.Directory);
        MarkBusy(root);
        Folder top = new(Descriptors.Duplicate(root));
        Enter(top, 1);
        Thread[] workers = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Take) { IsBackground = true })];
        Array.ForEach(workers, worker => worker.Start());
        Watch(workers);
        if (_failure is not null)
        {
            throw _failure;
        }

        if (_stop)
        {
            throw new LaunchException($"interrupted while {step.HostPath} was given to the container's users; the next start goes on, or --private-users=0 --private-users-ownership=chown takes it back");
        }

        _shift.ShiftDirectory(root, step.HostPath);
    }

    private void MarkBusy(SafeFileHandle root)
    {
        try
        {
            new OwnerShift(UserNamespace.BusyBase).ShiftDirectory(root, step.HostPath);
        }
        catch (SyscallException failure) when (failure.Errno == Errno.EINVAL)
        {
            // In a container there is no such id. The root still comes last, so what was interrupted is done again from where it was.
        }
    }

    private void Watch(Thread[] workers)
    {
        ProgressBar? bar = supervisor.ShowsProgress ? new ProgressBar($"giving {step.HostPath} to the container's users") : null;
        foreach (Thread worker in workers)
        {
            while (!worker.Join(LookMilliseconds))
            {
                if (supervisor.IsStopPending())
                {
                    _stop = true;
                }

                lock (_progress)
                {
                    bar?.Show(_done);
                }
            }
        }

        bar?.Clear();
    }

    // A worker: the directory that was found last comes first, so that few are open at a time.
    private void Take()
    {
        while (Next() is Item item)
        {
            try
            {
                if (!_stop)
                {
                    Do(item);
                }
            }
            catch (Exception failure)
            {
                _failure ??= failure;
                _stop = true;
            }
            finally
            {
                item.Parent.Release();
                lock (_waiting)
                {
                    _working--;
                    Monitor.PulseAll(_waiting);
                }
            }
        }
    }

    private Item? Next()
    {
        lock (_waiting)
        {
            while (_waiting.Count == 0)
            {
                if (_working == 0)
                {
                    return null;
                }

                Monitor.Wait(_waiting);
            }

            _working++;
            return _waiting.Pop();
        }
    }

    private void Do(Item item)
    {
        SafeFileHandle? directory = OwnerShift.OpenDirectory(item.Parent.Handle, item.Name);
        bool skipped = directory is null;
        if (directory is not null && FileStatus.Of(directory, "directory").IsMountPoint && OwnerShift.IsForeign(directory))
        {
            directory.Dispose();
            skipped = true;
        }

        if (skipped)
        {
            Progress(item.Weight);
            return;
        }

        _shift.ShiftDirectory(directory!);
        Enter(new Folder(directory!), item.Weight);
    }

    private void Enter(Folder folder, double weight)
    {
        try
        {
            List<byte[]> below = _shift.ShiftFilesIn(folder.Handle, out int files);
            double share = weight / (files + below.Count);
            Progress(below.Count == 0 ? weight : files * share);
            folder.Expect(below.Count);
            lock (_waiting)
            {
                foreach (byte[] name in below)
                {
                    _waiting.Push(new Item(folder, name, share));
                }

                Monitor.PulseAll(_waiting);
            }
        }
        finally
        {
            folder.Release();
        }
    }

    private void Progress(double more)
    {
        lock (_progress)
        {
            _done += more;
        }
    }
}
