using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

/// <summary>
/// The C library and the kernel as their headers have them: names, constants and structs unchanged, one file a header.
/// Nothing here decides anything; the typed layer above does.
/// </summary>
internal static unsafe partial class LibC
{
    private const string libc = "libc";

    // System call numbers that are the same on every architecture (all calls added since 5.1).
    public const int SYS_open_tree = 428;
    public const int SYS_move_mount = 429;
    public const int SYS_fsopen = 430;
    public const int SYS_fsconfig = 431;
    public const int SYS_fsmount = 432;
    public const int SYS_pidfd_open = 434;
    public const int SYS_pidfd_send_signal = 424;
    public const int SYS_clone3 = 435;
    public const int SYS_close_range = 436;
    public const int SYS_openat2 = 437;
    public const int SYS_mount_setattr = 442;

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint syscall(nint number, nint a0, nint a1, nint a2, nint a3, nint a4, nint a5);

    /// <summary>
    /// The same call without telling the runtime: the only one that the child of a clone may use, because the
    /// runtime's own transition may wait for a thread that the clone did not copy.
    /// </summary>
    [SuppressGCTransition]
    [LibraryImport(libc, EntryPoint = "syscall")]
    public static partial nint syscall_raw(nint number, nint a0, nint a1, nint a2, nint a3, nint a4, nint a5);

    /// <summary>Where the calling thread's errno is; for use beside <see cref="syscall_raw"/>.</summary>
    [SuppressGCTransition]
    [LibraryImport(libc)]
    public static partial int* __errno_location();
}
