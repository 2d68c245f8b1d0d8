using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The processes in a machine's control group and what they use, seen from the host; proc(5), cgroups(7).</summary>
internal static class MachineProcesses
{
    private const int SmallFile = 4096;
    private const int MostProcesses = 500;
    private const int DeepestGroup = 20;
    private const int LongestCommand = 120;

    public static ImmutableArray<ProcessReport> Of(MachineState state)
    {
        try
        {
            using SafeFileHandle root = PayloadCgroup.OpenHierarchy();
            using SafeFileHandle group = Cgroups.Open(root, "." + state.Cgroup, OpenMode.Read | OpenMode.Directory);
            List<int> pids = [];
            Collect(group, pids, 0);
            Dictionary<int, int> inside = [];
            foreach (int pid in pids.Take(MostProcesses))
            {
                inside[pid] = NumberInside(pid);
            }

            return [.. inside.Keys.Select(pid => Read(pid, inside)).OfType<ProcessReport>().OrderBy(one => one.Pid)];
        }
        catch (SyscallException)
        {
            return []; // the machine ends
        }
    }

    /// <summary>What the machine uses now.</summary>
    /// <param name="state">The machine.</param>
    /// <param name="time">When, since the start of its PID 1.</param>
    public static UsageSample? Usage(MachineState state, TimeSpan time)
    {
        try
        {
            using SafeFileHandle root = PayloadCgroup.OpenHierarchy();
            using SafeFileHandle group = Cgroups.Open(root, "." + state.Cgroup, OpenMode.Path | OpenMode.Directory);
            string cpu = ReadAt(group, "cpu.stat").Split('\n').FirstOrDefault(line => line.StartsWith("usage_usec ", StringComparison.Ordinal)) ?? "";
            return new UsageSample(
                time,
                long.TryParse(ReadAt(group, "memory.current").Trim(), CultureInfo.InvariantCulture, out long bytes) ? bytes : null,
                long.TryParse(cpu[(cpu.IndexOf(' ') + 1)..], CultureInfo.InvariantCulture, out long used) ? TimeSpan.FromMicroseconds(used) : null);
        }
        catch (SyscallException)
        {
            return null; // the machine ends
        }
    }

    private static void Collect(SafeFileHandle group, List<int> pids, int depth)
    {
        pids.AddRange(ReadAt(group, "cgroup.procs", limit: 1024 * 1024).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => int.TryParse(line, CultureInfo.InvariantCulture, out int pid) ? pid : 0).Where(pid => pid > 0));
        if (depth == DeepestGroup || pids.Count > MostProcesses)
        {
            return;
        }

        foreach (string name in DirectoryListing.Of(group, "cgroup", directoriesOnly: true))
        {
            using SafeFileHandle? below = Descriptors.TryOpenAt(group, name, OpenMode.Read | OpenMode.Directory, out _);
            if (below is not null)
            {
                Collect(below, pids, depth + 1);
            }
        }
    }

    private static ProcessReport? Read(int pid, Dictionary<int, int> inside)
    {
        string stat = ReadPath($"/proc/{pid}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 2 || !int.TryParse(fields[1], CultureInfo.InvariantCulture, out int parent))
        {
            return null; // gone meanwhile
        }

        string command = ReadPath($"/proc/{pid}/cmdline").TrimEnd('\0').Replace('\0', ' ');
        string name = stat[(stat.IndexOf('(') + 1)..stat.LastIndexOf(')')];
        string shown = Message.OneLine(command.Length > 0 ? command : $"({name})");
        string waits = ReadPath($"/proc/{pid}/wchan").Trim();
        return new ProcessReport(
            inside[pid], inside.GetValueOrDefault(parent), shown.Length > LongestCommand ? shown[..LongestCommand] + " ..." : shown, fields[0],
            waits is "0" ? "" : waits);
    }

    /// <summary>The last of the numbers that a process has, one for each namespace it is in.</summary>
    private static int NumberInside(int pid)
    {
        string line = ReadPath($"/proc/{pid}/status").Split('\n').FirstOrDefault(one => one.StartsWith("NSpid:", StringComparison.Ordinal)) ?? "";
        return int.TryParse(line[(line.LastIndexOf('\t') + 1)..], CultureInfo.InvariantCulture, out int number) ? number : pid;
    }

    private static string ReadAt(SafeFileHandle directory, string name, int limit = SmallFile)
    {
        using SafeFileHandle? file = Descriptors.TryOpenAt(directory, name, OpenMode.Read, out _);
        return file is null ? "" : Encoding.UTF8.GetString(Descriptors.ReadAll(file, limit, name));
    }

    private static string ReadPath(string path)
    {
        using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.Read, out _);
        try
        {
            return file is null ? "" : Encoding.UTF8.GetString(Descriptors.ReadAll(file, SmallFile, path));
        }
        catch (SyscallException)
        {
            return ""; // gone meanwhile
        }
    }
}
