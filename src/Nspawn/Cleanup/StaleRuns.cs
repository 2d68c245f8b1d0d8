using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// <c>--cleanup</c>: removes what the launches of a machine left on the host when even their janitors were killed, or
/// the janitor of systemd-nspawn's, which has none.
/// </summary>
/// <remarks>
/// A run that lives is told from one that is gone by a lock that its launcher holds on the run's own directory, from
/// before anything else is made until everything else is gone; the kernel drops it with the launcher. It costs a launch
/// an open, a lock and a close. Directories that systemd-nspawn made are never locked: they are in use as long as a
/// process has them mounted. Cgroups and directories are listed before it is asked which runs live, so that a run which
/// begins meanwhile is seen alive. Nothing is removed but empty directories, after their mounts.
/// </remarks>
/// <param name="machine">The machine's name.</param>
/// <param name="quiet">What cannot be removed is not worth a word: a janitor may be at it just now.</param>
internal sealed class StaleRuns(string machine, bool quiet = false)
{
    public void Remove()
    {
        string[] groups = [.. PayloadCgroup.Find(name => RunPaths.RunOfCgroup(name, machine) is not null)];
        string[] propagated = [.. Names(RunPaths.Propagate)];
        string[] own = [.. Names(RunPaths.Top)];

        foreach (string group in groups)
        {
            if (!IsHeld(RunPaths.NameOf(machine, RunPaths.RunOfCgroup(group[(group.LastIndexOf('/') + 1)..], machine)!)))
            {
                Try(new UndoStep.RemoveCgroup(group));
            }
        }

        foreach (string name in propagated.Union(own))
        {
            string directory = $"{RunPaths.Top}/{name}", export = $"{directory}/{RunPaths.UnixExport}";
            string incoming = $"{RunPaths.Propagate}/{name}";
            string state = $"{directory}/{RunPaths.State}";
            // One of ours that nobody holds is over: its PID 1 was killed with its launcher, if it does not die just now.
            bool ours = FileStatus.At(state, followLast: false) is not null;
            if (IsHeld(name) || (!ours && (MountUsers.Any(incoming) || MountUsers.Any(export))))
            {
                continue;
            }

            Try(new UndoStep.RemoveFile(state));
            Try(new UndoStep.Unmount(export));
            foreach (string path in (ReadOnlySpan<string>)[export, incoming, directory])
            {
                Try(new UndoStep.RemoveDirectory(path));
            }
        }
    }

    private static bool IsHeld(string name)
    {
        string path = $"{RunPaths.Top}/{name}";
        using SafeFileHandle? directory = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow, out _);
        return directory is not null && LockFile.IsHeld(directory, path);
    }

    private IEnumerable<string> Names(string path)
    {
        using SafeFileHandle? directory = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow, out _);
        return directory is null
            ? []
            : DirectoryListing.Of(directory, path, directoriesOnly: true).Where(name => name == machine || RunPaths.RunOf(name, machine) is not null);
    }

    private void Try(UndoStep step)
    {
        try
        {
            step.Undo();
        }
        catch (SyscallException failure)
        {
            if (quiet)
            {
                return;
            }

            Complain.Line($"cannot clean up: {failure.Message}");
        }
    }
}
