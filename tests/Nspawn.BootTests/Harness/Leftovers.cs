using System.Diagnostics;
using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>What a container may not leave on the host once its launcher is gone: processes, mounts, cgroups, files.</summary>
internal sealed class Leftovers
{
    /// <summary>Made by the first launch on a host and used by all that follow.</summary>
    private static readonly string[] s_shared = ["directory /run/systemd", "directory /run/systemd/nspawn-uid", "directory /run/nspawn"];

    private readonly HashSet<string> _before = [.. Seen()];
    private readonly string _machine;

    private Leftovers(string machine) => _machine = machine;

    /// <summary>Remembers the host as it is before a launch of the machine.</summary>
    public static Leftovers Watch(Scratch scratch) => new(scratch.Name);

    /// <summary>The same for a machine whose tree is an OCI image.</summary>
    public static Leftovers Watch(OciLayout layout) => new(layout.Name);

    /// <summary>The same for a machine whose tree is in an image of that name.</summary>
    public static Leftovers Watch(ScratchImage image) => new(image.Name);

    /// <summary>Waits at most a second for the host to be as it was, and fails naming what is not.</summary>
    public void AssertNone()
    {
        Stopwatch clock = Stopwatch.StartNew();
        List<string> left;
        while ((left = Left()).Count > 0 && clock.Elapsed < TimeSpan.FromSeconds(1))
        {
            Thread.Sleep(20);
        }

        Assert.True(left.Count == 0, "left behind:\n" + string.Join('\n', left));
    }

    /// <summary>
    /// Processes in namespaces of their own that have the machine's tree in them. The mounts alone do not tell: whoever
    /// tests at the same time may have got the tree's mount too.
    /// </summary>
    public static List<int> Processes(string machine)
    {
        string? pids = PidNamespace("self");
        string own = RootMount(Read("/proc/self/mountinfo"));
        List<int> found = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out int pid)
                && Read(directory + "/mountinfo") is string mounts
                && mounts.Contains(machine, StringComparison.Ordinal) && RootMount(mounts) != own
                && PidNamespace($"{pid}") is string inside && inside != pids)
            {
                found.Add(pid);
            }
        }

        return found;
    }

    public static void KillProcesses(string machine)
    {
        foreach (int pid in Processes(machine))
        {
            Syscall.kill(pid, Signum.SIGKILL);
        }
    }

    private List<string> Left() =>
    [
        .. Processes(_machine).Select(pid => $"process {pid}: {Read($"/proc/{pid}/cmdline").Replace('\0', ' ')}"),
        .. Seen().Where(line => !_before.Contains(line) && !s_shared.Contains(line) && !IsAnothers(line)),
    ];

    private static IEnumerable<string> Seen() =>
    [
        .. File.ReadLines("/proc/self/mountinfo").Select(MountLine),
        .. Directories("/sys/fs/cgroup", recurse: true).Select(path => "cgroup " + path),
        .. Directories("/run", recurse: false).Select(path => "directory " + path),
        .. Entries("/run/systemd/nspawn"), .. Entries("/run/systemd/nspawn/propagate"), .. Entries("/run/nspawn"), .. Entries("/run/systemd/machines"),
        .. LoopDevices(),
        .. Entries("/tmp").Concat(Entries("/var/tmp")).Where(line => line.Contains("nspawn", StringComparison.Ordinal)),
    ];

    /// <summary>Those that are in use, with the files they are made of; those that are free say nothing.</summary>
    private static IEnumerable<string> LoopDevices() => Directory.EnumerateDirectories("/sys/block", "loop*")
        .Select(device => (device, file: Read(device + "/loop/backing_file").Trim()))
        .Where(one => one.file.Length > 0)
        .Select(one => $"loop {one.device} {one.file}");

    // Number, parent, device, root and mount point; not the options, which a guest may change for the file system of its root.
    private static string MountLine(string line) => "mount " + string.Join(' ', line.Split(' ').Take(5));

    // On a shared host others launch too: their groups are inhabited, their files have other names.
    private bool IsAnothers(string line) =>
        (line.StartsWith("cgroup ", StringComparison.Ordinal) && (Read(line["cgroup ".Length..] + "/cgroup.procs").Length > 0 || IsInAnothersGroup(line)))
        || (line.StartsWith("loop ", StringComparison.Ordinal) && !line.Contains(_machine, StringComparison.Ordinal))
        || (line.StartsWith("mount ", StringComparison.Ordinal) && line.Contains("/nsb-", StringComparison.Ordinal) && !line.Contains(_machine, StringComparison.Ordinal))
        || ((line.StartsWith("file /run/", StringComparison.Ordinal) || line.StartsWith("file /var/tmp/", StringComparison.Ordinal))
            && !line.Contains(_machine, StringComparison.Ordinal));

    // A booted guest has empty groups too, below the one that has its machine's name.
    private bool IsInAnothersGroup(string line) =>
        line.Contains("/nspawn-", StringComparison.Ordinal) && !line.Contains(_machine, StringComparison.Ordinal);

    private static IEnumerable<string> Entries(string directory) =>
        Directory.Exists(directory) ? Directory.EnumerateFileSystemEntries(directory).Select(path => "file " + path) : [];

    private static IEnumerable<string> Directories(string top, bool recurse) => Directory.EnumerateDirectories(
        top, "*", new EnumerationOptions { RecurseSubdirectories = recurse, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint });

    // The number of the mount at "/" tells namespaces apart, and needs no right to look into the process.
    private static string RootMount(string mountinfo) =>
        mountinfo.Split('\n').Select(line => line.Split(' ')).FirstOrDefault(fields => fields.Length > 4 && fields[4] == "/")?[0] ?? "";

    private static string? PidNamespace(string process) => new FileInfo($"/proc/{process}/ns/pid").LinkTarget;

    // Processes and cgroups vanish while one looks.
    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
