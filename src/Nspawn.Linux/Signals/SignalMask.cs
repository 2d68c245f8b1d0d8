using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Which signals the launcher's threads keep pending instead of dying of them; pthread_sigmask(3).</summary>
public static unsafe class SignalMask
{
    /// <summary>Blocks signals in every thread there is.</summary>
    /// <remarks>
    /// The runtime starts its finalizer thread before Main, with nothing blocked. A signal sent to the process and
    /// blocked here would be delivered there, and its default action ends the launcher. A thread's mask can only be
    /// changed by the thread itself, so that one is put to sleep for good: in the handler of a signal of its own, which
    /// is the C library's pause(3), and during which the kernel keeps the others blocked. The launcher has nothing to
    /// finalize; the way by way of a finalizer and a garbage collection would cost a twentieth of a launch.
    /// </remarks>
    public static void BlockInEveryThread(SignalSet signals)
    {
        const int ParkingSignal = LibC.SIGRTMAX;
        // The parking signal too, and for good: sent to the process, it goes to a thread that does not block it. Not
        // sent by a thread's number: /proc may be of another pid namespace, and number them otherwise.
        _ = Change(LibC.SIG_BLOCK, signals.Union(SignalSet.Of(ParkingSignal)));
        LibC.sigaction_t action = new() { sa_mask = new() { bits = signals.Mask } };
        using (Utf8 name = new("pause"))
        {
            action.sa_handler = LibC.dlsym(0, name);
        }

        _ = Check.Result(LibC.sigaction(ParkingSignal, &action, null), "parking signal");
        for (int others = CountThreads() - 1; others > 0; others--)
        {
            // Blocked during its own handler, it never parks a thread twice.
            _ = Check.Result(LibC.kill(LibC.getpid(), ParkingSignal), "finalizer thread");
        }
    }

    private static int CountThreads()
    {
        using SafeFileHandle tasks = Descriptors.Open("/proc/self/task", OpenMode.Read | OpenMode.Directory);
        return DirectoryListing.Of(tasks, "/proc/self/task").Count;
    }

    /// <summary>Blocks signals in the calling thread only, and returns its mask as it was.</summary>
    public static SignalSet Block(SignalSet signals) => Change(LibC.SIG_BLOCK, signals);

    /// <summary>Gives the calling thread a mask.</summary>
    public static void Set(SignalSet mask) => Change(LibC.SIG_SETMASK, mask);

    /// <summary>
    /// Makes the end of a child something to wait for, even when the caller's caller ignored SIGCHLD: the kernel
    /// would reap the leader by itself and its exit status would be lost; waitid(2).
    /// </summary>
    public static void KeepEndedChildren() => LibC.signal(LibC.SIGCHLD, LibC.SIG_DFL);

    /// <summary>The launcher was started with the signal ignored, as nohup(1) does with SIGHUP; sigaction(2).</summary>
    public static bool IsIgnored(int signal)
    {
        LibC.sigaction_t action;
        return LibC.sigaction(signal, null, &action) == 0 && action.sa_handler == LibC.SIG_IGN;
    }

    private static SignalSet Change(int how, SignalSet signals)
    {
        LibC.sigset_t set = new() { bits = signals.Mask };
        LibC.sigset_t old = default;
        int error = LibC.pthread_sigmask(how, &set, &old);
        return error == 0
            ? new SignalSet(old.bits)
            : throw new SyscallException("pthread_sigmask", (Errno)error, $"{signals.Mask:x}");
    }
}
