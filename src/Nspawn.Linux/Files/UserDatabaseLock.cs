using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// The lock that whoever changes the host's users holds, useradd(8) and the like; lckpwdf(3). It is one of a process, as
/// theirs are, and stays behind as a file.
/// </summary>
public sealed unsafe class UserDatabaseLock : IDisposable
{
    private const int RetryMilliseconds = 20;

    private readonly SafeFileHandle _file;

    private UserDatabaseLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <param name="path">The file, made where it is missing.</param>
    /// <param name="patience">How long another holder is waited for.</param>
    /// <param name="taken">The lock; null where there can be none, for nothing is changed in a directory that cannot be written.</param>
    /// <returns>False: somebody held it all the time.</returns>
    public static bool TryTake(string path, TimeSpan patience, out UserDatabaseLock? taken)
    {
        const int Flags = LibC.O_WRONLY | LibC.O_CREAT | LibC.O_NOFOLLOW | LibC.O_NOCTTY | LibC.O_NONBLOCK | LibC.O_CLOEXEC;
        taken = null;
        int fd = LibC.openat(LibC.AT_FDCWD, path, Flags, 0x180 /* 0600 */);
        if (fd < 0)
        {
            return true;
        }

        SafeFileHandle file = Descriptors.Own(fd);
        LibC.flock_t all = new() { l_type = LibC.F_WRLCK };
        long deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (LibC.fcntl(file.Fd(), LibC.F_SETLK, (nint)(&all)) < 0)
        {
            bool held = Check.LastErrno() is Errno.EAGAIN or Errno.EACCES;
            if (!held || Environment.TickCount64 >= deadline)
            {
                file.Dispose();
                return !held; // no locks on this file system: nobody else has one either
            }

            _ = Poll.Wait([], RetryMilliseconds);
        }

        taken = new UserDatabaseLock(file);
        return true;
    }

    public void Dispose() => _file.Dispose();
}
