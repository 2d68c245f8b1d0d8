using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// <c>--cleanup</c>: removes what the launches of a machine left on the host when even their janitors were killed, or
/// the janitor of systemd-nspawn's, which has none.
/// </summary>
/// <remarks>
/// A run that lives is told from one that is gone by its claim, <see cref="RunClaim"/>; what is gone is claimed while it
/// is removed, so that a run of that name cannot begin in the midst of it. Directories that systemd-nspawn made are never
/// locked: they are in use as long as a process has them mounted. Nothing is removed but empty directories, after their
/// mounts.
/// </remarks>
/// <param name="machine">The machine's name.</param>
/// <param name="quiet">What cannot be removed is not worth a word: a janitor may be at it just now.</param>
internal sealed class StaleRuns(string machine, bool quiet = false)
{
    /// <summary>Removes all of it.</summary>
    /// <param name="temporary">Where runs keep what is on disk.</param>
    public void Remove(string temporary)
    {
        string[] groups = [.. PayloadCgroup.Find(name => RunPaths.RunOfCgroup(name, machine) is not null)];
        string[] propagated = [.. Names(RunPaths.Propagate)];
        string[] own = [.. Names(RunPaths.Top)];
        string[] scratch = [.. Names(temporary, name => RunPaths.RunOfCgroup(name, machine) is not null)];

        foreach (string group in groups)
        {
            string name = group[(group.LastIndexOf('/') + 1)..], run = RunPaths.RunOfCgroup(name, machine)!;
            string directory = $"{RunPaths.Top}/{RunPaths.NameOf(RunPaths.MachineOfCgroup(name, run), run)}";
            using SafeFileHandle? claim = RunClaim.Take(directory);
            if (claim is not null)
            {
                Try(new UndoStep.RemoveCgroup(group));
                Try(new UndoStep.RemoveDirectory(directory));
            }
        }

        foreach (string name in propagated.Union(own))
        {
            string directory = $"{RunPaths.Top}/{name}", export = $"{directory}/{RunPaths.UnixExport}";
            string incoming = $"{RunPaths.Propagate}/{name}";
            string state = $"{directory}/{RunPaths.State}";
            // One of ours that nobody holds is over: its PID 1 was killed with its launcher, if it does not die just now.
            bool ours = FileStatus.At(state, followLast: false) is not null;
            using SafeFileHandle? claim = RunClaim.Take(directory);
            if (claim is null || (!ours && (MountUsers.Any(incoming) || MountUsers.Any(export))))
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

        foreach (string name in scratch)
        {
            RemoveScratch($"{temporary}/{name}");
        }
    }

    // Its own lock says so: the run's directory is in /run, and does not outlive the host's boot.
    private void RemoveScratch(string path)
    {
        using SafeFileHandle? directory = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow, out _);
        if (directory is not null && Descriptors.TryLock(directory))
        {
            Try(new UndoStep.RemoveTree(path));
        }
    }

    private IEnumerable<string> Names(string path) =>
        Names(path, name => name == machine || RunPaths.StemOf(name) == machine || RunPaths.RunOf(name, machine) is not null);

    private static IEnumerable<string> Names(string path, Func<string, bool> wanted)
    {
        using SafeFileHandle? directory = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow, out _);
        return directory is null
            ? []
            : DirectoryListing.Of(directory, path, directoriesOnly: true).Where(wanted);
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
