namespace Nspawn.Core;

/// <summary>Signals that mean something to an init.</summary>
public static class Signals
{
    private const int Rtmin = 34;

    /// <summary>SIGRTMIN+3: systemd starts halt.target; systemd(1).</summary>
    public const int PowerOffBySystemd = Rtmin + 3;
}
