using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// Copies a directory with all that is in it: every kind of file, owners, modes, times, extended attributes, hard links and
/// holes. What is mounted in it stays behind. Nothing is opened by a path of more than one component.
/// </summary>
/// <param name="progress">Told after every file how many there are by now, and how many bytes.</param>
public sealed unsafe class TreeCopy(Action<long, long>? progress = null)
{
    // Each level holds two descriptors and some stack.
    private const int Deepest = 400;

    private readonly Dictionary<(ulong Device, ulong Inode), byte[]> _links = [];
    private SafeFileHandle? _top;
    private ulong _mount;
    private long _files;
    private long _bytes;

    /// <summary>Copies what is in one open directory, and its own status, to another, which is empty.</summary>
    public void Copy(SafeFileHandle from, SafeFileHandle to, string subject)
    {
        _top = to;
        LibC.statx_t status = StatusOf(from, "\0"u8.ToArray(), subject);
        _mount = status.stx_mnt_id;
        CopyInside(from, to, [], subject, 0);
        FileCopy.Status(from, to, status, subject);
    }

    private void CopyInside(SafeFileHandle from, SafeFileHandle to, byte[] path, string subject, int depth)
    {
        if (depth > Deepest)
        {
            throw new SyscallException("openat", Errno.ELOOP, subject);
        }

        List<byte[]> names;
        while ((names = DirectoryListing.RawNames(from, subject)).Count > 0)
        {
            foreach (byte[] name in names)
            {
                string text = Encoding.UTF8.GetString(name).TrimEnd('\0');
                CopyOne(from, to, name, path, $"{subject}/{text}", depth);
            }
        }
    }

    private void CopyOne(SafeFileHandle from, SafeFileHandle to, byte[] name, byte[] path, string subject, int depth)
    {
        LibC.statx_t status = StatusOf(from, name, subject);
        FileType type = (FileType)(status.stx_mode & LibC.S_IFMT);
        if (type != FileType.Directory && status.stx_nlink > 1 && IsLinked(status, to, path, name, subject))
        {
            return;
        }

        fixed (byte* text = name)
        {
            switch (type)
            {
                case FileType.Directory:
                    _ = Check.Result(LibC.mkdirat(to.Fd(), text, 0x1c0 /* 0700 */), subject);
                    CopyDirectory(from, to, name, status, path, subject, depth);
                    break;
                case FileType.Regular:
                    CopyFile(from, to, text, status, subject);
                    break;
                case FileType.Symlink:
                    byte* target = stackalloc byte[4097];
                    nint length = Check.Result(LibC.readlinkat(from.Fd(), text, target, 4096), subject);
                    target[length] = 0;
                    _ = Check.Result(LibC.symlinkat(target, to.Fd(), text), subject);
                    CopyStatus(from, to, text, status, subject);
                    break;
                default:
                    ulong device = ((status.stx_rdev_minor & 0xff) | ((status.stx_rdev_major & 0xfff) << 8)) | ((ulong)(status.stx_rdev_minor & ~0xffu) << 12);
                    _ = Check.Result(LibC.mknodat(to.Fd(), text, status.stx_mode & (LibC.S_IFMT | 0x180u), device), subject);
                    CopyStatus(from, to, text, status, subject);
                    break;
            }
        }

        progress?.Invoke(++_files, _bytes += (long)status.stx_size);
    }

    private void CopyDirectory(SafeFileHandle from, SafeFileHandle to, byte[] name, in LibC.statx_t status, byte[] path, string subject, int depth)
    {
        fixed (byte* text = name)
        {
            using SafeFileHandle target = Open(to, text, LibC.O_RDONLY | LibC.O_DIRECTORY, subject);
            if (status.stx_mnt_id == _mount)
            {
                using SafeFileHandle source = Open(from, text, LibC.O_RDONLY | LibC.O_DIRECTORY, subject);
                CopyInside(source, target, [.. path, .. name[..^1], (byte)'/'], subject, depth + 1);
                FileCopy.Status(source, target, status, subject);
            }
        }
    }

    private static void CopyFile(SafeFileHandle from, SafeFileHandle to, byte* name, in LibC.statx_t status, string subject)
    {
        // Not waiting, should it have become a FIFO meanwhile.
        using SafeFileHandle source = Open(from, name, LibC.O_RDONLY | LibC.O_NONBLOCK, subject);
        using SafeFileHandle target = Open(to, name, LibC.O_RDWR | LibC.O_CREAT | LibC.O_EXCL, subject);
        FileCopy.Content(source, target, (long)status.stx_size, subject);
        FileCopy.Status(source, target, status, subject);
    }

    private static void CopyStatus(SafeFileHandle from, SafeFileHandle to, byte* name, in LibC.statx_t status, string subject)
    {
        using SafeFileHandle source = Open(from, name, LibC.O_PATH, subject);
        using SafeFileHandle target = Open(to, name, LibC.O_PATH, subject);
        FileCopy.Status(source, target, status, subject);
    }

    /// <summary>It is another name of a file that was copied already; otherwise it is remembered.</summary>
    private bool IsLinked(in LibC.statx_t status, SafeFileHandle to, byte[] path, byte[] name, string subject)
    {
        ulong device = ((ulong)status.stx_dev_major << 32) | status.stx_dev_minor;
        if (!_links.TryGetValue((device, status.stx_ino), out byte[]? first))
        {
            _links[(device, status.stx_ino)] = [.. path, .. name];
            return false;
        }

        fixed (byte* old = first, text = name)
        {
            _ = Check.Result(LibC.linkat(_top!.Fd(), old, to.Fd(), text, 0), subject);
        }

        return true;
    }

    private static LibC.statx_t StatusOf(SafeFileHandle directory, byte[] name, string subject)
    {
        LibC.statx_t status;
        fixed (byte* text = name)
        {
            _ = Check.Result(
                LibC.statx(directory.Fd(), text, LibC.AT_SYMLINK_NOFOLLOW | LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS | LibC.STATX_MNT_ID, &status),
                subject);
        }

        return status;
    }

    private static SafeFileHandle Open(SafeFileHandle directory, byte* name, int flags, string subject) => Descriptors.Own(
        Check.Result(LibC.openat(directory.Fd(), name, flags | LibC.O_NOFOLLOW | LibC.O_CLOEXEC | LibC.O_NOCTTY, 0x180 /* 0600 */), subject));
}
