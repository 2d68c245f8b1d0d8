using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// A lock that every program can see which follows the same rules: a file with an open-file-description lock, for
/// writing by one or for reading by many. It dies with its holders; whoever holds it alone at the end removes the file,
/// and nobody else does. fcntl(2), F_OFD_SETLK.
/// </summary>
public sealed unsafe class LockFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly bool _shared;

    private LockFile(SafeFileHandle file, string path, bool shared) => (_file, _path, _shared) = (file, path, shared);

    /// <summary>Takes the lock without waiting; null when somebody holds it in a way that excludes this one.</summary>
    /// <param name="path">The file, made where it is missing; a link there is refused.</param>
    /// <param name="shared">To read beside other readers; otherwise alone.</param>
    /// <param name="readersOnly">When it was not taken: those who hold it only read.</param>
    public static LockFile? TryTake(string path, bool shared, out bool readersOnly)
    {
        const int Flags = LibC.O_RDWR | LibC.O_CREAT | LibC.O_NOFOLLOW | LibC.O_NOCTTY | LibC.O_CLOEXEC;
        while (true)
        {
            SafeFileHandle file = Descriptors.Own(
                Check.Result(LibC.openat(LibC.AT_FDCWD, path, Flags, 0x180 /* 0600 */), path));
            if (!TryLock(file, shared ? LibC.F_RDLCK : LibC.F_WRLCK, path))
            {
                using (file)
                {
                    readersOnly = !shared && TryLock(file, LibC.F_RDLCK, path);
                    return null;
                }
            }

            readersOnly = false;
            if (FileStatus.Of(file, path).Links > 0)
            {
                return new LockFile(file, path, shared);
            }

            // Its last holder removed it after it was opened here: whoever comes next will not meet this one.
            file.Dispose();
        }
    }

    /// <summary>Removes the file of a holder that was killed; one that is held again stays.</summary>
    public static void RemoveStale(string path)
    {
        using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.ReadWrite | OpenMode.NoFollow, out _);
        if (file is not null && TryLock(file, LibC.F_WRLCK, path) && FileStatus.Of(file, path).Links > 0)
        {
            _ = LibC.unlinkat(LibC.AT_FDCWD, path, 0);
        }
    }

    /// <summary>Lets go of the lock, and of the file if nobody else holds it.</summary>
    public void Dispose()
    {
        if (!_file.IsClosed && (!_shared || TryLock(_file, LibC.F_WRLCK, _path)))
        {
            _ = LibC.unlinkat(LibC.AT_FDCWD, _path, 0); // a file that stays is harmless
        }

        _file.Dispose();
    }

    private static bool TryLock(SafeFileHandle file, short type, string subject)
    {
        LibC.flock_t all = new() { l_type = type };
        if (LibC.fcntl(file.Fd(), LibC.F_OFD_SETLK, (nint)(&all)) == 0)
        {
            return true;
        }

        Errno errno = Check.LastErrno();
        return errno is Errno.EAGAIN or Errno.EACCES ? false : throw new SyscallException("fcntl", errno, subject);
    }
}
