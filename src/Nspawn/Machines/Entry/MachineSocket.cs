using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// Connects to a socket in a machine as a process of the machine's own root does: its systemd talks to nobody whose process it
/// cannot see. A child enters, connects the socket, and is gone; the kernel remembers who it was.
/// </summary>
internal static class MachineSocket
{
    /// <summary>Connects; null where there is no such socket, or nobody listens.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="path">Absolute, resolved in there.</param>
    /// <param name="patience">Each wait for the other side lasts at most so long.</param>
    public static SafeFileHandle? TryConnect(RunningMachine machine, string path, TimeSpan patience)
    {
        SafeFileHandle socket = StreamSocket.Create(patience);
        using ChildProgram program = new();
        EntryProgram entry = new(program, machine);
        entry.Enter(TreeUser.Root, [socket], isTerminal: false);
        entry.Connect(path);
        using Child first = Child.Start(program, CloneFlags.None, cgroup: null, waitsForExec: true);
        ChildFailure? failure = first.AwaitReport();
        _ = Pidfd.Wait(first.Pidfd);
        EnteredProcess.Reap(program.SiblingPid);
        if (failure is null)
        {
            return socket;
        }

        socket.Dispose();
        return (failure.Value.Errno, machine.IsAlive) switch
        {
            (_, false) => throw machine.Ended(),
            (Errno.ENOENT or Errno.ENOTDIR or Errno.ECONNREFUSED or Errno.EAGAIN or Errno.EACCES or Errno.ELOOP, _) => null,
            (Errno errno, _) => throw new LaunchException($"cannot enter the machine {machine.State.Machine}: {ErrnoText.Of(errno)}"),
        };
    }
}
