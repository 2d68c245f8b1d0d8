using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>A file met on a walk.</summary>
/// <param name="directory">The path of the directory it is in, from the root of the walk; one string for all files of a directory.</param>
/// <param name="name">Its name, as the file system has it.</param>
/// <param name="status">What it is.</param>
/// <param name="hasCapabilities">It gives capabilities to whoever executes it; capabilities(7).</param>
public readonly ref struct WalkedFile(string directory, ReadOnlySpan<byte> name, FileStatus status, bool hasCapabilities)
{
    public string Directory { get; } = directory;
    public ReadOnlySpan<byte> Name { get; } = name;
    public FileStatus Status { get; } = status;
    public bool HasCapabilities { get; } = hasCapabilities;

    public string Path => $"{Directory.TrimEnd('/')}/{Encoding.UTF8.GetString(Name)}";
}

/// <summary>
/// Looks at every file below a directory, by descriptors: no link is followed, and nothing but a directory is opened.
/// </summary>
/// <param name="root">Where it begins.</param>
/// <param name="intoMounts">Goes on where another file system is mounted.</param>
public sealed unsafe class TreeWalk(SafeFileHandle root, bool intoMounts)
{
    public delegate void Visitor(in WalkedFile file);

    // Each level holds a descriptor open.
    private const int MaximumDepth = 256;
    private const int BufferSize = 32 * 1024;

    private readonly byte[] _buffer = new byte[BufferSize];
    private ulong _mount;

    /// <summary>Directories that could not be read, or lie too deep.</summary>
    public int Unread { get; private set; }

    /// <summary>Visits all files, a directory before what is in it; the root itself is not among them.</summary>
    public void Visit(Visitor visitor)
    {
        using SafeFileHandle? top = Descriptors.TryOpen($"/proc/self/fd/{root.Fd()}", OpenMode.Read | OpenMode.Directory, out _);
        if (top is null)
        {
            Unread++;
            return;
        }

        LibC.statx_t status;
        byte nothing = 0;
        _ = Check.Result(LibC.statx(top.Fd(), &nothing, LibC.AT_EMPTY_PATH, LibC.STATX_MNT_ID, &status), "directory");
        _mount = status.stx_mnt_id;
        Descend(top.Fd(), "/", 0, visitor);
    }

    private void Descend(int directory, string path, int depth, Visitor visitor)
    {
        List<byte[]> below = [];
        try
        {
            List(directory, path, below, visitor);
        }
        catch (SyscallException)
        {
            Unread++;
        }

        foreach (byte[] name in below)
        {
            fixed (byte* pointer = name)
            {
                const int Flags = LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC | LibC.O_NONBLOCK;
                int fd = depth == MaximumDepth ? -1 : LibC.openat(directory, pointer, Flags, 0);
                if (fd < 0)
                {
                    Unread += depth < MaximumDepth && Check.LastErrno() is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP ? 0 : 1;
                    continue;
                }

                Descend(fd, $"{path.TrimEnd('/')}/{Encoding.UTF8.GetString(name.AsSpan(..^1))}", depth + 1, visitor);
                _ = LibC.close(fd);
            }
        }
    }

    private void List(int directory, string path, List<byte[]> below, Visitor visitor)
    {
        const int LengthOffset = 16, NameOffset = 19; // struct linux_dirent64
        fixed (byte* buffer = _buffer)
        {
            nint length;
            while ((length = Check.Result(
                LibC.syscall(LibC.SYS_getdents64, directory, (nint)buffer, BufferSize, 0, 0, 0), path)) > 0)
            {
                for (byte* entry = buffer; entry < buffer + length; entry += *(ushort*)(entry + LengthOffset))
                {
                    byte* name = entry + NameOffset;
                    ReadOnlySpan<byte> text = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
                    LibC.statx_t status;
                    if (text is [(byte)'.'] or [(byte)'.', (byte)'.']
                        || LibC.statx(directory, name, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS | LibC.STATX_MNT_ID, &status) != 0)
                    {
                        continue;
                    }

                    FileStatus file = FileStatus.From(status);
                    visitor(new WalkedFile(path, text, file, HasCapabilities(directory, text, file)));
                    if (file.Type == FileType.Directory && (intoMounts || file.MountId == _mount))
                    {
                        below.Add([.. text, 0]);
                    }
                }
            }
        }
    }

    private static bool HasCapabilities(int directory, ReadOnlySpan<byte> name, in FileStatus file)
    {
        const uint Executable = 0x49; // 0111
        if (file.Type != FileType.Regular || (file.Permissions & Executable) == 0 || name.Length > 255)
        {
            return false;
        }

        // There is no fgetxattrat; the descriptor's own link leads to the directory, and the last part is not followed.
        Span<byte> path = stackalloc byte[300];
        "/proc/self/fd/"u8.CopyTo(path);
        int length = "/proc/self/fd/"u8.Length;
        _ = directory.TryFormat(path[length..], out int digits);
        length += digits;
        path[length++] = (byte)'/';
        name.CopyTo(path[length..]);
        path[length + name.Length] = 0;
        fixed (byte* pointer = path, attribute = "security.capability\0"u8)
        {
            return LibC.lgetxattr(pointer, attribute, null, 0) > 0;
        }
    }
}
