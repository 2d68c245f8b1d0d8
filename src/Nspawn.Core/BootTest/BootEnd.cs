namespace Nspawn.Core;

/// <summary>How the wait for a boot ended.</summary>
public abstract record BootEnd
{
    private BootEnd()
    {
    }

    /// <summary>The target is active and nothing is left to be started; an init that is not systemd runs.</summary>
    public sealed record Up : BootEnd;

    /// <summary>It will not be reached, and why: "the machine is in emergency mode".</summary>
    public sealed record NotReached(string Reason) : BootEnd;

    /// <summary>PID 1 ended, with what became the launcher's exit status.</summary>
    public sealed record Died(int Status) : BootEnd;

    /// <summary>It went into a reboot that nobody had asked for.</summary>
    public sealed record Rebooted : BootEnd;

    /// <summary>There was no boot; the launcher's own words.</summary>
    public sealed record NotStarted(string Error) : BootEnd;

    /// <summary>The time was up.</summary>
    public sealed record TimedOut : BootEnd;

    /// <summary>It is up, but until the time was up its systemd did not say what has failed.</summary>
    public sealed record Silent : BootEnd;

    /// <summary>A signal asked for the end of the test.</summary>
    public sealed record Interrupted(int Signal) : BootEnd;
}
