using System.Text;

namespace Nspawn;

/// <summary>The words of sd_notify(3): the payload's, translated into the launcher's.</summary>
internal static class NotifyMessage
{
    public const string Stopping = "STOPPING=1\nSTATUS=Shutting down...";
    public const string Ready = "READY=1";
    public const string Watchdog = "WATCHDOG=1";

    public static string Started(int leader) => $"STATUS=Container started.\nX_NSPAWN_LEADER_PID={leader}";

    /// <summary>The last words but one; a unit that is to restart the container says so.</summary>
    public static string Ending(int exitStatus) => exitStatus == ExitStatus.Restart
        ? "STOPPING=1\nSTATUS=Restarting..."
        : "STOPPING=1\nSTATUS=Terminating...";

    public static string Ended(int exitStatus) => $"EXIT_STATUS={exitStatus}";

    /// <summary>
    /// What of a payload's message goes to the host: its status, and that it is ready. Everything else (its main
    /// process, its watchdog, its stopping) is true in there only and would be a lie about the launcher.
    /// </summary>
    public static string? Forward(ReadOnlySpan<byte> datagram)
    {
        string? status = null;
        bool ready = false;
        foreach (string line in Encoding.UTF8.GetString(datagram).Split('\n'))
        {
            ready |= line == Ready;
            if (status == null && line.StartsWith("STATUS=", StringComparison.Ordinal))
            {
                status = line["STATUS=".Length..];
            }
        }

        return (ready, status) switch
        {
            (true, null) => $"{Ready}\nSTATUS=Container running.",
            (true, _) => $"{Ready}\nSTATUS=Container running: {status}",
            (false, not null) => $"STATUS=Container running: {status}",
            _ => null,
        };
    }
}
