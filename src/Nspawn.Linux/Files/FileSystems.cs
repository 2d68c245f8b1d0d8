using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Makes files of every kind below an open directory; the name is one component, links are not followed.</summary>
public static unsafe class FileSystems
{
    private const long DevptsMagic = 0x1cd1;
    private const long Cgroup2Magic = 0x63677270;
    private const long OverlayMagic = 0x794c7630;

    /// <summary>Makes a directory; false when something of that name is there already.</summary>
    public static bool MakeDirectory(SafeFileHandle parent, string name, uint permissions, string subject) =>
        Made(LibC.mkdirat(parent.Fd(), name, permissions), "mkdirat", subject);

    public static bool MakeSymlink(SafeFileHandle parent, string name, string target, string subject) =>
        Made(LibC.symlinkat(target, parent.Fd(), name), "symlinkat", subject);

    /// <summary>Makes a device, FIFO, socket or empty file.</summary>
    public static bool MakeNode(SafeFileHandle parent, string name, FileType kind, uint permissions, uint major, uint minor, string subject)
    {
        ulong device = ((minor & 0xff) | ((major & 0xfff) << 8)) | ((ulong)(minor & ~0xffu) << 12);
        return Made(LibC.mknodat(parent.Fd(), name, (uint)kind | permissions, device), "mknodat", subject);
    }

    /// <summary>Makes a new file and writes it whole.</summary>
    public static void WriteNew(SafeFileHandle parent, string name, ReadOnlySpan<byte> content, uint permissions, string subject)
    {
        const int Flags = LibC.O_WRONLY | LibC.O_CREAT | LibC.O_EXCL | LibC.O_NOFOLLOW | LibC.O_CLOEXEC;
        using SafeFileHandle file = Descriptors.Own(
            Check.Result(LibC.openat(parent.Fd(), name, Flags, permissions), subject));
        Descriptors.Write(file, content, subject);
    }

    /// <summary>
    /// Puts a file in the place of whatever stands there, in one move: readers see the old or the new, and a link that
    /// stood there is replaced, never written through.
    /// </summary>
    public static void Replace(SafeFileHandle parent, string name, ReadOnlySpan<byte> content, uint permissions, string subject)
    {
        string temporary = $".#{name}{Guid.NewGuid():N}";
        try
        {
            WriteNew(parent, temporary, content, permissions, subject);
        }
        catch (SyscallException)
        {
            // The disk may be full: half a file must not stay behind in the tree.
            _ = LibC.unlinkat(parent.Fd(), temporary, 0);
            throw;
        }

        Rename(parent, temporary, name, subject);
    }

    public static void ReplaceWithSymlink(SafeFileHandle parent, string name, string target, string subject)
    {
        string temporary = $".#{name}{Guid.NewGuid():N}";
        _ = MakeSymlink(parent, temporary, target, subject);
        Rename(parent, temporary, name, subject);
    }

    /// <summary>Gives what is open to a user and the group of the same number.</summary>
    public static void Own(SafeFileHandle handle, uint id, string subject) =>
        _ = Check.Result(LibC.fchownat(handle.Fd(), "", id, id, LibC.AT_EMPTY_PATH), subject);

    /// <summary>The type of the file system that is open, as its users call it; a number where that is not known here.</summary>
    public static string TypeOf(SafeFileHandle handle)
    {
        LibC.statfs_t status;
        return LibC.fstatfs(handle.Fd(), &status) != 0 ? "of unknown type" : (uint)status.f_type switch
        {
            LibC.OVERLAYFS_SUPER_MAGIC => "overlay",
            LibC.NFS_SUPER_MAGIC => "nfs",
            LibC.FUSE_SUPER_MAGIC => "fuse",
            LibC.V9FS_MAGIC => "9p",
            LibC.SMB2_SUPER_MAGIC => "cifs",
            LibC.TMPFS_MAGIC => "tmpfs",
            LibC.PROC_SUPER_MAGIC => "proc",
            LibC.SYSFS_MAGIC => "sysfs",
            LibC.EXT4_SUPER_MAGIC => "ext4",
            LibC.XFS_SUPER_MAGIC => "xfs",
            LibC.BTRFS_SUPER_MAGIC => "btrfs",
            uint magic => $"of type 0x{magic:x}",
        };
    }

    /// <summary>Removes a name; false when it is not there.</summary>
    public static bool Unlink(SafeFileHandle parent, string name, bool directory, string subject)
    {
        if (LibC.unlinkat(parent.Fd(), name, directory ? LibC.AT_REMOVEDIR : 0) == 0)
        {
            return true;
        }

        Errno errno = Check.LastErrno();
        return errno == Errno.ENOENT ? false : throw new SyscallException("unlinkat", errno, subject);
    }

