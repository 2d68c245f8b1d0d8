namespace Nspawn;

/// <summary>
/// Services that end and are started again, and again. Their manager calls none of them failed, and says that it is running:
/// who looks but once finds nothing wrong.
/// </summary>
internal static class RestartWatch
{
    /// <summary>Who was started again and stays up so long is up.</summary>
    private const int QuietMilliseconds = 1000;

    /// <summary>Who has not come to rest by then keeps restarting.</summary>
    private const int LongestMilliseconds = 10_000;
    private const int LookMilliseconds = 100;

    /// <summary>Waits for them to come to rest: to stay up, or to be given up by the manager. Where there are none it is one look.</summary>
    /// <param name="manager">The guest's manager.</param>
    /// <param name="deadline">The end of all patience, in the ticks of <see cref="Environment.TickCount64"/>.</param>
    /// <param name="waits">Waits for so many milliseconds; false: not any more.</param>
    /// <returns>The names of those that keep restarting.</returns>
    public static HashSet<string> Settle(GuestManager manager, long deadline, Func<int, bool> waits)
    {
        Dictionary<string, ulong> counts = [];
        Dictionary<string, long> restless = [];
        long end = Math.Min(deadline, Environment.TickCount64 + LongestMilliseconds);
        while (true)
        {
            long now = Environment.TickCount64;
            foreach ((string service, ulong count, bool pending) in Restarted(manager))
            {
                if (pending || counts.GetValueOrDefault(service) != count)
                {
                    restless[service] = now;
                }

                counts[service] = count;
            }

            string[] moving = [.. restless.Where(one => one.Value > now - QuietMilliseconds).Select(one => one.Key)];
            if (moving.Length == 0 || now >= end || !waits(LookMilliseconds))
            {
                return [.. moving];
            }
        }
    }

    private static IEnumerable<(string Service, ulong Count, bool IsPending)> Restarted(GuestManager manager) => manager.Units()
        .Where(unit => unit.Name.EndsWith(".service", StringComparison.Ordinal) && unit.LoadState == "loaded" && unit.ActiveState is ("active" or "activating" or "deactivating"))
        .Select(unit => (unit.Name, Count: Count(manager, unit), IsPending: unit.SubState.StartsWith("auto-restart", StringComparison.Ordinal)))
        .Where(one => one.IsPending || one.Count > 0);

    private static ulong Count(GuestManager manager, GuestUnit unit)
    {
        try
        {
            return manager.Property(unit.Path, GuestManager.Service, "NRestarts") is ulong count ? count : 0;
        }
        catch (GuestException gone) when (gone.Name.Length > 0)
        {
            return 0; // it was unloaded meanwhile
        }
    }
}
