using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Connects to a socket in a machine as a process of the machine's own root does: its systemd talks to nobody whose process it
/// cannot see. A child enters, connects the socket, and is gone; the kernel remembers who it was.
/// </summary>
internal static class MachineSocket
{
    /// <summary>Connects; null where there is no such socket, nobody listens, or nobody is there any more.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="path">Absolute, resolved in there.</param>
    /// <param name="patience">Each wait for the other side lasts at most so long.</param>
    /// <exception cref="GuestException">It took longer to get there.</exception>
    public static SafeFileHandle? TryConnect(RunningMachine machine, string path, TimeSpan patience)
    {
        SafeFileHandle socket = StreamSocket.Create(patience);
        using ChildProgram program = new();
        EntryProgram entry = new(program, machine);
        entry.Enter(TreeUser.Root, [socket], isTerminal: false);
        entry.Connect(path);
        using Child first = Child.Start(program, CloneFlags.None, cgroup: null, waitsForExec: true);
        bool reported = first.TryAwaitReport(patience, out ChildFailure? failure);
        _ = Pidfd.Wait(first.Pidfd);
        if (!reported)
        {
            EnteredProcess.GiveUp(program.SiblingPid);
            socket.Dispose();
            throw new GuestException("", "its manager's socket cannot be reached: a file system in there does not answer");
        }

        EnteredProcess.Reap(program.SiblingPid);
        if (failure is null)
        {
            return socket;
        }

        socket.Dispose();
        bool nobody = (EntryStep)failure.Value.Step == EntryStep.Connect || machine.IsGoneBy(failure.Value.Errno);
        return nobody ? null : throw new LaunchException($"cannot enter the machine {machine.State.Machine}: {ErrnoText.Of(failure.Value.Errno)}");
    }
}
