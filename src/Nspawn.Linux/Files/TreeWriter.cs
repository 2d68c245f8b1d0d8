using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Whose a new file is, and when it was changed.</summary>
/// <param name="Uid">Its owner.</param>
/// <param name="Gid">Its group.</param>
/// <param name="Permissions">With the set-user-ID, set-group-ID and sticky bits; of a link without meaning.</param>
/// <param name="Seconds">Since 1970.</param>
/// <param name="Nanoseconds">The rest of a second.</param>
public readonly record struct FileLook(uint Uid, uint Gid, uint Permissions, long Seconds, uint Nanoseconds);

/// <summary>
/// Fills a directory with files whose names somebody else chose. A name is bytes without <c>.</c>, <c>..</c> and a slash in front;
/// no link on its way is followed, so that nothing is made elsewhere. What is there already of a name is replaced, a
/// directory by a directory kept. openat2(2), RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS.
/// </summary>
public sealed unsafe class TreeWriter(SafeFileHandle root) : IDisposable
{
    private const uint DefaultDirectory = 0x1ed; // 0755

    // Entries come directory by directory: the last one stays open.
    private byte[] _parentPath = [];
    private SafeFileHandle? _parent;

    /// <summary>Makes a directory, or finds it.</summary>
    public SafeFileHandle MakeDirectory(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
        {
            return OpenDirectory(root, [], LibC.O_RDONLY) ?? throw Failure("openat2", path);
        }

        SafeFileHandle parent = Parent(path, out byte[] name);
        fixed (byte* pointer = name)
        {
            if (LibC.mkdirat(parent.Fd(), pointer, DefaultDirectory) != 0)
            {
                if (Check.LastErrno() != Errno.EEXIST)
                {
                    throw Failure("mkdirat", path);
                }

                if (TypeOf(parent, name) != FileType.Directory)
                {
                    Remove(parent, name, path);
                    _ = Made(LibC.mkdirat(parent.Fd(), pointer, DefaultDirectory), "mkdirat", path);
                }
            }
        }

        return OpenDirectory(parent, name, LibC.O_RDONLY) ?? throw Failure("mkdirat", path);
    }

    /// <summary>A new, empty file, open for writing.</summary>
    public SafeFileHandle MakeFile(ReadOnlySpan<byte> path)
    {
        const int Flags = LibC.O_WRONLY | LibC.O_CREAT | LibC.O_EXCL | LibC.O_NOFOLLOW | LibC.O_CLOEXEC;
        int fd = -1;
        Make(path, "openat", (parent, name) => fd = LibC.openat(parent, (byte*)name, Flags, 0x180 /* 0600 */));
        return Descriptors.Own(fd);
    }

    public void MakeSymlink(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target, in FileLook look)
    {
        fixed (byte* text = (byte[])[.. target, 0])
        {
            nint where = (nint)text;
            Make(path, "symlinkat", (parent, name) => LibC.symlinkat((byte*)where, parent, (byte*)name));
        }

        Dress(path, look, link: true);
    }

    /// <summary>A FIFO, or with the number 0 the mark by which an overlay hides a name.</summary>
    public void MakeNode(ReadOnlySpan<byte> path, FileType type, in FileLook look)
    {
        Make(path, "mknodat", (parent, name) => LibC.mknodat(parent, (byte*)name, (uint)type | 0x180, 0));
        Dress(path, look, link: false);
    }

    /// <summary>Gives a file one more name; false when there is no such file.</summary>
    public bool MakeLink(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target)
    {
        if (path.SequenceEqual(target))
        {
            return true;
        }

        // The parent that is kept may become another when the new name's is opened.
        using SafeFileHandle from = Descriptors.Duplicate(Parent(target, out byte[] old));
        if (TypeOf(from, old) is null or FileType.Directory)
        {
            return false;
        }

        fixed (byte* pointer = old)
        {
            (int directory, nint where) = (from.Fd(), (nint)pointer);
            Make(path, "linkat", (parent, name) => LibC.linkat(directory, (byte*)where, parent, (byte*)name, 0));
        }

        return true;
    }

    /// <summary>What stands at a path; null: nothing.</summary>
    public FileType? TypeOf(ReadOnlySpan<byte> path) => TypeOf(Parent(path, out byte[] name), name);

    /// <summary>Removes a file that is no directory.</summary>
    public void Remove(ReadOnlySpan<byte> path) => Remove(Parent(path, out byte[] name), name, path);

    /// <summary>Owner, permissions and time of an open file; in this order, for each may undo a part of the one before.</summary>
    public static void Dress(SafeFileHandle file, in FileLook look, string subject)
    {
        byte nothing = 0;
        _ = Check.Result(LibC.fchownat(file.Fd(), &nothing, look.Uid, look.Gid, LibC.AT_EMPTY_PATH), subject);
        _ = Check.Result(LibC.fchmod(file.Fd(), look.Permissions), subject);
        LibC.timespec* times = stackalloc LibC.timespec[2];
        times[0] = times[1] = new LibC.timespec { tv_sec = look.Seconds, tv_nsec = look.Nanoseconds };
        _ = Check.Result(LibC.futimens(file.Fd(), times), subject);
    }

