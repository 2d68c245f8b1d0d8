using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// Gives files to the ids of another range: of each id the lower 16 bits stay. What goes with the owner goes along:
/// access control lists, file capabilities, set-user-ID bits. Names are bytes, links are not followed, and a file that
/// needs more than one call is held open meanwhile. chown(2)
/// </summary>
/// <param name="rangeBase">The first id of the range, a multiple of 65536.</param>
public sealed unsafe class OwnerShift(uint rangeBase)
{
    private const uint Mask = 0xffff;
    private const uint STATX_TYPE = 1, STATX_MODE = 2, STATX_UID = 8, STATX_GID = 16;
    private const uint SetIdBits = 0xc00; // set-user-ID and set-group-ID
    private const int NameOffset = 19, LengthOffset = 16, TypeOffset = 18; // struct linux_dirent64
    private const byte DT_UNKNOWN = 0, DT_DIR = 4;

    /// <summary>
    /// Shifts everything in an open directory but the directories in it, whose names, each with a NUL, are returned.
    /// </summary>
    /// <param name="directory">The directory, read from where it was left off.</param>
    /// <param name="files">How many names were no directories.</param>
    public List<byte[]> ShiftFilesIn(SafeFileHandle directory, out int files)
    {
        const int Size = 32 * 1024;
        byte[] memory = new byte[Size];
        List<byte[]> directories = [];
        files = 0;
        fixed (byte* buffer = memory)
        {
            nint length;
            while ((length = Check.Result(
                LibC.syscall(LibC.SYS_getdents64, directory.Fd(), (nint)buffer, Size, 0, 0, 0), "directory")) > 0)
            {
                for (byte* entry = buffer; entry < buffer + length; entry += *(ushort*)(entry + LengthOffset))
                {
                    byte* name = entry + NameOffset;
                    if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0)))
                    {
                        continue;
                    }

                    if (entry[TypeOffset] == DT_DIR || (entry[TypeOffset] == DT_UNKNOWN && IsDirectory(directory, name)))
                    {
                        ReadOnlySpan<byte> text = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
                        directories.Add([.. text, 0]);
                    }
                    else
                    {
                        ShiftFile(directory, name);
                        files++;
                    }
                }
            }
        }

        return directories;
    }

    /// <summary>Opens a directory by a name from <see cref="ShiftFilesIn"/>; null: it is not there any more, or is none.</summary>
    public static SafeFileHandle? OpenDirectory(SafeFileHandle parent, byte[] name)
    {
        const int Flags = LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC;
        fixed (byte* text = name)
        {
            int fd = LibC.openat(parent.Fd(), text, Flags, 0);
            Errno errno = fd < 0 ? Check.LastErrno() : 0;
            return fd >= 0 ? Descriptors.Own(fd)
                : errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP ? null
                : throw new SyscallException("openat", errno, PathOf(parent, text));
        }
    }

    /// <summary>Shifts a directory itself.</summary>
    public void ShiftDirectory(SafeFileHandle directory, string? subject = null)
    {
        FileStatus status = FileStatus.Of(directory, subject ?? "directory");
        if (Shifted(status.Uid) != status.Uid || Shifted(status.Gid) != status.Gid)
        {
            ShiftOpen(directory, status.Uid, status.Gid, mode: 0, isDirectory: true);
        }
    }

    /// <summary>The kernel made it up, or nobody can write it: there are no owners to change from that mount on.</summary>
    public static bool IsForeign(SafeFileHandle directory)
    {
        LibC.statfs_t status;
        _ = Check.Result(LibC.fstatfs(directory.Fd(), &status), "directory");
        return ((ulong)status.f_flags & LibC.ST_RDONLY) != 0 || (uint)status.f_type is LibC.PROC_SUPER_MAGIC or LibC.SYSFS_MAGIC or LibC.CGROUP_SUPER_MAGIC
            or LibC.CGROUP2_SUPER_MAGIC or LibC.DEVPTS_SUPER_MAGIC or LibC.DEBUGFS_MAGIC or LibC.TRACEFS_MAGIC or LibC.SECURITYFS_MAGIC
            or LibC.BPF_FS_MAGIC or LibC.PSTOREFS_MAGIC or LibC.EFIVARFS_MAGIC or LibC.SELINUX_MAGIC or LibC.BINFMTFS_MAGIC or LibC.AUTOFS_SUPER_MAGIC;
    }

    private uint Shifted(uint id) => rangeBase | (id & Mask);

    private static bool IsDirectory(SafeFileHandle directory, byte* name)
    {
        LibC.statx_t status;
        return LibC.statx(directory.Fd(), name, LibC.AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status) == 0
            && (status.stx_mode & LibC.S_IFMT) == LibC.S_IFDIR;
    }

    private void ShiftFile(SafeFileHandle directory, byte* name)
    {
        LibC.statx_t status;
        if (LibC.statx(directory.Fd(), name, LibC.AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID, &status) != 0)
        {
            Fail(directory, name, "statx");
            return;
        }

        (uint uid, uint gid) = (Shifted(status.stx_uid), Shifted(status.stx_gid));
        if (uid == status.stx_uid && gid == status.stx_gid)
        {
            return;
        }

        uint type = status.stx_mode & LibC.S_IFMT;
        bool regular = type == LibC.S_IFREG;
        if ((regular && (status.stx_mode & SetIdBits) != 0) || (type != LibC.S_IFLNK && HasAttributes(directory, name)))
        {
            int fd = LibC.openat(directory.Fd(), name, LibC.O_PATH | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0);
            if (fd < 0)
            {
                Fail(directory, name, "openat");
                return;
            }

            using SafeFileHandle file = Descriptors.Own(fd);
            FileStatus opened = FileStatus.Of(file, "file"); // which may be another by now
            bool plain = opened.Type == FileType.Regular;
            ShiftOpen(file, opened.Uid, opened.Gid, plain ? opened.Permissions : 0, isDirectory: false);
        }
        else if (LibC.fchownat(directory.Fd(), name, uid, gid, LibC.AT_SYMLINK_NOFOLLOW) != 0
            && !(Check.LastErrno() == Errno.EPERM && type is LibC.S_IFCHR or LibC.S_IFBLK))
        {
            // But for a device on an overlay, in a container that may make none: its /dev covers them anyway.
            Fail(directory, name, "fchownat");
        }
    }

    // The kernel takes set-user-ID bits and capabilities from a file that changes hands: they are put back.
    private void ShiftOpen(SafeFileHandle file, uint uid, uint gid, uint mode, bool isDirectory)
    {
        string path = $"/proc/self/fd/{file.Fd()}";
        FileAttribute.ShiftAcl(path, "system.posix_acl_access", Shifted);
        if (isDirectory)
        {
            FileAttribute.ShiftAcl(path, "system.posix_acl_default", Shifted);
        }

        byte[]? capabilities = isDirectory ? null : FileAttribute.Read(path, FileAttribute.Capabilities);
        if (LibC.fchownat(file.Fd(), "", Shifted(uid), Shifted(gid), LibC.AT_EMPTY_PATH) != 0)
        {
            throw new SyscallException("fchownat", Check.LastErrno(), Links.Read(path) ?? path);
        }

        if ((mode & SetIdBits) != 0)
        {
            _ = Check.Result(LibC.chmod(path, mode), Links.Read(path) ?? path);
        }

        if (capabilities is not null)
        {
            FileAttribute.Write(path, FileAttribute.Capabilities, FileAttribute.WithRoot(capabilities, rangeBase));
        }
    }

    private static bool HasAttributes(SafeFileHandle directory, byte* name)
    {
        // One component below an open directory: nothing is followed.
        const int Longest = 300;
        byte* path = stackalloc byte[Longest];
        Span<byte> text = new(path, Longest);
        if (!System.Text.Unicode.Utf8.TryWrite(text, $"/proc/self/fd/{directory.Fd()}/", out int written))
        {
            return true;
        }

        ReadOnlySpan<byte> component = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        component.CopyTo(text[written..]);
        path[written + component.Length] = 0;
        return LibC.llistxattr(path, null, 0) != 0;
    }

    // Gone meanwhile: nothing to do.
    private static void Fail(SafeFileHandle directory, byte* name, string call)
    {
        Errno errno = Check.LastErrno();
        if (errno != Errno.ENOENT)
        {
            throw new SyscallException(call, errno, PathOf(directory, name));
        }
    }

    private static string PathOf(SafeFileHandle directory, byte* name) =>
        $"{Links.Read($"/proc/self/fd/{directory.Fd()}")}/{System.Text.Encoding.UTF8.GetString(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name))}";
}
