using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;

    // linux/fs.h
    public const uint FS_IOC_GETFLAGS = 0x80086601;
    public const uint FS_IOC_SETFLAGS = 0x40086602;
    public const uint FICLONE = 0x40049409;
    public const int FS_IMMUTABLE_FL = 0x10;
    public const int FS_APPEND_FL = 0x20;

    [LibraryImport(libc, SetLastError = true)]
    public static partial int flock(int fd, int operation);
}
