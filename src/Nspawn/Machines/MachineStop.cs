using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// <c>nspawn stop</c>: asks the launcher, which knows how its payload is asked, and which cleans up. Asked twice it kills.
/// </summary>
internal static class MachineStop
{
    private static readonly TimeSpan s_defaultTimeout = TimeSpan.FromSeconds(90);

    /// <summary>To clean up after a container that was killed.</summary>
    private static readonly TimeSpan s_lastPatience = TimeSpan.FromSeconds(10);

    /// <returns>The exit status.</returns>
    public static int Run(RunningMachine machine, MachineRequest.Stop request)
    {
        using SafeFileHandle? launcher = machine.State.Launcher.TryOpen();
        if (launcher is null)
        {
            return 0;
        }

        // Asked already, or going by itself: to ask once more would be to kill.
        if (!request.Kill && machine.State.Phase != MachinePhase.Stopping)
        {
            _ = Pidfd.Send(launcher, Signal.Terminate);
        }

        TimeSpan timeout = request.Timeout ?? s_defaultTimeout;
        if (!request.Kill && Await(launcher, timeout))
        {
            return 0;
        }

        if (!request.Kill)
        {
            Complain.Line($"machine {machine.State.Machine} did not shut down within {timeout.TotalSeconds:0.###} s: it is killed");
        }

        // Two that are not the same: one alone may be the first, and two of a kind are one while they wait.
        _ = Pidfd.Send(launcher, Signal.Terminate);
        _ = Pidfd.Send(launcher, Signal.Interrupt);
        if (!Await(launcher, s_lastPatience))
        {
            _ = Pidfd.Send(launcher, Signal.Kill); // its janitor cleans up
            _ = Await(launcher, s_lastPatience);
        }

        return 0;
    }

    private static bool Await(SafeFileHandle launcher, TimeSpan patience)
    {
        long deadline = Environment.TickCount64 + (long)Math.Min(patience.TotalMilliseconds, int.MaxValue);
        while (true)
        {
            Span<PollEntry> wait = [PollEntry.For(launcher, PollEvents.Readable)];
            int left = (int)Math.Max(deadline - Environment.TickCount64, 0);
            if (Poll.Wait(wait, left) > 0)
            {
                return true;
            }

            if (left == 0)
            {
                return false;
            }
        }
    }
}
