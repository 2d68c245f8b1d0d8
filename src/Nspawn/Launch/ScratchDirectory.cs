using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>What the run keeps on disk, from its first boot to its end, over its reboots.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    private SafeFileHandle? _directory;
    private string _path = "";

    public void Make(MakeScratch step, UndoJournal undo)
    {
        if (step.Path.Contains('\n'))
        {
            throw new LaunchException($"cannot make {step.Path} ({step.Reason}): a line break is in its path; set TMPDIR to another directory");
        }

        undo.RecordForJanitor(new UndoStep.RemoveTree(step.Path));
        if (_directory is not null)
        {
            return;
        }

        (string above, string name) = RootDirectory.Split(step.Path);
        using SafeFileHandle parent = Descriptors.Open(above, OpenMode.Path | OpenMode.Directory);
        if (!FileSystems.MakeDirectory(parent, name, 0x1c0 /* 0700 */, step.Path))
        {
            throw new LaunchException($"cannot make {step.Path} ({step.Reason}): it is there already");
        }

        _path = step.Path;
        using RootDirectory made = new(Descriptors.Open(step.Path, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow));
        _directory = Descriptors.Duplicate(made.Handle);
        // It says to --cleanup that the run lives, and to systemd-tmpfiles that nothing in here is old.
        _ = Descriptors.TryLock(_directory);
        foreach (string one in step.Directories)
        {
            made.OpenOrMakeDirectory("/" + one, 0x1ed /* 0755 */).Dispose();
        }
    }

    public void Dispose()
    {
        if (_directory is null)
        {
            return;
        }

        _directory.Dispose();
        _directory = null;
        try
        {
            _ = TreeRemoval.Remove(_path);
        }
        catch (SyscallException failure)
        {
            Complain.Line($"cannot clean up: {failure.Message}");
        }
    }
}