    /// <summary>Gives an open file an extended attribute; false where the file system takes none of that kind.</summary>
    public static bool SetAttribute(SafeFileHandle file, string name, ReadOnlySpan<byte> value, string subject)
    {
        fixed (byte* pointer = value)
        {
            if (LibC.fsetxattr(file.Fd(), name, pointer, (nuint)value.Length, 0) == 0)
            {
                return true;
            }
        }

        Errno errno = Check.LastErrno();
        return errno == Errno.EOPNOTSUPP ? false : throw new SyscallException("fsetxattr", errno, subject);
    }

    /// <summary>Waits until the disk has all of the file system the directory is on; syncfs(2).</summary>
    public static void Sync(SafeFileHandle directory, string subject) => _ = Check.Result((nint)LibC.syncfs(directory.Fd()), subject);

    public void Dispose() => _parent?.Dispose();

    private void Dress(ReadOnlySpan<byte> path, in FileLook look, bool link)
    {
        SafeFileHandle parent = Parent(path, out byte[] name);
        LibC.timespec* times = stackalloc LibC.timespec[2];
        times[0] = times[1] = new LibC.timespec { tv_sec = look.Seconds, tv_nsec = look.Nanoseconds };
        fixed (byte* pointer = name)
        {
            _ = Made(LibC.fchownat(parent.Fd(), pointer, look.Uid, look.Gid, LibC.AT_SYMLINK_NOFOLLOW), "fchownat", path);
            // Nobody else is here: what was just made is still no link.
            _ = link || Made(LibC.fchmodat(parent.Fd(), pointer, look.Permissions, 0), "fchmodat", path);
            _ = Made(LibC.utimensat(parent.Fd(), pointer, times, LibC.AT_SYMLINK_NOFOLLOW), "utimensat", path);
        }
    }

    /// <summary>Tries; where something has the name already, that goes first.</summary>
    private void Make(ReadOnlySpan<byte> path, string call, Func<int, nint, int> make)
    {
        SafeFileHandle parent = Parent(path, out byte[] name);
        fixed (byte* pointer = name)
        {
            if (make(parent.Fd(), (nint)pointer) >= 0)
            {
                return;
            }

            if (Check.LastErrno() != Errno.EEXIST)
            {
                throw Failure(call, path);
            }

            Remove(parent, name, path);
            if (make(parent.Fd(), (nint)pointer) < 0) // a descriptor is no failure either
            {
                throw Failure(call, path);
            }
        }
    }

    private static void Remove(SafeFileHandle parent, byte[] name, ReadOnlySpan<byte> path)
    {
        fixed (byte* pointer = name)
        {
            // A directory only if it is empty.
            if (LibC.unlinkat(parent.Fd(), pointer, 0) != 0)
            {
                _ = Made(LibC.unlinkat(parent.Fd(), pointer, LibC.AT_REMOVEDIR), "unlinkat", path);
            }
        }
    }

    private static FileType? TypeOf(SafeFileHandle parent, byte[] name)
    {
        LibC.statx_t status;
        fixed (byte* pointer = name)
        {
            return LibC.statx(parent.Fd(), pointer, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &status) == 0 ? FileStatus.From(status).Type : null;
        }
    }

    /// <summary>The directory that holds the path's last part, made with all above it; and that part, with a NUL.</summary>
    private SafeFileHandle Parent(ReadOnlySpan<byte> path, out byte[] name)
    {
        int slash = path.LastIndexOf((byte)'/');
        name = [.. path[(slash + 1)..], 0];
        ReadOnlySpan<byte> parent = path[..Math.Max(0, slash)];
        if (_parent is not null && parent.SequenceEqual(_parentPath))
        {
            return _parent;
        }

        SafeFileHandle? open = OpenDirectory(root, parent.IsEmpty ? [] : [.. parent, 0], LibC.O_PATH);
        if (open is null)
        {
            if (Check.LastErrno() != Errno.ENOENT)
            {
                throw Failure("openat2", path);
            }

            MakeDirectory(parent).Dispose();
            open = OpenDirectory(root, [.. parent, 0], LibC.O_PATH) ?? throw Failure("openat2", path);
        }

        _parent?.Dispose();
        (_parent, _parentPath) = (open, parent.ToArray());
        return open;
    }

    private static SafeFileHandle? OpenDirectory(SafeFileHandle above, byte[] path, int mode)
    {
        LibC.open_how how = new()
        {
            flags = (ulong)(mode | LibC.O_DIRECTORY | LibC.O_CLOEXEC),
            resolve = LibC.RESOLVE_BENEATH | LibC.RESOLVE_NO_SYMLINKS | LibC.RESOLVE_NO_MAGICLINKS | LibC.RESOLVE_NO_XDEV,
        };
        fixed (byte* pointer = path.Length == 0 ? [(byte)'.', 0] : path)
        {
            nint fd = LibC.syscall(LibC.SYS_openat2, above.Fd(), (nint)pointer, (nint)(&how), sizeof(LibC.open_how), 0, 0);
            return fd < 0 ? null : Descriptors.Own(fd);
        }
    }

    private static bool Made(int result, string call, ReadOnlySpan<byte> path) => result == 0 ? true : throw Failure(call, path);

    private static SyscallException Failure(string call, ReadOnlySpan<byte> path) =>
        new(call, Check.LastErrno(), System.Text.Encoding.UTF8.GetString(path));
}
