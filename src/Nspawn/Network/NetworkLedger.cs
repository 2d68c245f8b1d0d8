using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// What a run has done to the host's network, written down in a file as well as in the journal. The journal's pipe is
/// gone when launcher and janitor are both killed; the file stays, its lock is free, and the next launch undoes what it says.
/// </summary>
internal sealed class NetworkLedger : IDisposable
{
    private const int LongestLedger = 1024 * 1024;

    private readonly UndoJournal _journal;
    private readonly LockFile _file;

    /// <param name="directory">That of all runs on this network.</param>
    /// <param name="name">The run's name.</param>
    /// <param name="journal">Where it is written down too.</param>
    public NetworkLedger(string directory, string name, UndoJournal journal)
    {
        Directory = directory;
        _journal = journal;
        string path = $"{directory}/{name}";
        journal.Record(new UndoStep.RemoveDirectory(directory));
        journal.Record(new UndoStep.RemoveLock(path));
        _file = Take(directory, path);
    }

    /// <summary>Where all runs on this network keep their files.</summary>
    public string Directory { get; }

    /// <summary>To be called before the deed.</summary>
    public void Record(UndoStep step)
    {
        _journal.Record(step);
        Descriptors.Write(_file.Handle, Encoding.UTF8.GetBytes(step.ToLine() + "\n"), "network ledger");
    }

    /// <summary>Undoes what runs have left of which nobody is alive any more.</summary>
    public static void MendAll()
    {
        string top = RunPaths.NetworkDirectory(NetworkReader.Namespace());
        using SafeFileHandle? directory = Descriptors.TryOpen(top, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow, out _);
        foreach (string name in directory is null ? [] : DirectoryListing.Of(directory, top))
        {
            if (name[0] == '.')
            {
                continue; // shared, or an address's lock: ledgers name them
            }

            string path = $"{top}/{name}";
            using LockFile? left = LockFile.TryTake(path, shared: false, out _);
            if (left is not null)
            {
                UndoJournal.UndoFrom(Encoding.UTF8.GetString(Descriptors.ReadAll(left.Handle, LongestLedger, path)));
            }
        }
    }

    public void Dispose() => _file.Dispose();

    // The last run on a network removes its directory: perhaps just now.
    private static LockFile Take(string directory, string path)
    {
        while (true)
        {
            _ = FileSystems.MakeDirectory(directory[..directory.LastIndexOf('/')], 0x1c0 /* 0700 */);
            _ = FileSystems.MakeDirectory(directory, 0x1c0);
            try
            {
                return LockFile.Take(path);
            }
            catch (SyscallException failure) when (failure.Errno == Errno.ENOENT)
            {
                // once more
            }
        }
    }
}
