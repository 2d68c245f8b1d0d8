using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Something on the host that several runs need and that is to be undone by the last of them: a file says how, and each
/// run that needs it holds a lock on the file for reading. Whoever then gets it for writing is the last, or finds that
/// all others were killed.
/// </summary>
internal static class SharedDeed
{
    private const int LongestFile = 64 * 1024;

    /// <summary>Takes part in it; the first one does it.</summary>
    /// <param name="name">What it is called among the runs.</param>
    /// <param name="ledger">Where this run writes down that it takes part.</param>
    /// <param name="steps">How it will be undone, found out before it is done.</param>
    /// <param name="deed">Does it, or throws: then nobody takes part.</param>
    /// <returns>To be closed before the ledger's step is undone.</returns>
    public static SafeFileHandle Join(string name, NetworkLedger ledger, Func<IEnumerable<UndoStep>> steps, Action deed)
    {
        string path = $"{ledger.Directory}/.{name}";
        ledger.Record(new UndoStep.LeaveShared(path));
        using LockFile held = ZoneBridge.Lock();
        LockFile? alone = LockFile.TryTake(path, shared: false, out _);
        if (alone is null)
        {
            return LockFile.TryTake(path, shared: true, out _)!.Detach();
        }

        UndoJournal.UndoFrom(TextOf(alone, path)); // of runs that were killed with their janitors
        string lines = string.Concat(steps().Select(step => step.ToLine() + "\n"));
        try
        {
            alone.Replace(Encoding.UTF8.GetBytes(lines));
            deed();
            return alone.Share().Detach();
        }
        catch
        {
            // Half of it may be done; whoever comes next tries it anew.
            UndoJournal.UndoFrom(lines);
            alone.Dispose();
            throw;
        }
    }

    /// <summary>This run takes part no more: undoes it, if nobody else does.</summary>
    public static void Leave(string path)
    {
        if (FileStatus.At(path, followLast: false) is null)
        {
            return;
        }

        using LockFile held = ZoneBridge.Lock();
        using LockFile? alone = LockFile.TryTake(path, shared: false, out _);
        if (alone is not null)
        {
            UndoJournal.UndoFrom(TextOf(alone, path));
        }
    }

    private static string TextOf(LockFile file, string path)
    {
        Descriptors.Rewind(file.Handle);
        return Encoding.UTF8.GetString(Descriptors.ReadAll(file.Handle, LongestFile, path));
    }
}
