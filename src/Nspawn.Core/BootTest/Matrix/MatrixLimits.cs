using System.Globalization;

namespace Nspawn.Core;

/// <summary>
/// What so many machines at once need of the host, and share: where a limit is reached, units fail in whichever machine comes
/// last, and nobody would find out why.
/// </summary>
public static class MatrixLimits
{
    // Of a Debian with networkd, resolved, logind, udevd and timesyncd, rounded up.
    private const int InotifyInstances = 16, Terminals = 4, Tasks = 100;
    private const string Instances = "/proc/sys/fs/inotify/max_user_instances", TerminalsMost = "/proc/sys/kernel/pty/max", TerminalsUsed = "/proc/sys/kernel/pty/nr";
    private const string Pids = "/proc/sys/kernel/pid_max", Threads = "/proc/sys/kernel/threads-max", Load = "/proc/loadavg";

    /// <param name="jobs">How many run at once.</param>
    /// <param name="read">The text of a file of the host; null: it is not there.</param>
    /// <param name="inotifyUsed">How many instances of inotify there are already.</param>
    /// <returns>A line for each limit that is too low, with its remedy.</returns>
    public static IEnumerable<string> TooLow(int jobs, Func<string, string?> read, int inotifyUsed)
    {
        long tasks = read(Load)?.Split(' ', '/') is [_, _, _, _, string all, ..] && long.TryParse(all, CultureInfo.InvariantCulture, out long running) ? running : 0;
        string?[] lines =
        [
            Line(jobs, Instances, "inotify instances", Number(read(Instances)), inotifyUsed, InotifyInstances),
            Line(jobs, TerminalsMost, "pseudo terminals", Number(read(TerminalsMost)), Number(read(TerminalsUsed)) ?? 0, Terminals),
            Line(jobs, Pids, "process ids", Number(read(Pids)), tasks, Tasks),
            Line(jobs, Threads, "threads", Number(read(Threads)), tasks, Tasks),
        ];
        return lines.OfType<string>();
    }

    private static string? Line(int jobs, string path, string what, long? limit, long used, int each)
    {
        long needed = used + ((long)jobs * each);
        if (limit is not long most || needed <= most)
        {
            return null;
        }

        string name = path["/proc/sys/".Length..].Replace('/', '.');
        long fitting = Math.Max(0, (most - used) / each);
        string fewer = fitting > 0 ? $", or --jobs={fitting}" : "";
        return $"{jobs} machines at once may need {needed} {what}, and {name} is {most}; sysctl -w {name}={Rounded(needed)}{fewer}";
    }

    private static long Rounded(long needed)
    {
        long power = 1024;
        while (power < needed)
        {
            power *= 2;
        }

        return power;
    }

    private static long? Number(string? text) => long.TryParse(text?.Trim(), CultureInfo.InvariantCulture, out long number) ? number : null;
}
