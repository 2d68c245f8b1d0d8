using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>Directories of a cgroup file system, of either version.</summary>
internal static class Cgroups
{
    public static SafeFileHandle Open(SafeFileHandle directory, string name, OpenMode mode) =>
        Descriptors.TryOpenAt(directory, name, mode, out Errno errno)
        ?? throw new SyscallException("openat", errno, name);

    /// <summary>
    /// Removes a group with all below it, after <paramref name="empty"/> has seen to its processes; one that is not
    /// there is no error.
    /// </summary>
    public static void Remove(SafeFileHandle root, string path, Action<SafeFileHandle>? empty = null)
    {
        (string above, string name) = RootDirectory.Split("." + path);
        using SafeFileHandle? parent = Descriptors.TryOpenAt(root, above, OpenMode.Path | OpenMode.Directory, out _);
        using SafeFileHandle? group = parent is null
            ? null
            : Descriptors.TryOpenAt(parent, name, OpenMode.Read | OpenMode.Directory, out _);
        if (parent is null || group is null)
        {
            return;
        }

        empty?.Invoke(group);
        RemoveBelow(group, name);
        _ = FileSystems.Unlink(parent, name, directory: true, path);
    }

    private static void RemoveBelow(SafeFileHandle group, string subject)
    {
        foreach (string name in DirectoryListing.Of(group, subject, directoriesOnly: true))
        {
            using (SafeFileHandle child = Open(group, name, OpenMode.Read | OpenMode.Directory))
            {
                RemoveBelow(child, name);
            }

            _ = FileSystems.Unlink(group, name, directory: true, $"{subject}/{name}");
        }
    }
}
