using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The launcher's own service manager, told by sd_notify(3) over $NOTIFY_SOCKET; a channel without one is mute.
/// Opened early: once the launcher has changed its mounts the socket's path may lead elsewhere.
/// </summary>
internal sealed class NotifyChannel : IDisposable
{
    /// <summary>A manager that does not read for so long is not waited for: the container needs its supervisor.</summary>
    private const int PatienceSeconds = 5;

    private readonly SafeFileHandle? _socket;

    private NotifyChannel(SafeFileHandle? socket, TimeSpan? watchdog)
    {
        _socket = socket;
        WatchdogInterval = socket == null ? null : watchdog;
    }

    /// <summary>
    /// How often the manager is to hear that the launcher is alive: twice in the time it allows; null: never.
    /// </summary>
    public TimeSpan? WatchdogInterval { get; }

    public static NotifyChannel Mute() => new(null, null);

    public static NotifyChannel FromEnvironment()
    {
        string? address = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        if (string.IsNullOrEmpty(address) || address[0] is not ('/' or '@'))
        {
            return Mute();
        }

        SafeFileHandle? socket = DatagramSocket.Connect(Encoding.UTF8.GetBytes(address));
        if (socket != null)
        {
            DatagramSocket.LimitSend(socket, PatienceSeconds);
        }

        TimeSpan? watchdog = WatchdogOf(
            Environment.GetEnvironmentVariable("WATCHDOG_USEC"),
            Environment.GetEnvironmentVariable("WATCHDOG_PID"),
            Environment.ProcessId);
        return new NotifyChannel(socket, watchdog);
    }

    /// <summary>The interval for the two variables; sd_watchdog_enabled(3).</summary>
    public static TimeSpan? WatchdogOf(string? microseconds, string? pid, int ownPid)
    {
        bool ours = string.IsNullOrEmpty(pid) || pid == ownPid.ToString(CultureInfo.InvariantCulture);
        bool limited = long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long limit)
            && limit is > 0 and < long.MaxValue / 10;
        return ours && limited ? TimeSpan.FromMicroseconds(limit / 2) : null;
    }

    /// <summary>Sends a message; a manager that is gone is no reason to end a container.</summary>
    public void Say(string message)
    {
        if (_socket != null)
        {
            _ = DatagramSocket.Send(_socket, Encoding.UTF8.GetBytes(message));
        }
    }

    public void Dispose() => _socket?.Dispose();
}
