using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

public enum FileType : uint
{
    Socket = LibC.S_IFSOCK,
    Symlink = LibC.S_IFLNK,
    Regular = LibC.S_IFREG,
    BlockDevice = LibC.S_IFBLK,
    Directory = LibC.S_IFDIR,
    CharacterDevice = LibC.S_IFCHR,
    Fifo = LibC.S_IFIFO,
}

/// <summary>What a file is; statx(2). The device is the number that stat(2) calls st_dev.</summary>
public readonly record struct FileStatus(
    FileType Type, uint Permissions, uint Uid, uint Gid, uint Major, uint Minor, ulong Inode, ulong Device)
{
    // Of the year 9998: what a file system says need not be a time.
    private const long LastSecond = 253_370_764_799;

    /// <summary>The controlling side of a pseudo terminal; ptmx(4).</summary>
    public bool IsTerminalMaster => this is { Type: FileType.CharacterDevice, Major: 5, Minor: 2 };

    /// <summary>Both lead to the same file.</summary>
    public bool IsSameFileAs(FileStatus other) => (Inode, Device) == (other.Inode, other.Device);

    /// <summary>How many names the file has; 0: it was removed while it is open.</summary>
    public uint Links { get; init; }

    /// <summary>The bytes it holds (a device: 0), and those it takes on the disk.</summary>
    public long Size { get; init; }
    public long Allocated { get; init; }

    /// <summary>When it, or what is known about it, was last changed: by the kernel's clock alone. In UTC.</summary>
    public DateTime Changed { get; init; }

    /// <summary>Tells mounts apart; 0 where the kernel does not say.</summary>
    public ulong MountId { get; init; }

    /// <summary>Something is mounted there.</summary>
    public bool IsMountPoint { get; init; }

    /// <summary>Nobody may change it; ioctl_iflags(2).</summary>
    public bool IsImmutable { get; init; }

    public static unsafe FileStatus Of(SafeFileHandle handle, string subject)
    {
        LibC.statx_t status;
        _ = Check.Result(
            LibC.statx(handle.Fd(), "", LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS | LibC.STATX_MNT_ID, &status), subject);
        return From(status);
    }

    /// <summary>What stands at a path of the host, links followed; null when nothing can be seen there.</summary>
    public static unsafe FileStatus? At(string path, bool followLast = true)
    {
        LibC.statx_t status;
        int flags = followLast ? 0 : LibC.AT_SYMLINK_NOFOLLOW;
        return LibC.statx(LibC.AT_FDCWD, path, flags, LibC.STATX_BASIC_STATS, &status) == 0 ? From(status) : null;
    }

    internal static FileStatus From(in LibC.statx_t status) => new(
        (FileType)(status.stx_mode & LibC.S_IFMT), status.stx_mode & 0xfffu, status.stx_uid, status.stx_gid,
        status.stx_rdev_major, status.stx_rdev_minor, status.stx_ino, DeviceNumber(status.stx_dev_major, status.stx_dev_minor))
    {
        Links = status.stx_nlink,
        Size = (long)status.stx_size,
        Allocated = (long)status.stx_blocks * 512,
        Changed = DateTime.UnixEpoch.AddSeconds(Math.Clamp(status.stx_ctime.tv_sec, 0, LastSecond)).AddTicks(status.stx_ctime.tv_nsec / 100),
        MountId = (status.stx_mask & LibC.STATX_MNT_ID) != 0 ? status.stx_mnt_id : 0,
        IsMountPoint = (status.stx_attributes & LibC.STATX_ATTR_MOUNT_ROOT) != 0,
        IsImmutable = (status.stx_attributes & LibC.STATX_ATTR_IMMUTABLE) != 0,
    };

    // makedev(3)
    private static ulong DeviceNumber(ulong major, ulong minor) =>
        ((major & 0xffff_f000) << 32) | ((major & 0xfff) << 8) | ((minor & 0xffff_ff00) << 12) | (minor & 0xff);
}
