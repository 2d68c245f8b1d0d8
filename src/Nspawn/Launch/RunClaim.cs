using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// A run's own directory, held by a lock from before anything else of the run is made until everything else is gone; the
/// kernel drops it with the launcher. Whoever wants to remove what is left of a run has to claim it first.
/// </summary>
internal static class RunClaim
{
    private const int RetryMilliseconds = 10;
    private const int PatienceMilliseconds = 300;

    /// <summary>Makes the directory where it is missing and locks it; null when somebody else holds it.</summary>
    public static SafeFileHandle? Take(string path, uint permissions = 0x1ed /* 0755 */)
    {
        using RootDirectory root = new(Descriptors.Open("/", OpenMode.Path | OpenMode.Directory));
        (string above, string name) = RootDirectory.Split(path);
        using SafeFileHandle parent = root.OpenOrMakeDirectory(above, 0x1ed /* 0755 */);
        while (true)
        {
            _ = FileSystems.MakeDirectory(parent, name, permissions, path);
            SafeFileHandle? directory = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow, out Errno errno);
            if (directory is null && errno != Errno.ENOENT)
            {
                throw new SyscallException("openat2", errno, path);
            }

            if (directory is not null && !Descriptors.TryLock(directory))
            {
                directory.Dispose();
                return null;
            }

            if (directory is not null && FileStatus.Of(directory, path).Links > 0)
            {
                return directory;
            }

            // Removed between two of these calls, as what is left of an earlier run: nobody would find this one.
            directory?.Dispose();
        }
    }

    /// <summary>The same for a launch: a <c>--cleanup</c> that has it lets go soon.</summary>
    public static SafeFileHandle? TakePatiently(string path, uint permissions)
    {
        long begun = Environment.TickCount64;
        while (true)
        {
            SafeFileHandle? claim = Take(path, permissions);
            if (claim is not null || Environment.TickCount64 - begun > PatienceMilliseconds)
            {
                return claim;
            }

            _ = Poll.Wait([], RetryMilliseconds);
        }
    }
}
