using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>What the host lets one do with a path of its own.</summary>
public static class HostAccess
{
    /// <summary>The caller may write there.</summary>
    public static bool CanWrite(string path) => LibC.faccessat(LibC.AT_FDCWD, path, LibC.W_OK, 0) == 0;

    /// <summary>The file system, or the subvolume, can only be read: not even root could write there.</summary>
    public static bool IsReadOnly(string path) =>
        LibC.faccessat(LibC.AT_FDCWD, path, LibC.W_OK, 0) != 0 && Check.LastErrno() == Errno.EROFS;
}
