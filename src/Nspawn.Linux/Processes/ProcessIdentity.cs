using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace Nspawn.Linux;

/// <summary>
/// A process that somebody else wrote down: its number, and a mark that no other process of that number has. The mark is the
/// inode of its pidfd, or, before Linux 6.9, when it was started.
/// </summary>
public sealed record ProcessIdentity(int Pid, string Mark)
{
    // proc_pid_stat(5): the third field is the first behind the name.
    private const int StartTime = 22 - 3;

    public static ProcessIdentity Of(int pid, SafeFileHandle pidfd) => new(pid, MarkOf(pid, pidfd));

    public static ProcessIdentity OfSelf()
    {
        using SafeFileHandle self = Pidfd.TryOpen(Environment.ProcessId, out _) ?? throw new InvalidOperationException();
        return Of(Environment.ProcessId, self);
    }

    /// <summary>The process itself; null when it is gone, whoever has its number now.</summary>
    public SafeFileHandle? TryOpen()
    {
        SafeFileHandle? pidfd = Pidfd.TryOpen(Pid, out _);
        if (pidfd is null || MarkOf(Pid, pidfd) == Mark)
        {
            return pidfd;
        }

        pidfd.Dispose();
        return null;
    }

    public override string ToString() => $"{Pid} {Mark}";

    /// <summary>Reads what <see cref="ToString"/> writes; null for anything else.</summary>
    public static ProcessIdentity? Parse(string text) =>
        text.Split(' ') is [string pid, string mark] && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? new ProcessIdentity(number, mark)
            : null;

    private static string MarkOf(int pid, SafeFileHandle pidfd) =>
        Linux.Pidfd.Identity(pidfd) is ulong inode ? $"pidfd:{inode}" : $"start:{StartedAt(pid)}";

    private static string StartedAt(int pid)
    {
        string path = $"/proc/{pid}/stat";
        using SafeFileHandle? stat = Descriptors.TryOpen(path, OpenMode.Read, out Errno _);
        try
        {
            string text = stat is null ? "" : Encoding.UTF8.GetString(Descriptors.ReadAll(stat, 4096, path));
            string[] fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields.Length > StartTime ? fields[StartTime] : "";
        }
        catch (SyscallException)
        {
            return ""; // gone meanwhile
        }
    }
}
