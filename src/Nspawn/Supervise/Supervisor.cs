using System.Runtime.InteropServices;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Lives with a container from its start to its end: one loop, on the thread that made it, over the leader, the
/// signals, the notify socket, the console and the bus. It survives the container's reboots. Nothing wakes it while nothing
/// happens.
/// </summary>
internal sealed class Supervisor : IDisposable
{
    private const int PowerOffSignal = Signal.RealTimeMin + 4;
    private const int RebootSignal = Signal.RealTimeMin + 5;
    private const int Sources = 7;
    private const int DesertedConsoleMilliseconds = 100;

    private readonly SupervisorOptions _options;
    private readonly NotifyChannel _notify;
    private readonly Messages _messages;
    private readonly CallerTerminal _terminal = new();
    private SignalFile? _signals;
    private readonly Watchdog _watchdog;

    public Supervisor(SupervisorOptions options, NotifyChannel notify)
    {
        _options = options;
        _notify = notify;
        _messages = new Messages(options.Quiet);
        _watchdog = new Watchdog(notify.WatchdogInterval);
        SignalMask.KeepEndedChildren();
    }

    /// <summary>
    /// The caller's terminals as they were, for whoever restores them after a SIGKILL; empty when they stay untouched.
    /// </summary>
    public IReadOnlyList<SavedTerminal> SavedTerminals => IsInteractive ? _terminal.Saved() : [];

    /// <summary>Somebody asked for the container's end: a reboot must not start it again.</summary>
    public bool StopAsked { get; private set; }

    /// <summary>
    /// From now on no signal ends the launcher: each is answered by <see cref="Run"/>. Called before anything is made,
    /// and before the process is cloned: what the collector moves meanwhile would have to be copied.
    /// </summary>
    public void TakeSignals()
    {
        if (_signals == null)
        {
            SignalMask.BlockInEveryThread(StopSignals.Blocked());
            _signals = new SignalFile(StopSignals.Answered());
        }
    }

    /// <summary>Says what is about to start.</summary>
    public void Announce(string directory)
    {
        _messages.Say($"Spawning container {_options.Machine} on {Message.OneLine(directory)}.");
        if (IsInteractive)
        {
            _messages.Say(
                "Press Ctrl-] three times within 1s to kill container; "
                + "two times followed by r to reboot, by p to power off.");
        }
    }

    /// <summary>Stays with a started container until its leader is gone and its last output is printed.</summary>
    public PayloadEnd Run(Payload payload)
    {
        _notify.Say(NotifyMessage.Started(payload.Pid));
        if (!_options.NotifyReady)
        {
            _notify.Say(NotifyMessage.Ready);
        }

        PayloadEnd end;
        using PayloadConsole? console =
            payload.ConsoleMaster == null ? null : new PayloadConsole(payload.ConsoleMaster, _options.Console);
        try
        {
            TakeTerminal(payload);
            WaitForEnd(payload, console);
            end = PayloadEnd.Of(Pidfd.Wait(payload.Pidfd));
            console?.Drain(Signals, NewLine);
        }
        catch
        {
            // Not in a finally: for an exception that nobody handles the runtime runs none.
            GiveTerminalBack();
            throw;
        }

        GiveTerminalBack();
        _messages.Say(Messages.OfEnd(_options.Machine, end));
        return end;
    }

    /// <summary>The last words to the service manager.</summary>
    public void Finish(int exitStatus)
    {
        _notify.Say(NotifyMessage.Ending(exitStatus));
        _notify.Say(NotifyMessage.Ended(exitStatus));
    }

    public void Dispose()
    {
        _terminal.Dispose();
        _messages.Dispose();
        _signals?.Dispose();
    }

    private SignalFile Signals => _signals ?? throw new InvalidOperationException("the signals are taken first");

    private bool IsInteractive => _options.Console == ConsoleMode.Interactive;

    /// <summary>
    /// What the caller's prompt needs to start on a line of its own; a file or a pipe gets the container's bytes only.
    /// </summary>
    private ReadOnlySpan<byte> NewLine => IsInteractive && _terminal.ShowsOutput ? "\r\n"u8 : [];

