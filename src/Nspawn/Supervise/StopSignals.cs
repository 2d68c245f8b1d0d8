using Nspawn.Linux;

namespace Nspawn;

/// <summary>Which signals the launcher answers, and which of them ask for the container's end.</summary>
internal static class StopSignals
{
    /// <summary>systemd's signal for its control commands; there are none here.</summary>
    private const int Control = Signal.RealTimeMin + 18;

    private static readonly SignalSet Always = SignalSet.Of(
        Signal.Terminate, Signal.Interrupt, Signal.WindowChange, Signal.Continue, Control);

    /// <summary>
    /// Read in the loop. A lost terminal (HUP) and Ctrl-\ (QUIT) end the container too: their default action would
    /// end the launcher and leave the payload behind. Under nohup(1) they go on meaning nothing; blocked they would
    /// be kept for the loop all the same.
    /// </summary>
    public static SignalSet Answered() => Always.Union(UnlessIgnored(Signal.Hangup)).Union(UnlessIgnored(Signal.Quit));

    /// <summary>Not to interrupt anything: those, and SIGPIPE, for which a write's error is enough.</summary>
    public static SignalSet Blocked() => Answered().Union(SignalSet.Of(Signal.Pipe));

    public static bool Are(int signal) =>
        signal is Signal.Terminate or Signal.Interrupt or Signal.Hangup or Signal.Quit;

    private static SignalSet UnlessIgnored(int signal) =>
        SignalMask.IsIgnored(signal) ? SignalSet.Empty : SignalSet.Of(signal);
}
