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
    /// <summary>For a few small frames; the program itself lies elsewhere. A multiple of 16, as the stack's top has to be.</summary>
    private const int StackSize = 32 * 1024;

    /// <summary>What the child is told.</summary>
    private struct Beginning
    {
        public ChildProgram.Operation* Operations;
        public nint* Slots;
        public int* Errno;
        public int Count;
        public int ReportFd;
    }

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
    /// <param name="sharesMemory">
    /// As long as it has not executed its program the two go on at the same time in the same memory, and nothing is
    /// copied. The caller's errno is the child's too: its calls may fail only while the caller does nothing but wait for
    /// its report. Its program has to be there for so long.
    /// </param>
    /// <remarks>
    /// The child has a stack of its own. On the caller's, while that sleeps, the child's first call would overwrite the
    /// address to which the caller's system call is still to return. The C library's syscall(2) ends, in the child as
    /// in the caller, with a return: to what lies on top of the stack, and there lies <see cref="Begin"/>.
    /// </remarks>
    public static Child Start(ChildProgram program, CloneFlags flags, SafeFileHandle? cgroup, bool waitsForExec, bool sharesMemory = false)
    {
        (SafeFileHandle report, SafeFileHandle reportEnd) = Descriptors.Pipe();
        // Not on this stack, from which the caller may have returned by then.
        Beginning* beginning = (Beginning*)program.Bytes(sizeof(Beginning));
        *beginning = new()
        {
            Operations = program.Compile(out int count),
            Count = count,
            Slots = (nint*)program.Bytes(ChildProgram.Slots * sizeof(nint)),
            Errno = LibC.__errno_location(),
            ReportFd = reportEnd.Fd(),
        };
        byte* stack = program.Stack(StackSize);
        *(nint*)(stack + StackSize) = (nint)(delegate*<nint, nint, Beginning*, void>)&Begin;
        int pidfd = -1;
        LibC.clone_args arguments = new()
        {
            flags = (ulong)flags | LibC.CLONE_PIDFD | LibC.CLONE_CLEAR_SIGHAND,
            pidfd = (ulong)(&pidfd),
            exit_signal = LibC.SIGCHLD,
            stack = (ulong)stack,
            stack_size = StackSize,
        };
        if (waitsForExec)
        {
            arguments.flags |= LibC.CLONE_VM | LibC.CLONE_VFORK;
        }
        else if (sharesMemory)
        {
            arguments.flags |= LibC.CLONE_VM;
        }

        if (cgroup is not null)
        {
            arguments.flags |= LibC.CLONE_INTO_CGROUP;
            arguments.cgroup = (ulong)cgroup.Fd();
        }

        // The kernel takes two arguments; the third is left in its register, where the child finds it.
        nint pid = LibC.syscall_raw(
            LibC.SYS_clone3, (nint)(&arguments), sizeof(LibC.clone_args), (nint)beginning, 0, 0, 0);
        Errno failed = pid < 0 ? (Errno)(*beginning->Errno) : 0;
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

    /// <summary>The same, but not for longer than that.</summary>
    /// <returns>False: neither has happened by then.</returns>
    public bool TryAwaitReport(TimeSpan patience, out ChildFailure? failure)
    {
        failure = null;
        long deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (true)
        {
            long left = Math.Max(0, deadline - Environment.TickCount64);
            Span<PollEntry> wait = [PollEntry.For(report, PollEvents.Readable)];
            if (Poll.Wait(wait, (int)Math.Min(left, int.MaxValue)) > 0)
            {
                failure = AwaitReport();
                return true;
            }

            if (left == 0)
            {
                return false;
            }
        }
    }

    public void Dispose()
    {
        report.Dispose();
        Pidfd.Dispose();
    }

    // Never called: the child returns here from its clone, the arguments in the registers of that call.
    private static void Begin(nint arguments, nint size, Beginning* beginning) =>
        Run(beginning->Operations, beginning->Count, beginning->Slots, beginning->Errno, beginning->ReportFd);

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

            if (operation->Number == ChildProgram.Sibling)
            {
                if (!Sibling.GoOn((nint*)operation->A0, &reportFd))
                {
                    failure[0] = operation->Step;
                    failure[1] = *errno;
                    break;
                }

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
        Exit(1);
    }

    /// <summary>Ends the calling process. Where the user's filter forbids even that, by a fault: the launcher waits.</summary>
    internal static void Exit(int status)
    {
        while (true)
        {
            _ = LibC.syscall_raw(LibC.SYS_exit_group, status, 0, 0, 0, 0, 0);
            Volatile.Write(ref *(int*)sizeof(int), 0);
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
