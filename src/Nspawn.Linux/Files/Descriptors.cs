using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>File descriptors as owned handles; all of them close on exec.</summary>
public static unsafe class Descriptors
{
    /// <summary>The number, for a call made at once.</summary>
    public static int Fd(this SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    /// <summary>A pipe: what is written to one end is read from the other; pipe(2).</summary>
    public static (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        int* ends = stackalloc int[2];
        _ = Check.Result(LibC.pipe2(ends, LibC.O_CLOEXEC), "pipe");
        return (Own(ends[0]), Own(ends[1]));
    }

    /// <summary>Opens a path of the host.</summary>
    public static SafeFileHandle Open(string path, OpenMode mode) =>
        Own(Check.Result(LibC.openat(LibC.AT_FDCWD, path, (int)mode | LibC.O_CLOEXEC | LibC.O_NOCTTY, 0), path));

    /// <summary>Makes a file of the host, or empties the one that is there, to append to it; a link there is refused.</summary>
    public static SafeFileHandle Make(string path, uint permissions)
    {
        const int Flags = LibC.O_WRONLY | LibC.O_APPEND | LibC.O_CREAT | LibC.O_TRUNC | LibC.O_NOFOLLOW | LibC.O_NOCTTY | LibC.O_CLOEXEC;
        return Own(Check.Result(LibC.openat(LibC.AT_FDCWD, path, Flags, permissions), path));
    }

    /// <summary>Opens a file of the host to write to it, and makes it where it is not there; what is in it stays.</summary>
    public static SafeFileHandle? TryOpenToWrite(string path, uint permissions, out Errno errno, bool appends = false)
    {
        const int Flags = LibC.O_WRONLY | LibC.O_CREAT | LibC.O_NOCTTY | LibC.O_CLOEXEC;
        int fd = LibC.openat(LibC.AT_FDCWD, path, appends ? Flags | LibC.O_APPEND : Flags, permissions);
        errno = fd < 0 ? Check.LastErrno() : 0;
        return fd < 0 ? null : Own(fd);
    }

    /// <summary>Takes everything out of a file; what is none, such as a pipe, has nothing in it.</summary>
    public static void Empty(SafeFileHandle handle) => _ = LibC.ftruncate(handle.Fd(), 0);

    /// <summary>Opens a path of the host, or says which error it was.</summary>
    public static SafeFileHandle? TryOpen(string path, OpenMode mode, out Errno errno)
    {
        int fd = LibC.openat(LibC.AT_FDCWD, path, (int)mode | LibC.O_CLOEXEC | LibC.O_NOCTTY, 0);
        errno = fd < 0 ? Check.LastErrno() : 0;
        return fd < 0 ? null : Own(fd);
    }

    /// <summary>Opens a path below an open directory; for directories of the launcher's own or of the kernel's, never of a tree.</summary>
    public static SafeFileHandle? TryOpenAt(SafeFileHandle directory, string path, OpenMode mode, out Errno errno)
    {
        int fd = LibC.openat(directory.Fd(), path, (int)mode | LibC.O_CLOEXEC | LibC.O_NOFOLLOW, 0);
        errno = fd < 0 ? Check.LastErrno() : 0;
        return fd < 0 ? null : Own(fd);
    }

    /// <summary>The caller passed the descriptor: it is open, and does not close on exec, as all of the launcher's own do.</summary>
    public static bool IsInherited(int fd) => LibC.fcntl(fd, LibC.F_GETFD, 0) == 0;

    /// <summary>A program executed in this one's place gets the descriptor too.</summary>
    public static void LetInherit(SafeFileHandle handle) => _ = Check.Result(LibC.fcntl(handle.Fd(), LibC.F_SETFD, 0), "descriptor");

    /// <summary>The next read starts at the beginning.</summary>
    public static void Rewind(SafeFileHandle handle) => _ = Check.Result((nint)LibC.lseek(handle.Fd(), 0, 0), "descriptor");

    /// <summary>Opens what a place leads to, whatever has become of its path.</summary>
    public static SafeFileHandle Reopen(SafeFileHandle place, OpenMode mode) => Open($"/proc/self/fd/{place.Fd()}", mode);

    /// <summary>A second descriptor of the same open file.</summary>
    public static SafeFileHandle Duplicate(SafeFileHandle handle) =>
        Own(Check.Result(LibC.fcntl(handle.Fd(), LibC.F_DUPFD_CLOEXEC, 3), "descriptor"));

    /// <summary>
    /// Takes the lock of an open file, which goes with its last descriptor; false when somebody else has it. flock(2)
    /// </summary>
    public static bool TryLock(SafeFileHandle handle) => LibC.flock(handle.Fd(), LibC.LOCK_EX | LibC.LOCK_NB) == 0;

    /// <summary>Reads and writes return at once from now on; for a description of our own.</summary>
    public static void MakeNonBlocking(SafeFileHandle handle)
    {
        nint flags = Check.Result(LibC.fcntl(handle.Fd(), LibC.F_GETFL, 0), "descriptor");
        _ = Check.Result(LibC.fcntl(handle.Fd(), LibC.F_SETFL, flags | LibC.O_NONBLOCK), "descriptor");
    }

    /// <summary>One read.</summary>
    public static IoResult TryRead(SafeFileHandle handle, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            return IoResult.Of(LibC.read(handle.Fd(), first, (nuint)buffer.Length));
        }
    }

