using Nspawn.Linux;

namespace Nspawn;

/// <summary>Which signals the launcher answers, and which of them ask for the container's end.</summary>
internal static class StopSignals
{
    /// <summary>systemd's signal for its control commands; there are none here.</summary>
    private const int Control = Signal.RealTimeMin + 18;

    /// <summary>
    /// Read in the loop. A lost terminal (HUP) and Ctrl-\ (QUIT) end the container too: their default action would
    /// end the launcher and leave the payload behind.
    /// </summary>
    public static readonly SignalSet Handled = SignalSet.Of(
        Signal.Terminate, Signal.Interrupt, Signal.Hangup, Signal.Quit, Signal.WindowChange, Signal.Continue, Control);

    /// <summary>Blocked: those, and SIGPIPE, for which a write's error is enough.</summary>
    public static readonly SignalSet Blocked = new(Handled.Mask | SignalSet.Of(Signal.Pipe).Mask);

    public static bool Are(int signal) => signal is Signal.Terminate or Signal.Interrupt or Signal.Hangup or Signal.Quit;
}
