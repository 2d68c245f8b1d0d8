using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Parts of a btrfs that can be copied as they are at a moment, without copying anything; btrfs-subvolume(8).</summary>
public static unsafe class Subvolume
{
    private const int Deepest = 16;

    /// <summary>The directory is the top of a subvolume, and no other one is in it: a snapshot of it is all of it.</summary>
    public static bool IsWhole(SafeFileHandle directory)
    {
        LibC.statfs_t status;
        return LibC.fstatfs(directory.Fd(), &status) == 0 && (uint)status.f_type == LibC.BTRFS_SUPER_MAGIC
            && FileStatus.Of(directory, "subvolume").Inode == LibC.BTRFS_FIRST_FREE_OBJECTID
            && Children(directory) is { Count: 0 };
    }

    /// <summary>Makes a snapshot that can be written, under a name in an open directory of the same file system.</summary>
    public static void Snapshot(SafeFileHandle source, SafeFileHandle parent, string name, string subject)
    {
        using SafeFileHandle opened = Reopen(source, subject);
        using SafeFileHandle directory = Reopen(parent, subject);
        LibC.btrfs_ioctl_vol_args_v2 args = new() { fd = opened.Fd() };
        _ = Encoding.UTF8.GetBytes(name, new Span<byte>(args.name, 255));
        _ = Check.Result(LibC.ioctl(directory.Fd(), LibC.BTRFS_IOC_SNAP_CREATE_V2, (nint)(&args)), subject);
    }

    /// <summary>Removes a snapshot with the subvolumes in it, or whatever directory it is; false when nothing is there.</summary>
    public static bool Remove(string path)
    {
        (string above, string name) = RootDirectory.Split(path);
        using SafeFileHandle? parent = Descriptors.TryOpen(above, OpenMode.Read | OpenMode.Directory, out _);
        return parent is not null && (TryRemove(parent, name, 0) || TreeRemoval.Remove(path));
    }

    private static bool TryRemove(SafeFileHandle parent, string name, int depth)
    {
        using SafeFileHandle? top = Descriptors.TryOpenAt(parent, name, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow, out _);
        if (top is null || depth > Deepest || FileStatus.Of(top, name).Inode != LibC.BTRFS_FIRST_FREE_OBJECTID)
        {
            return false;
        }

        // The guest's own systemd-tmpfiles makes some.
        using RootDirectory tree = new(Descriptors.Duplicate(top));
        foreach ((string path, string child) in Children(top) ?? [])
        {
            using SafeFileHandle? above = tree.TryOpen("/" + path, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow, out _);
            if (above is null || !TryRemove(above, child, depth + 1))
            {
                return false;
            }
        }

        LibC.btrfs_ioctl_vol_args args = default;
        _ = Encoding.UTF8.GetBytes(name, new Span<byte>(args.name, 255));
        return LibC.ioctl(parent.Fd(), LibC.BTRFS_IOC_SNAP_DESTROY, (nint)(&args)) == 0;
    }

    /// <summary>Those directly in it, as the path of the directory they are in and their name; null: too many, or the kernel cannot say.</summary>
    private static List<(string Path, string Name)>? Children(SafeFileHandle subvolume)
    {
        using SafeFileHandle opened = Reopen(subvolume, "subvolume");
        LibC.btrfs_ioctl_get_subvol_rootref_args found = default;
        if (LibC.ioctl(opened.Fd(), LibC.BTRFS_IOC_GET_SUBVOL_ROOTREF, (nint)(&found)) != 0)
        {
            return null;
        }

        List<(string, string)> children = [];
        for (int i = 0; i < found.num_items; i++)
        {
            LibC.btrfs_ioctl_ino_lookup_user_args place = new() { treeid = found.rootref[2 * i], dirid = found.rootref[(2 * i) + 1] };
            if (LibC.ioctl(opened.Fd(), LibC.BTRFS_IOC_INO_LOOKUP_USER, (nint)(&place)) != 0)
            {
                return null;
            }

            children.Add((Marshal.PtrToStringUTF8((nint)place.path)!, Marshal.PtrToStringUTF8((nint)place.name)!));
        }

        return children;
    }

    // As a place only it can be asked nothing.
    private static SafeFileHandle Reopen(SafeFileHandle directory, string subject) =>
        Descriptors.TryOpenAt(directory, ".", OpenMode.Read | OpenMode.Directory, out Errno errno) ?? throw new SyscallException("openat", errno, subject);
}
