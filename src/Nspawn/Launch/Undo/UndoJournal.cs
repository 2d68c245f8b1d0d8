using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// What this boot of the container has made on the host, written down before it is made. The journal is a pipe that a
/// janitor process holds the other end of: should the launcher be killed, the kernel closes its end, and the janitor
/// reads what there is to undo. Otherwise the launcher undoes it all itself.
/// </summary>
internal sealed class UndoJournal : IDisposable
{
    private readonly List<UndoStep> _steps = [];
    private readonly SafeFileHandle _pipe;
    private readonly Janitor _janitor;

    public UndoJournal()
    {
        (SafeFileHandle read, _pipe) = Descriptors.Pipe();
        using (read)
        {
            _janitor = Janitor.Start(read, _pipe);
        }
    }

    /// <summary>The process that undoes it all for a killed launcher.</summary>
    public int JanitorPid => _janitor.Pid;

    /// <summary>To be called before the deed.</summary>
    public void Record(UndoStep step)
    {
        _steps.Add(step);
        RecordForJanitor(step);
    }

    /// <summary>For what outlives this boot: its owner undoes it, and only a killed launcher's janitor does it from here.</summary>
    public void RecordForJanitor(UndoStep step) =>
        Descriptors.Write(_pipe, Encoding.UTF8.GetBytes(step.ToLine() + "\n"), "undo journal");

    /// <summary>It has been undone already, by whoever did it.</summary>
    public void Forget(UndoStep step) => _ = _steps.Remove(step);

    /// <summary>Undoes everything, the last first, and sends the janitor home.</summary>
    public void Dispose()
    {
        UndoAll(_steps);
        _janitor.Dismiss(); // not before: the launcher may be killed while it undoes
        _steps.Clear();
        _pipe.Dispose();
        _janitor.Dispose();
    }

    /// <summary>In the janitor's place: undoes what a killed launcher has left in its journal.</summary>
    public static void UndoFrom(SafeFileHandle journal)
    {
        const int PipeCapacity = 1024 * 1024;
        UndoFrom(Encoding.UTF8.GetString(Descriptors.ReadAll(journal, PipeCapacity, "undo journal")));
    }

    /// <summary>Undoes what the lines say, the last first.</summary>
    public static void UndoFrom(string lines) => UndoAll(UndoStep.FromLines(lines));

    private static void UndoAll(List<UndoStep> steps)
    {
        for (int i = steps.Count - 1; i >= 0; i--)
        {
            try
            {
                steps[i].Undo();
            }
            catch (SyscallException failure)
            {
                // One that cannot be undone must not keep the others from being.
                Complain.Line($"cannot clean up: {failure.Message}");
            }
        }
    }
}
