using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Waits until one boot of the machine under test has come to an end, good or bad. It sleeps until there is news. As long as
/// it boots the guest's manager is hardly asked, and nobody stays connected to it: it would have to tell of every change. That all it had to do is done it says unasked.
/// </summary>
internal sealed class BootWatch
{
    /// <summary>An init that does not say when it is up, and has no checks to pass, has to live so long.</summary>
    private const int SettleMilliseconds = 1000;

    /// <summary>A target that was named may not exist.</summary>
    private const int FirstLookMilliseconds = 100;
    private const int LookMilliseconds = 1000;
    private const int LongestLookMilliseconds = 5000;

    private readonly TestedMachine _tested;
    private readonly BootTestRequest _request;
    private readonly long _deadline;
    private readonly SignalFile _signals;
    private readonly int _start;
    private long _running;
    private long _nextLook = long.MaxValue;
    private int _interval;
    private bool _saidReady;

    /// <param name="tested">The machine.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="deadline">When it has to be through, in the ticks of <see cref="Environment.TickCount64"/>.</param>
    /// <param name="signals">Those that end the test.</param>
    /// <param name="start">The boot that is waited for: 1 is the first.</param>
    public BootWatch(TestedMachine tested, BootTestRequest request, long deadline, SignalFile signals, int start)
    {
        (_tested, _request, _deadline, _signals, _start) = (tested, request, deadline, signals, start);
        _interval = request.Target is null ? LookMilliseconds : FirstLookMilliseconds;
    }

    /// <summary>Called after each wait, with the machine if it runs.</summary>
    public Action<RunningMachine?> Sample { get; init; } = static _ => { };

    /// <summary>Never asleep for longer than that.</summary>
    public int SampleMilliseconds { get; init; } = int.MaxValue;

    public BootEnd Wait()
    {
        while (true)
        {
            long now = Environment.TickCount64;
            Span<PollEntry> entries = [_tested.End, PollEntry.For(_signals.Handle, PollEvents.Readable), _tested.News];
            long until = Math.Min(_deadline, _nextLook) - now;
            _ = Poll.Wait(entries, (int)Math.Clamp(until, 0, SampleMilliseconds));
            if (Look(entries) is BootEnd end)
            {
                return end;
            }

            Sample(_tested.Machine);
        }
    }

    private BootEnd? Look(ReadOnlySpan<PollEntry> entries)
    {
        if (entries[1].Ready && _signals.Read() is not 0 and var signal)
        {
            return new BootEnd.Interrupted(signal);
        }

        if (entries[2].Ready)
        {
            _tested.TakeNews();
        }

        if (entries[0].Ready)
        {
            return _tested.Ending();
        }

        if (_tested.Starts > _start)
        {
            return new BootEnd.Rebooted();
        }

        // By then the machine of the boot before is gone.
        RunningMachine? machine = _tested.Starts == _start ? _tested.Machine : null;
        long now = Environment.TickCount64;
        if (machine is not null && IsDue(machine, now) && OfRunning(machine, now) is BootEnd end)
        {
            return end;
        }

        return now >= _deadline ? new BootEnd.TimedOut() : null;
    }

    private bool IsDue(RunningMachine machine, long now)
    {
        if (_running == 0)
        {
            _running = now;
            _nextLook = now + (machine.State.Announces ? _interval : _request.Checks.IsEmpty ? SettleMilliseconds : 0);
        }

        bool ready = machine.State.Phase == MachinePhase.Ready && !_saidReady;
        _saidReady |= ready;
        return ready || now >= _nextLook;
    }

    private BootEnd? OfRunning(RunningMachine machine, long now)
    {
        if (!machine.State.Announces)
        {
            return _request.Target is null ? new BootEnd.Up() : new BootEnd.NotReached("the machine's init is not systemd and has no targets");
        }

        _interval = Math.Min(Math.Max(_interval * 2, LookMilliseconds), LongestLookMilliseconds);
        _nextLook = now + (_saidReady ? FirstLookMilliseconds : _interval);
        try
        {
            TimeSpan patience = TimeSpan.FromMilliseconds(Math.Clamp(_deadline - now, 1, LongestLookMilliseconds));
            using GuestManager? manager = GuestManager.TryConnect(machine, patience);
            return manager is null ? null : TargetLook.At(manager, _request.Target);
        }
        catch (GuestException)
        {
            return null; // it ends, or is too busy: the next look will tell
        }
    }
}
