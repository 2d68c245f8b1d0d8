using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Which namespaces the child gets new ones of; clone(2).</summary>
[Flags]
public enum CloneFlags : ulong
{
    None = 0,
    NewMount = LibC.CLONE_NEWNS,
    NewUts = LibC.CLONE_NEWUTS,
    NewIpc = LibC.CLONE_NEWIPC,
    NewPid = LibC.CLONE_NEWPID,
    NewNet = LibC.CLONE_NEWNET,
    NewUser = LibC.CLONE_NEWUSER,
    NewCgroup = LibC.CLONE_NEWCGROUP,
}

/// <summary>What the child reported: which step failed and how. Nothing reported: its program has been executed.</summary>
public readonly record struct ChildFailure(int Step, Errno Errno);

/// <summary>
/// A process made by clone3(2) that carries out a <see cref="ChildProgram"/> and then is somebody else's program.
/// Between clone and exec it is a copy of one thread of a runtime that counts on several: it must allocate nothing,
/// throw nothing, initialise nothing, and make only the raw calls that tell the runtime nothing.
/// </summary>
public sealed unsafe class Child(int pid, SafeFileHandle pidfd, SafeFileHandle report) : IDisposable
{
    public int Pid { get; } = pid;

    /// <summary>The process itself, whatever becomes of its number; pidfd_open(2).</summary>
    public SafeFileHandle Pidfd { get; } = pidfd;

    /// <summary>Clones the calling thread. Returns in the parent only.</summary>
    /// <param name="program">What the child does.</param>
    /// <param name="flags">The namespaces it gets.</param>
    /// <param name="cgroup">The directory of the cgroup2 group it starts in; null: the caller's.</param>
    /// <param name="waitsForExec">
    /// The caller sleeps until the child has executed its program or is gone, and lends it its memory meanwhile, as
    /// vfork(2) does: nothing is copied. Not for a child that waits for the caller, or that stays what it is.
    /// </param>
    public static Child Start(ChildProgram program, CloneFlags flags, SafeFileHandle? cgroup, bool waitsForExec)
    {
        ChildProgram.Operation* operations = program.Compile(out int count);
        (SafeFileHandle report, SafeFileHandle reportEnd) = Descriptors.Pipe();
        int reportFd = reportEnd.Fd();
        nint* slots = stackalloc nint[ChildProgram.Slots];
        int pidfd = -1;
        LibC.clone_args arguments = new()
        {
            flags = (ulong)flags | LibC.CLONE_PIDFD | LibC.CLONE_CLEAR_SIGHAND,
            pidfd = (ulong)(&pidfd),
            exit_signal = LibC.SIGCHLD,
        };
        if (waitsForExec)
        {
            arguments.flags |= LibC.CLONE_VM | LibC.CLONE_VFORK;
        }

        if (cgroup is not null)
        {
            arguments.flags |= LibC.CLONE_INTO_CGROUP;
            arguments.cgroup = (ulong)cgroup.Fd();
        }

        int* errno = LibC.__errno_location();
        nint pid = LibC.syscall_raw(LibC.SYS_clone3, (nint)(&arguments), sizeof(LibC.clone_args), 0, 0, 0, 0);
        if (pid == 0)
        {
            Run(operations, count, slots, errno, reportFd);
        }

        Errno failed = pid < 0 ? (Errno)(*errno) : 0;
        reportEnd.Dispose();
        if (pid < 0)
        {
            report.Dispose();
            throw new SyscallException("clone3", failed, $"flags {flags}");
        }

        return new Child((int)pid, Descriptors.Own(pidfd), report);
    }

    /// <summary>Waits until the child has executed its program (null) or has failed.</summary>
    public ChildFailure? AwaitReport()
    {
        int* message = stackalloc int[2];
        nint length;
        do
        {
            length = LibC.read(report.Fd(), message, 2 * sizeof(int));
        }
        while (length < 0 && Check.LastErrno() == Errno.EINTR);

        return length == 2 * sizeof(int) ? new ChildFailure(message[0], (Errno)message[1]) : null;
    }

    public void Dispose()
    {
        report.Dispose();
        Pidfd.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Run(ChildProgram.Operation* operations, int count, nint* slots, int* errno, int reportFd)
    {
        int* failure = stackalloc int[2];
        failure[0] = count > 0 ? operations[count - 1].Step : 0;
        failure[1] = 0;
        for (ChildProgram.Operation* operation = operations; operation < operations + count; operation++)
        {
            if (operation->Number == ChildProgram.StubInit)
            {
                StubInit.BecomeUnlessChild(operation->A0, errno);
                continue;
            }

            nint result = Call(operation, slots);
            if (result > 0 || (result == 0 && operation->OnFailure != OnFailure.StopAtZero))
            {
                if (operation->ResultSlot >= 0)
                {
                    slots[operation->ResultSlot] = result;
                }
            }
            else if (operation->OnFailure != OnFailure.Continue)
            {
                // Of several ways to execute, one that is there but may not be executed tells more than one that is not.
                if (failure[1] != LibC.EACCES)
                {
                    failure[0] = operation->Step;
                    failure[1] = *errno;
                }

                if (operation->OnFailure != OnFailure.TryNext)
                {
                    break;
                }
            }
        }

        _ = LibC.syscall_raw(LibC.SYS_write, reportFd, (nint)failure, 2 * sizeof(int), 0, 0, 0);
        while (true)
        {
            _ = LibC.syscall_raw(LibC.SYS_exit_group, 1, 0, 0, 0, 0, 0);
        }
    }

    private static nint Call(ChildProgram.Operation* operation, nint* slots)
    {
        nint* arguments = stackalloc nint[6];
        nint* given = &operation->A0;
        for (int i = 0; i < 6; i++)
        {
            arguments[i] = (operation->SlotArguments >> i & 1) != 0 ? slots[given[i]] : given[i];
        }

        return LibC.syscall_raw(
            operation->Number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
    }
}