    private void TakeTerminal(Payload payload)
    {
        Resize(payload);
        if (IsInteractive)
        {
            _terminal.MakeRaw();
            _messages.TerminalIsRaw = Terminal.Is(StandardDescriptors.Borrow(StandardDescriptors.Error));
        }
    }

    private void GiveTerminalBack()
    {
        _messages.TerminalIsRaw = false;
        _terminal.Dispose();
    }

    private void WaitForEnd(Payload payload, PayloadConsole? console)
    {
        PayloadNotify payloadNotify = new(payload.NotifySocket, payload.Pid, payload.State);
        List<PollEntry> asked = [];
        while (true)
        {
            asked.Clear();
            asked.AddRange(Enumerable.Repeat(PollEntry.Idle, Sources));
            payload.Network?.AppendEntries(asked); // behind the others: their number changes
            Span<PollEntry> entries = CollectionsMarshal.AsSpan(asked);
            entries[0] = PollEntry.For(Signals.Handle, PollEvents.Readable);
            entries[1] = PollEntry.For(payload.Pidfd, PollEvents.Readable);
            entries[2] = payloadNotify.Entry;
            entries[3] = console?.MasterEntry ?? PollEntry.Idle;
            entries[4] = console?.InputEntry ?? PollEntry.Idle;
            entries[5] = console?.OutputEntry ?? PollEntry.Idle;
            entries[6] = payload.StopRequests.Entry;
            int timeout = console is { Deserted: true } ? DesertedConsoleMilliseconds : _watchdog.Timeout;
            _ = Poll.Wait(entries, NetworkWatch.Earlier(timeout, payload.Network?.Timeout ?? Poll.Forever));

            _watchdog.Tell(_notify);
            bool ended = entries[1].Ready;
            if (entries[0].Ready)
            {
                AnswerSignals(payload);
            }

            if (entries[6].Ready && payload.StopRequests.Take())
            {
                Stop(payload);
            }

            // The leader's last message may have come between the looks at the socket and at the leader.
            if (entries[2].Ready || ended)
            {
                payloadNotify.Forward(_notify);
            }

            if (ended)
            {
                return;
            }

            payload.Network?.Answer(entries[Sources..]);
            Answer(console?.Forward(entries[3], entries[4], entries[5]) ?? HotkeyAction.None, payload);
        }
    }

    private void AnswerSignals(Payload payload)
    {
        for (int signal = Signals.Read(); signal != 0; signal = Signals.Read())
        {
            if (StopSignals.Are(signal))
            {
                Stop(payload);
            }
            else if (signal == Signal.WindowChange)
            {
                Resize(payload);
            }
            else if (signal == Signal.Continue && IsInteractive)
            {
                // Stopped and continued by a shell, which has set the terminal for itself in between.
                _terminal.MakeRaw();
                Resize(payload);
            }
        }
    }

    /// <summary>The first time politely, where there is a way to be polite; the second time not.</summary>
    private void Stop(Payload payload)
    {
        payload.State.TellStop();
        bool polite = _options.KillSignal != 0 && !StopAsked;
        StopAsked = true;
        if (!polite)
        {
            payload.Kill();
            return;
        }

        _ = Pidfd.Send(payload.Pidfd, _options.KillSignal);
        _notify.Say(NotifyMessage.Stopping);
        _messages.Say($"Asked container {_options.Machine} to shut down. Send the signal again to kill it.");
    }

    private static void Answer(HotkeyAction action, Payload payload)
    {
        switch (action)
        {
            case HotkeyAction.Kill:
                payload.Kill();
                break;
            case HotkeyAction.Reboot:
                _ = Pidfd.Send(payload.Pidfd, RebootSignal);
                break;
            case HotkeyAction.PowerOff:
                _ = Pidfd.Send(payload.Pidfd, PowerOffSignal);
                break;
        }
    }

    private static void Resize(Payload payload)
    {
        if (payload.ConsoleMaster != null)
        {
            Terminal.Resize(payload.ConsoleMaster, CallerTerminal.Size());
        }
    }
}
