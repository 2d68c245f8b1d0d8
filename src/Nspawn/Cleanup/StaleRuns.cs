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
internal sealed class StaleRuns(string machine)
{
    public void Remove()
    {
        string[] groups = [.. PayloadCgroup.Find(name => RunPaths.RunOfCgroup(name, machine) is not null)];
        string[] propagated = [.. Names(RunPaths.Propagate)];
        string[] own = [.. Names(RunPaths.Top)];

        foreach (string group in groups)
        {
            string name = RunPaths.NameOf(machine, RunPaths.RunOfCgroup(group[(group.LastIndexOf('/') + 1)..], machine)!);
            using SafeFileHandle? claim = RunClaim.Take($"{RunPaths.Top}/{name}");
            if (claim is not null)
            {
                Try(new UndoStep.RemoveCgroup(group));
                Try(new UndoStep.RemoveDirectory($"{RunPaths.Top}/{name}"));
            }
        }

        foreach (string name in propagated.Union(own))
        {
            string directory = $"{RunPaths.Top}/{name}", export = $"{directory}/{RunPaths.UnixExport}";
            string incoming = $"{RunPaths.Propagate}/{name}";
            using SafeFileHandle? claim = RunClaim.Take(directory);
            if (claim is null || MountUsers.Any(incoming) || MountUsers.Any(export))
            {
                continue;
            }

            Try(new UndoStep.Unmount(export));
            foreach (string path in (ReadOnlySpan<string>)[export, incoming, directory])
            {
                Try(new UndoStep.RemoveDirectory(path));
            }
        }
    }

    private IEnumerable<string> Names(string path)
    {
        using SafeFileHandle? directory = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow, out _);
        return directory is null
            ? []
            : DirectoryListing.Of(directory, path, directoriesOnly: true).Where(name => name == machine || RunPaths.RunOf(name, machine) is not null);
    }

    private static void Try(UndoStep step)
    {
        try
        {
            step.Undo();
        }
        catch (SyscallException failure)
        {
            Complain.Line($"cannot clean up: {failure.Message}");
        }
    }
}
