using Nspawn.Linux;

namespace Nspawn;

/// <summary>How a container ended.</summary>
internal abstract record PayloadEnd
{
    private PayloadEnd()
    {
    }

    /// <summary>The leader returned.</summary>
    internal sealed record Exited(int Status) : PayloadEnd;

    /// <summary>The leader was killed.</summary>
    internal sealed record Killed(int Signal) : PayloadEnd;

    /// <summary>Somebody in there powered off or halted.</summary>
    internal sealed record PoweredOff : PayloadEnd;

    /// <summary>Somebody in there rebooted.</summary>
    internal sealed record Rebooting : PayloadEnd;

    /// <summary>
    /// Reads the end of a leader. reboot(2) in a process namespace kills its PID 1, with SIGHUP for a restart and with
    /// SIGINT for a halt or power-off; no other way leads to these two, since a PID 1 is spared signals it does not handle.
    /// </summary>
    public static PayloadEnd Of(ChildEnd end) => end switch
    {
        { Signalled: false } => new Exited(end.Value),
        { Value: Signal.Hangup } => new Rebooting(),
        { Value: Signal.Interrupt } => new PoweredOff(),
        _ => new Killed(end.Value),
    };
}
