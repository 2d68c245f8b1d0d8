using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// A directory that paths are resolved in as if it were <c>/</c>: absolute links and <c>..</c> stay inside, magic
/// links are refused, whatever somebody does to the tree meanwhile. Everything the launcher touches in a tree it
/// touches through a descriptor that came from here; openat2(2), RESOLVE_IN_ROOT.
/// </summary>
public sealed unsafe class RootDirectory(SafeFileHandle directory) : IDisposable
{
    private const int MostLinks = 40; // as the kernel follows in one path
    private const int MostDirectories = 1024; // to be made, one above the other: a tree's links could ask for forty long paths

    public SafeFileHandle Handle { get; } = directory;

    /// <summary>Opens a place in the tree for its content or, with <see cref="OpenMode.Path"/>, as a place only.</summary>
    public SafeFileHandle Open(string path, OpenMode mode, uint permissions = 0)
    {
        SafeFileHandle? handle = TryOpen(path, mode, out Errno errno, permissions);
        return handle ?? throw new SyscallException("openat2", errno, path);
    }

    public SafeFileHandle? TryOpen(string path, OpenMode mode, out Errno errno, uint permissions = 0)
    {
        LibC.open_how how = new()
        {
            flags = (ulong)mode | LibC.O_CLOEXEC | LibC.O_NOCTTY,
            mode = permissions,
            resolve = LibC.RESOLVE_IN_ROOT | LibC.RESOLVE_NO_MAGICLINKS,
        };
        if ((mode & OpenMode.Path) != 0)
        {
            how.flags &= ~(ulong)LibC.O_NOCTTY;
        }

        using Utf8 text = new(path);
        nint fd;
        do
        {
            fd = LibC.syscall(LibC.SYS_openat2, Handle.Fd(), text, (nint)(&how), sizeof(LibC.open_how), 0, 0);
            errno = fd < 0 ? Check.LastErrno() : 0;
        }
        while (errno == Errno.EAGAIN); // something was renamed while the kernel walked: it asks to try again

        return fd < 0 ? null : Descriptors.Own(fd);
    }

    /// <summary>Whether the path leads to something.</summary>
    public bool Exists(string path)
    {
        using SafeFileHandle? handle = TryOpen(path, OpenMode.Path, out _);
        return handle is not null;
    }

    /// <summary>What stands at the path; the last component is not followed. Null: nothing.</summary>
    public FileStatus? StatusOf(string path)
    {
        using SafeFileHandle? handle = TryOpen(path, OpenMode.Path | OpenMode.NoFollow, out _);
        return handle is null ? null : FileStatus.Of(handle, path);
    }

    /// <summary>A regular file, open for reading; null when the path leads to nothing or to something else.</summary>
    public SafeFileHandle? TryOpenRegular(string path)
    {
        // First as a place: opening a FIFO would wait, a device could act. Then that very place, whatever stands at
        // the path by now.
        using SafeFileHandle? place = TryOpen(path, OpenMode.Path, out _);
        return place is null || FileStatus.Of(place, path).Type != FileType.Regular
            ? null
            : Descriptors.TryOpen($"/proc/self/fd/{place.Fd()}", OpenMode.Read | OpenMode.NonBlocking, out _);
    }

    /// <summary>A regular file's content; null when the path leads to nothing or to something that is not a regular file.</summary>
    public byte[]? ReadFile(string path, int limit)
    {
        using SafeFileHandle? file = TryOpenRegular(path);
        return file is null ? null : Descriptors.ReadAll(file, limit, path);
    }

    /// <summary>A symbolic link's text; null when the path is not a link.</summary>
    public string? ReadLink(string path)
    {
        using SafeFileHandle? link = TryOpen(path, OpenMode.Path | OpenMode.NoFollow, out _);
        if (link is null)
        {
            return null;
        }

        byte* buffer = stackalloc byte[4096];
        nint length = LibC.readlinkat(link.Fd(), "", buffer, 4096);
        return length < 0 ? null : System.Text.Encoding.UTF8.GetString(buffer, (int)length);
    }

    /// <summary>
    /// The directory at the path, made with all its missing parents where it is not there. A link that leads to nothing
    /// in the tree says where that is.
    /// </summary>
    public SafeFileHandle OpenOrMakeDirectory(string path, uint permissions)
    {
        int links = 0;
        return OpenOrMake(path, FileType.Directory, permissions, 0, ref links);
    }

    /// <summary>What stands at the path, as a place only: an empty regular file, made likewise, where nothing does.</summary>
    public SafeFileHandle OpenOrMakeFile(string path, uint permissions)
    {
        int links = 0;
        return OpenOrMake(path, FileType.Regular, permissions, 0, ref links);
    }

    /// <summary>The directory that holds the path's last component, open, and that component's name.</summary>
    public SafeFileHandle OpenParent(string path, out string name)
    {
        (string parent, name) = Split(path);
        return Open(parent, OpenMode.Path | OpenMode.Directory);
    }

    public static (string Parent, string Name) Split(string path)
    {
        path = path.TrimEnd('/');
        int slash = path.LastIndexOf('/');
        return (slash <= 0 ? "/" : path[..slash], path[(slash + 1)..]);
    }

    public void Dispose() => Handle.Dispose();

    // Nothing here trusts what it has seen: each step is a question to the kernel of its own, which cannot lead outside.
    private SafeFileHandle OpenOrMake(string path, FileType type, uint permissions, int depth, ref int links)
    {
        path = path.Length == 0 ? "/" : path; // a link's slashes at the end are gone
        OpenMode mode = OpenMode.Path | (type == FileType.Directory ? OpenMode.Directory : 0);
        SafeFileHandle? there = TryOpen(path, mode, out Errno errno);
        if (there is not null)
        {
            return there;
        }

        if (errno != Errno.ENOENT || depth == MostDirectories)
        {
            throw new SyscallException("openat2", errno == Errno.ENOENT ? Errno.ELOOP : errno, path);
        }

        (string parent, string name) = Split(path);
        using SafeFileHandle above = OpenOrMake(parent, FileType.Directory, 0x1ed /* 0755 */, depth + 1, ref links);
        if (ReadLink(path) is string target)
        {
            return ++links > MostLinks
                ? throw new SyscallException("openat2", Errno.ELOOP, path)
                : OpenOrMake((target is ['/', ..] ? target : $"{parent}/{target}").TrimEnd('/'), type, permissions, depth + 1, ref links);
        }

        if (type != FileType.Directory)
        {
            _ = FileSystems.MakeNode(above, name, type, permissions, 0, 0, path);
        }
        else if (LibC.mkdirat(above.Fd(), name, permissions) != 0 && Check.LastErrno() is var failed and not Errno.EEXIST)
        {
            throw new SyscallException("mkdirat", failed, path);
        }

        // Not through the name just made: a link may have been put there.
        return Open(path, mode);
    }
}
