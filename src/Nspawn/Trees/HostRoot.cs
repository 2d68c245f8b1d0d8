using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The host's own root as a tree: the file system at / and, where they are others, those that hold the rest of the
/// operating system; hier(7). What else is mounted (/home, /boot, network shares, containers) is no part of it.
/// </summary>
internal static class HostRoot
{
    private static readonly string[] s_parts = ["/etc", "/opt", "/usr", "/var"];

    /// <summary>Attaches the parts to a copy of the root's own mount.</summary>
    public static void AttachParts(SafeFileHandle copy, SafeFileHandle hostRoot)
    {
        using RootDirectory host = new(Descriptors.Duplicate(hostRoot));
        using RootDirectory tree = new(Descriptors.Duplicate(copy));
        ulong rootMount = FileStatus.Of(hostRoot, "/").MountId;
        foreach (string part in s_parts)
        {
            using SafeFileHandle? source = host.TryOpen(part, OpenMode.Path | OpenMode.Directory | OpenMode.NoFollow, out _);
            if (source is null || FileStatus.Of(source, part).MountId == rootMount)
            {
                continue;
            }

            using SafeFileHandle clone = Mounts.Clone(source, recursive: false, part);
            using SafeFileHandle place = tree.Open(part, OpenMode.Path | OpenMode.Directory | OpenMode.NoFollow);
            Mounts.SetPropagation(clone, Propagation.Private, recursive: false, part);
            Mounts.Attach(clone, place, part);
        }
    }
}
