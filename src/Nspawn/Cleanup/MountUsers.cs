using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>Tells whether a container has a directory of the host mounted; proc_pid_mountinfo(5).</summary>
internal static class MountUsers
{
    private const int LargestTable = 16 * 1024 * 1024;

    /// <summary>
    /// A process has a mount whose root is the directory: the kernel shows it with the path it has in its file system. A
    /// file system of its own (unix-export) has the root <c>/</c> everywhere, and is told by its number; a service of the
    /// host with a mount namespace of its own has it too, but in the same place as the host.
    /// </summary>
    public static bool Any(string path)
    {
        if (FileStatus.At(path, followLast: false) is not FileStatus directory)
        {
            return false;
        }

        string device = DeviceNumbers(directory.Device);
        using SafeFileHandle processes = Descriptors.Open("/proc", OpenMode.Read | OpenMode.Directory);
        string own = OwnNamespace("self");
        return DirectoryListing.Of(processes, "/proc", directoriesOnly: true)
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _) && OwnNamespace(name) != own)
            .SelectMany(name => Table(name).Split('\n'))
            .Select(line => line.Split(' '))
            .Any(fields => fields.Length > 4 && fields[2] == device && IsRoot(fields[3], path, directory.IsMountPoint)
                && !fields[4].EndsWith(path, StringComparison.Ordinal));
    }

    // The file system may be mounted at any directory above: its path in there is an end of the path here.
    private static bool IsRoot(string root, string path, bool mountPoint) =>
        mountPoint ? root == "/" : root.Length > 1 && path.EndsWith(root, StringComparison.Ordinal);

    private static string OwnNamespace(string process) => Links.Read($"/proc/{process}/ns/mnt") ?? "";

    private static string Table(string process)
    {
        using SafeFileHandle? file = Descriptors.TryOpen($"/proc/{process}/mountinfo", OpenMode.Read, out _);
        try
        {
            return file is null ? "" : Encoding.UTF8.GetString(Descriptors.ReadAll(file, LargestTable, "mountinfo"));
        }
        catch (SyscallException)
        {
            return ""; // gone meanwhile
        }
    }

    private static string DeviceNumbers(ulong device) =>
        $"{((device >> 32) & 0xffff_f000) | ((device >> 8) & 0xfff)}:{((device >> 12) & 0xffff_ff00) | (device & 0xff)}";
}
