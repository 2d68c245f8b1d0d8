using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>How many instances of inotify there are; no file says so, but every process's descriptors do.</summary>
internal static class InotifyInstances
{
    public static int Count()
    {
        using SafeFileHandle? proc = Descriptors.TryOpen("/proc", OpenMode.Read | OpenMode.Directory, out _);
        return proc is null ? 0 : DirectoryListing.Of(proc, "/proc", directoriesOnly: true)
            .Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)).Sum(Of);
    }

    private static int Of(string pid)
    {
        try
        {
            using SafeFileHandle? files = Descriptors.TryOpen($"/proc/{pid}/fd", OpenMode.Read | OpenMode.Directory, out _);
            return files is null ? 0 : DirectoryListing.Of(files, pid).Count(name => Links.Read($"/proc/{pid}/fd/{name}") == "anon_inode:inotify");
        }
        catch (SyscallException)
        {
            return 0; // it has ended meanwhile
        }
    }
}
