using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>What keeps even root from changing a file, immutable and append-only; ioctl_iflags(2).</summary>
internal static unsafe class FileAttributes
{
    /// <summary>Takes it off an open file, where that can be done.</summary>
    public static void Clear(SafeFileHandle file)
    {
        nint flags = 0;
        if (LibC.ioctl(file.Fd(), LibC.FS_IOC_GETFLAGS, (nint)(&flags)) == 0
            && (flags & (LibC.FS_IMMUTABLE_FL | LibC.FS_APPEND_FL)) != 0)
        {
            flags &= ~(nint)(LibC.FS_IMMUTABLE_FL | LibC.FS_APPEND_FL);
            _ = LibC.ioctl(file.Fd(), LibC.FS_IOC_SETFLAGS, (nint)(&flags));
        }
    }

    /// <summary>The same by name; links are not followed, nothing but files and directories is opened for long.</summary>
    public static void Clear(SafeFileHandle directory, byte* name)
    {
        int fd = LibC.openat(directory.Fd(), name, LibC.O_RDONLY | LibC.O_NOFOLLOW | LibC.O_NONBLOCK | LibC.O_NOCTTY | LibC.O_CLOEXEC, 0);
        if (fd >= 0)
        {
            using SafeFileHandle file = Descriptors.Own(fd);
            Clear(file);
        }
    }
}
