using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>The descriptors 0, 1 and 2 that the caller gave.</summary>
public static class StandardDescriptors
{
    public const int Input = 0;
    public const int Output = 1;
    public const int Error = 2;

    /// <summary>
    /// Puts /dev/null where the caller closed a standard descriptor. First of all: otherwise the next thing opened
    /// gets the number, and the payload's output goes there.
    /// </summary>
    public static void EnsureOpen()
    {
        for (int fd = Input; fd <= Error; fd++)
        {
            if (LibC.fcntl(fd, LibC.F_GETFD, 0) < 0)
            {
                // The lowest free number is this one; not close-on-exec, as inherited ones are.
                _ = Check.Result(LibC.openat(LibC.AT_FDCWD, "/dev/null", LibC.O_RDWR, 0), "/dev/null");
            }
        }
    }

    /// <summary>A standard descriptor, which stays the caller's.</summary>
    public static SafeFileHandle Borrow(int fd) => new(fd, ownsHandle: false);
}
