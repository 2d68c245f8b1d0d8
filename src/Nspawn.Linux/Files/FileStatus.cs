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

/// <summary>What a file is; statx(2).</summary>
public readonly record struct FileStatus(
    FileType Type, uint Permissions, uint Uid, uint Gid, uint Major, uint Minor, ulong Inode, ulong Device)
{
    /// <summary>The controlling side of a pseudo terminal; ptmx(4).</summary>
    public bool IsTerminalMaster => this is { Type: FileType.CharacterDevice, Major: 5, Minor: 2 };

    /// <summary>Both lead to the same file.</summary>
    public bool IsSameFileAs(FileStatus other) => (Inode, Device) == (other.Inode, other.Device);

    public static unsafe FileStatus Of(SafeFileHandle handle, string subject)
    {
        LibC.statx_t status;
        _ = Check.Result(
            LibC.statx(handle.Fd(), "", LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, &status), subject);
        return From(status);
    }

    /// <summary>What stands at a path of the host, links followed; null when nothing can be seen there.</summary>
    public static unsafe FileStatus? At(string path, bool followLast = true)
    {
        LibC.statx_t status;
        int flags = followLast ? 0 : LibC.AT_SYMLINK_NOFOLLOW;
        return LibC.statx(LibC.AT_FDCWD, path, flags, LibC.STATX_BASIC_STATS, &status) == 0 ? From(status) : null;
    }

    private static FileStatus From(in LibC.statx_t status) => new(
        (FileType)(status.stx_mode & LibC.S_IFMT), status.stx_mode & 0xfffu, status.stx_uid, status.stx_gid,
        status.stx_rdev_major, status.stx_rdev_minor, status.stx_ino,
        ((ulong)status.stx_dev_major << 32) | status.stx_dev_minor);
}
