using System.Runtime.CompilerServices;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Which signals the launcher's threads keep pending instead of dying of them; pthread_sigmask(3).</summary>
public static unsafe class SignalMask
{
    /// <summary>
    /// Blocks signals in every thread there is; threads started later inherit the mask.
    /// </summary>
    /// <remarks>
    /// The runtime starts its finalizer thread before Main, with nothing blocked. A signal sent to the process and
    /// blocked here would be delivered there, and its default action ends the launcher. A thread's mask can only be
    /// changed by the thread itself, hence an object whose finalizer does it.
    /// </remarks>
    public static void BlockInEveryThread(SignalSet signals)
    {
        _ = Change(LibC.SIG_BLOCK, signals);
        OnFinalizerThread.Block(signals);
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

    private sealed class OnFinalizerThread(SignalSet signals, StrongBox<bool> done)
    {
        ~OnFinalizerThread()
        {
            _ = Change(LibC.SIG_BLOCK, signals);
            done.Value = true;
        }

        public static void Block(SignalSet signals)
        {
            StrongBox<bool> done = new(false);
            // A reference left in a register keeps the first object alive: then the second one's turn comes.
            for (int attempt = 0; !done.Value; attempt++)
            {
                if (attempt == 10)
                {
                    throw new InvalidOperationException("The finalizer thread does not answer.");
                }

                Drop(signals, done);
                GC.Collect(0, GCCollectionMode.Forced, blocking: true);
                GC.WaitForPendingFinalizers();
            }
        }

        // A method of its own: no reference survives in the caller's frame.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Drop(SignalSet signals, StrongBox<bool> done) => _ = new OnFinalizerThread(signals, done);
    }
}
