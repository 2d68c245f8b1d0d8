using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>What a file is made of, from one to another: its bytes, its attributes, its owner, mode and times.</summary>
internal static unsafe class FileCopy
{
    private const int Chunk = 128 * 1024;

    /// <summary>The bytes, shared where the file system can; holes stay holes.</summary>
    public static void Content(SafeFileHandle from, SafeFileHandle to, long size, string subject)
    {
        if (size == 0 || LibC.ioctl(to.Fd(), LibC.FICLONE, from.Fd()) == 0)
        {
            return;
        }

        _ = Check.Result(LibC.ftruncate(to.Fd(), size), subject);
        long end = 0;
        while (end < size)
        {
            long start = LibC.lseek(from.Fd(), end, LibC.SEEK_DATA);
            if (start < 0)
            {
                Errno errno = Check.LastErrno();
                if (errno == Errno.ENXIO)
                {
                    return; // nothing but a hole is left
                }

                // Not every file system knows of holes.
                start = errno == Errno.EINVAL ? end : throw new SyscallException("lseek", errno, subject);
            }

            long hole = LibC.lseek(from.Fd(), start, LibC.SEEK_HOLE);
            end = hole < 0 ? size : hole;
            Range(from, to, start, end, subject);
        }
    }

    /// <summary>All extended attributes that the other file system takes; access lists and file capabilities are some.</summary>
    public static void Attributes(SafeFileHandle from, SafeFileHandle to, string subject)
    {
        string source = PathOf(from), target = PathOf(to);
        nint length = LibC.listxattr(source, null, 0);
        if (length <= 0)
        {
            return;
        }

        byte[] names = new byte[length];
        byte[] value = new byte[64 * 1024];
        fixed (byte* list = names, content = value)
        {
            length = LibC.listxattr(source, list, (nuint)names.Length);
            for (byte* name = list; name < list + length; name += Length(name) + 1)
            {
                nint size = LibC.getxattr(source, name, content, (nuint)value.Length);
                if (size >= 0 && LibC.setxattr(target, name, content, (nuint)size, 0) != 0
                    && Check.LastErrno() is var errno and not (Errno.EOPNOTSUPP or Errno.EPERM or Errno.EACCES))
                {
                    throw new SyscallException("setxattr", errno, $"{subject}, {Encoding.UTF8.GetString(name, Length(name))}");
                }
            }
        }
    }

    /// <summary>Owner, attributes, mode and times, in the order in which none undoes another.</summary>
    public static void Status(SafeFileHandle from, SafeFileHandle to, in LibC.statx_t status, string subject)
    {
        _ = Check.Result(LibC.fchownat(to.Fd(), "", status.stx_uid, status.stx_gid, LibC.AT_EMPTY_PATH), subject);
        Attributes(from, to, subject);
        if ((status.stx_mode & LibC.S_IFMT) != LibC.S_IFLNK)
        {
            _ = Check.Result(LibC.fchmodat(LibC.AT_FDCWD, PathOf(to), status.stx_mode & 0xfffu, 0), subject);
        }

        LibC.timespec* times = stackalloc LibC.timespec[2];
        times[0] = new LibC.timespec { tv_sec = status.stx_atime.tv_sec, tv_nsec = status.stx_atime.tv_nsec };
        times[1] = new LibC.timespec { tv_sec = status.stx_mtime.tv_sec, tv_nsec = status.stx_mtime.tv_nsec };
        _ = Check.Result(LibC.utimensat(LibC.AT_FDCWD, PathOf(to), times, 0), subject);
    }

    // Leads to what is open itself, a link too, however it was opened.
    private static string PathOf(SafeFileHandle handle) => $"/proc/self/fd/{handle.Fd()}";

    private static void Range(SafeFileHandle from, SafeFileHandle to, long start, long end, string subject)
    {
        long read = start, written = start;
        while (read < end)
        {
            nint copied = LibC.copy_file_range(from.Fd(), &read, to.Fd(), &written, (nuint)(end - read), 0);
            if (copied < 0)
            {
                Errno errno = Check.LastErrno();
                if (errno is not (Errno.EXDEV or Errno.EINVAL or Errno.EOPNOTSUPP or Errno.ENOSYS))
                {
                    throw new SyscallException("copy_file_range", errno, subject);
                }

                ByHand(from, to, read, end, subject);
                return;
            }

            if (copied == 0)
            {
                return; // it became shorter meanwhile
            }
        }
    }

    private static void ByHand(SafeFileHandle from, SafeFileHandle to, long start, long end, string subject)
    {
        byte[] buffer = new byte[Chunk];
        _ = Check.Result((nint)LibC.lseek(from.Fd(), start, LibC.SEEK_SET), subject);
        _ = Check.Result((nint)LibC.lseek(to.Fd(), start, LibC.SEEK_SET), subject);
        fixed (byte* pointer = buffer)
        {
            while (start < end)
            {
                nint count = Check.Result(LibC.read(from.Fd(), pointer, (nuint)Math.Min(Chunk, end - start)), subject);
                if (count == 0)
                {
                    return;
                }

                Descriptors.Write(to, buffer.AsSpan(0, (int)count), subject);
                start += count;
            }
        }
    }

    private static int Length(byte* text) =>
        System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text).Length;
}
