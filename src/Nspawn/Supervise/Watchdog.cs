using Nspawn.Linux;

namespace Nspawn;

/// <summary>The launcher's sign of life to its service manager: the only thing that wakes an idle supervisor.</summary>
internal sealed class Watchdog(TimeSpan? interval)
{
    private readonly long _interval = Math.Max(1, (long)(interval?.TotalMilliseconds ?? 0));
    private long _due = Environment.TickCount64;

    /// <summary>How long the loop may wait.</summary>
    public int Timeout => interval == null
        ? Poll.Forever
        : (int)Math.Clamp(_due - Environment.TickCount64, 0, int.MaxValue);

    /// <summary>Says so when it is time.</summary>
    public void Tell(NotifyChannel notify)
    {
        if (interval == null || Environment.TickCount64 < _due)
        {
            return;
        }

        _due = Environment.TickCount64 + _interval;
        notify.Say(NotifyMessage.Watchdog);
    }
}
