using System.Diagnostics;

namespace Nspawn;

/// <summary>What the launcher exits with.</summary>
internal static class ExitStatus
{
    /// <summary>Asks the unit to start the container again: RestartForceExitStatus= of systemd-nspawn@.service.</summary>
    public const int Restart = 133;

    private const int KilledBySignal = 128;

    /// <summary>The status for an end.</summary>
    /// <param name="end">How the container ended.</param>
    /// <param name="asSystemdNspawn">
    /// As systemd-nspawn answers: 1 for every kill, and 1 for a payload whose own status would ask for a restart.
    /// Otherwise as a shell would: the payload's own status, or 128 and the signal.
    /// </param>
    /// <param name="keepUnit">
    /// The unit is somebody else's, and it restarts the container; without, the launcher itself does.
    /// </param>
    public static int Of(PayloadEnd end, bool asSystemdNspawn, bool keepUnit) => end switch
    {
        PayloadEnd.Exited { Status: Restart } when asSystemdNspawn => 1,
        PayloadEnd.Exited exited => exited.Status,
        PayloadEnd.Killed when asSystemdNspawn => 1,
        PayloadEnd.Killed killed => KilledBySignal + killed.Signal,
        PayloadEnd.PoweredOff => 0,
        PayloadEnd.Rebooting => keepUnit ? Restart : 0,
        _ => throw new UnreachableException(),
    };
}