    /// <summary>One write.</summary>
    public static IoResult TryWrite(SafeFileHandle handle, ReadOnlySpan<byte> data)
    {
        fixed (byte* first = data)
        {
            return IoResult.Of(LibC.write(handle.Fd(), first, (nuint)data.Length));
        }
    }

    /// <summary>The same, waiting for whoever has it.</summary>
    public static void Lock(SafeFileHandle handle, string subject)
    {
        while (LibC.flock(handle.Fd(), LibC.LOCK_EX) != 0)
        {
            if (Check.LastErrno() is var errno and not Errno.EINTR)
            {
                throw new SyscallException("flock", errno, subject);
            }
        }
    }

    public static void Unlock(SafeFileHandle handle) => _ = LibC.flock(handle.Fd(), LibC.LOCK_UN);

    public static void Write(SafeFileHandle handle, ReadOnlySpan<byte> bytes, string subject)
    {
        while (bytes.Length > 0)
        {
            fixed (byte* pointer = bytes)
            {
                nint written = LibC.write(handle.Fd(), pointer, (nuint)bytes.Length);
                if (written >= 0 || Check.LastErrno() != Errno.EINTR)
                {
                    bytes = bytes[(int)Check.Result(written, subject, "LibC.write")..];
                }
            }
        }
    }

    /// <summary>Reads to the end, or until <paramref name="limit"/> bytes have come.</summary>
    public static byte[] ReadAll(SafeFileHandle handle, int limit, string subject)
    {
        byte[] buffer = new byte[Math.Min(limit, 4096)];
        int length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length == limit)
                {
                    return buffer;
                }

                Array.Resize(ref buffer, Math.Min(limit, buffer.Length * 4));
            }

            fixed (byte* pointer = &buffer[length])
            {
                nint read = LibC.read(handle.Fd(), pointer, (nuint)(buffer.Length - length));
                if (read < 0 && Check.LastErrno() == Errno.EINTR)
                {
                    continue;
                }

                if (Check.Result(read, subject, "LibC.read") == 0)
                {
                    return buffer[..length];
                }

                length += (int)read;
            }
        }
    }

    /// <summary>Reads at an offset until the buffer is full or the file ends, wherever the descriptor stands; pread(2).</summary>
    /// <returns>How many bytes came.</returns>
    public static int ReadAt(SafeFileHandle handle, ulong offset, Span<byte> buffer, string subject)
    {
        int length = 0;
        while (length < buffer.Length)
        {
            fixed (byte* pointer = buffer[length..])
            {
                nint read = LibC.pread(handle.Fd(), pointer, (nuint)(buffer.Length - length), (long)offset + length);
                if (read < 0 && Check.LastErrno() == Errno.EINTR)
                {
                    continue;
                }

                if (Check.Result(read, subject, "LibC.pread") == 0)
                {
                    break;
                }

                length += (int)read;
            }
        }

        return length;
    }

    internal static SafeFileHandle Own(nint fd) => new(fd, ownsHandle: true);
}

/// <summary>How a file is opened; open(2).</summary>
[Flags]
public enum OpenMode
{
    Read = LibC.O_RDONLY,
    Write = LibC.O_WRONLY,
    ReadWrite = LibC.O_RDWR,
    Create = LibC.O_CREAT,
    Exclusive = LibC.O_EXCL,
    NonBlocking = LibC.O_NONBLOCK,
    Directory = LibC.O_DIRECTORY,
    NoFollow = LibC.O_NOFOLLOW,

    /// <summary>A place, not its content: nothing is read, no device is opened, no FIFO waited for.</summary>
    Path = LibC.O_PATH,
}