    /// <summary>Makes a directory of the host's; false when it is there.</summary>
    public static bool MakeDirectory(string path, uint permissions) =>
        Made(LibC.mkdirat(LibC.AT_FDCWD, path, permissions), "mkdirat", path);

    /// <summary>Removes a file of the host; one that is not there is no error.</summary>
    public static void RemoveFile(string path)
    {
        if (LibC.unlinkat(LibC.AT_FDCWD, path, 0) != 0 && Check.LastErrno() is var errno and not (Errno.ENOENT or Errno.ENOTDIR))
        {
            throw new SyscallException("unlinkat", errno, path);
        }
    }

    /// <summary>Removes an empty directory of the host; false when it is not there or not empty.</summary>
    public static bool RemoveDirectory(string path)
    {
        if (LibC.rmdir(path) == 0)
        {
            return true;
        }

        Errno errno = Check.LastErrno();
        // A read-only file system says so before it looks for the name.
        bool missing = errno == Errno.ENOENT || (errno == Errno.EROFS && FileStatus.At(path, followLast: false) is null);
        return missing || errno is Errno.ENOTEMPTY or Errno.EBUSY or Errno.EEXIST
            ? false
            : throw new SyscallException("rmdir", errno, path);
    }

    /// <summary>Whether a path of the host is on a cgroup2 file system.</summary>
    public static bool IsCgroup2(string path)
    {
        LibC.statfs_t status;
        return LibC.statfs(path, &status) == 0 && status.f_type == Cgroup2Magic;
    }

    /// <summary>Whether what is open is on an overlay file system.</summary>
    public static bool IsOverlay(SafeFileHandle handle)
    {
        LibC.statfs_t status;
        return LibC.fstatfs(handle.Fd(), &status) == 0 && status.f_type == OverlayMagic;
    }

    /// <summary>Gives what is open another owner.</summary>
    public static void SetOwner(SafeFileHandle handle, uint uid, uint gid, string subject) =>
        _ = Check.Result(LibC.fchownat(handle.Fd(), "", uid, gid, LibC.AT_EMPTY_PATH), subject);

    /// <summary>Gives what is open other permissions, also when it is open as a place only.</summary>
    public static void SetPermissions(SafeFileHandle handle, uint permissions, string subject) =>
        _ = Check.Result(LibC.fchmodat(LibC.AT_FDCWD, $"/proc/self/fd/{handle.Fd()}", permissions, 0), subject);

    /// <summary>Gives a file another name in the same directory; false when there is one of that name.</summary>
    public static bool TryRename(SafeFileHandle parent, string from, string to, string subject)
    {
        if (LibC.renameat2(parent.Fd(), from, parent.Fd(), to, LibC.RENAME_NOREPLACE) == 0)
        {
            return true;
        }

        Errno errno = Check.LastErrno();
        if (errno != Errno.EINVAL)
        {
            return errno == Errno.EEXIST ? false : throw new SyscallException("renameat2", errno, subject);
        }

        // A file system that cannot look and rename in one.
        return LibC.renameat(parent.Fd(), from, parent.Fd(), to) == 0
            || (Check.LastErrno() is var failed and not (Errno.EEXIST or Errno.ENOTEMPTY or Errno.ENOTDIR)
                ? throw new SyscallException("renameat", failed, subject)
                : false);
    }

    /// <summary>Whether an open file is on a devpts.</summary>
    public static bool IsDevpts(SafeFileHandle file)
    {
        LibC.statfs_t status;
        return LibC.fstatfs(file.Fd(), &status) == 0 && status.f_type == DevptsMagic;
    }

    /// <summary>Moves a file to another directory of its file system.</summary>
    public static void Move(SafeFileHandle from, string name, SafeFileHandle to, string newName, string subject) =>
        _ = Check.Result(LibC.renameat(from.Fd(), name, to.Fd(), newName), subject);

    private static void Rename(SafeFileHandle parent, string from, string to, string subject)
    {
        if (LibC.renameat(parent.Fd(), from, parent.Fd(), to) != 0)
        {
            Errno errno = Check.LastErrno();
            _ = LibC.unlinkat(parent.Fd(), from, 0);
            throw new SyscallException("renameat", errno, subject);
        }
    }

    private static bool Made(int result, string call, string subject)
    {
        if (result == 0)
        {
            return true;
        }

        Errno errno = Check.LastErrno();
        return errno == Errno.EEXIST ? false : throw new SyscallException(call, errno, subject);
    }
}
