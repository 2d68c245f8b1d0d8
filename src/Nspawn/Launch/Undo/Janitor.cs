using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// A process that does nothing but wait for the launcher's death: SIGKILL leaves nobody else to clean up. It is a bare
/// clone, asleep in poll(2), and holds the read end of the undo journal. When the launcher's end closes it executes the
/// launcher's own program again, to undo the journal with the same code that undoes it otherwise.
/// </summary>
internal sealed class Janitor : IDisposable
{
    /// <summary>argv[0] by which the program knows that it is to undo the journal on its standard input.</summary>
    public const string ProgramName = "(nspawn-janitor)";

    private readonly Child _child;
    private readonly ChildProgram _program;

    private Janitor(Child child, ChildProgram program) => (_child, _program) = (child, program);

    public static Janitor Start(SafeFileHandle journal, SafeFileHandle writeEnd)
    {
        ChildProgram program = new();
        using SafeFileHandle self = Descriptors.Open("/proc/self/exe", OpenMode.Path);
        // A service manager that ends a whole unit signals the janitor too: it would be gone before there is work.
        program.BeginProcess(blocksSignals: true);
        program.NewSession(); // out of reach of a Ctrl-C, or of a kill of the launcher's process group
        program.Ignore(Signal.Terminate); // which a service manager sends to what a killed launcher leaves in its unit
        program.SetName(ProgramName);
        program.Close(writeEnd);
        program.AwaitHangUp(journal);
        program.ReplaceDescriptor(journal, Journal);
        program.ExecuteDescriptor(self, [ProgramName]);
        return new Janitor(Child.Start(program, CloneFlags.None, cgroup: null, waitsForExec: false), program);
    }

    public int Pid => _child.Pid;

    /// <summary>The descriptor the journal is on once the janitor has executed the program.</summary>
    public const int Journal = 3;

    /// <summary>Ends the janitor: the launcher cleans up itself. Its end is waited for by <see cref="Dispose"/>.</summary>
    public void Dismiss() => _ = Pidfd.Send(_child.Pidfd, Signal.Kill);

    public void Dispose()
    {
        _ = Pidfd.Wait(_child.Pidfd);
        _child.Dispose();
        _program.Dispose();
    }
}
