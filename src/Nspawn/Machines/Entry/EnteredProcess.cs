using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// A process that was started in a machine from outside: in its namespaces, below its cgroup, with no more rights than its
/// payload has. It dies with the thread that started it, and with the machine.
/// </summary>
internal sealed class EnteredProcess : IDisposable
{
    /// <summary>A machine's PID 1 ends after all others in there.</summary>
    private const int DyingMilliseconds = 200;

    private readonly RunningMachine _machine;
    private readonly EntryCgroup _cgroup;

    private EnteredProcess(RunningMachine machine, EntryCgroup cgroup, SafeFileHandle pidfd) =>
        (_machine, _cgroup, Pidfd) = (machine, cgroup, pidfd);

    public SafeFileHandle Pidfd { get; }

    /// <param name="machine">The machine.</param>
    /// <param name="command">What is executed there.</param>
    /// <param name="streams">Its standard input, output and error.</param>
    /// <param name="isTerminal">They are a terminal of the machine's.</param>
    /// <param name="patience">How long the program may take to be executed: the machine's own file systems may never answer. Null: for good.</param>
    /// <exception cref="LaunchException">It could not be, and why.</exception>
    public static EnteredProcess Start(
        RunningMachine machine, EntryCommand command, ReadOnlySpan<SafeFileHandle?> streams, bool isTerminal, TimeSpan? patience = null)
    {
        using ChildProgram program = new();
        EntryProgram entry = new(program, machine);
        entry.Enter(command.User, streams, isTerminal);
        entry.Execute(command, isTerminal);
        // A sibling of the first child cannot be born into a group any more: it inherits the first one's.
        EntryCgroup cgroup = new(machine.State.Cgroup);
        try
        {
            using Child first = cgroup.Start(program);
            bool reported = first.TryAwaitReport(patience ?? TimeSpan.MaxValue, out ChildFailure? failure);
            _ = Linux.Pidfd.Wait(first.Pidfd);
            if (!reported)
            {
                GiveUp(program.SiblingPid);
                throw new LaunchException($"a file system of the machine {machine.State.Machine} does not answer: {command.Candidates[0].Path} was not executed in time");
            }

            if (failure is ChildFailure failed)
            {
                Reap(program.SiblingPid);
                throw machine.IsGoneBy(failed.Errno) ? machine.Ended() : ReasonOf(machine, command, failed);
            }

            // Not reaped yet: the number is its own.
            SafeFileHandle? pidfd = program.SiblingPid > 0 ? Linux.Pidfd.TryOpen(program.SiblingPid, out _) : null;
            return new EnteredProcess(machine, cgroup, pidfd ?? throw machine.Ended());
        }
        catch (SyscallException failure) when (machine.IsGoneBy(failure.Errno))
        {
            cgroup.Dispose();
            throw machine.Ended();
        }
        catch
        {
            cgroup.Dispose();
            throw;
        }
    }

    public void Signal(int signal) => _ = Linux.Pidfd.Send(Pidfd, signal);

    /// <summary>Waits for its end, and says as a shell does how it was.</summary>
    public int WaitForStatus()
    {
        ChildEnd end = Linux.Pidfd.Wait(Pidfd);
        if (end is { Signalled: true, Value: Linux.Signal.Kill } && _machine.EndsWithin(DyingMilliseconds))
        {
            Complain.Line($"machine {_machine.State.Machine} ended while the command ran");
        }

        return end.Signalled ? 128 + end.Value : end.Value;
    }

    public void Dispose()
    {
        Pidfd.Dispose();
        _cgroup.Dispose();
    }

    /// <summary>Waits for the end of a process on its way in; 0: there is none.</summary>
    public static void Reap(int sibling)
    {
        using SafeFileHandle? pidfd = sibling > 0 ? Linux.Pidfd.TryOpen(sibling, out _) : null;
        if (pidfd is not null)
        {
            _ = Linux.Pidfd.Wait(pidfd);
        }
    }

    /// <summary>Kills a process on its way in, and does not wait: it may be where not even that reaches it before the machine's end.</summary>
    public static void GiveUp(int sibling)
    {
        using SafeFileHandle? pidfd = sibling > 0 ? Linux.Pidfd.TryOpen(sibling, out _) : null;
        _ = pidfd is not null && Linux.Pidfd.Send(pidfd, Linux.Signal.Kill);
    }

    private static LaunchException ReasonOf(RunningMachine machine, EntryCommand command, ChildFailure failure)
    {
        string reason = ErrnoText.Of(failure.Errno);
        return (EntryStep)failure.Step switch
        {
            EntryStep.Execute => PayloadFailure.OfCommand(command.Candidates, failure.Errno),
            EntryStep.ChangeDirectory => new LaunchException($"cannot change to the directory {command.Directory} in the machine: {reason}"),
            EntryStep.BecomeUser => new LaunchException($"cannot become the user {command.User.Name} of the machine: {reason}"),
            EntryStep.SetLimits => new LaunchException($"cannot take on the limits of the machine: {reason}"),
            EntryStep.LoadFilter => new LaunchException($"cannot load the machine's system call filter: {reason}"),
            EntryStep.DropCapabilities => new LaunchException($"cannot set the machine's capabilities: {reason}"),
            EntryStep.Prepare or EntryStep.EnterNamespaces or EntryStep.UseStreams or EntryStep.AppearInside =>
                new LaunchException($"cannot enter the machine {machine.State.Machine}: {reason}"),
            _ => throw new UnreachableException(),
        };
    }
}
