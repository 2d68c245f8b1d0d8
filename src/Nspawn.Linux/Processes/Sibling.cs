using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// A process enters a namespace of processes by being born in it. So whoever enters a container does it twice: the first
/// child enters the other namespaces and gives up all that the container may not have, out of sight; its sibling is born
/// inside, and has nothing left that would be worth tracing it for.
/// </summary>
internal static unsafe class Sibling
{
    /// <summary>
    /// Clones. The sibling returns true and goes on; the first child tells its number and never returns. False: it failed.
    /// </summary>
    /// <param name="pid">In memory shared with the launcher, where the sibling's number goes.</param>
    /// <param name="reportFd">The descriptor to report on; it becomes the first behind the standard ones.</param>
    internal static bool GoOn(nint* pid, int* reportFd)
    {
        const int Report = LibC.STDERR_FILENO + 1;
        _ = LibC.syscall_raw(LibC.SYS_dup2, *reportFd, Report, 0, 0, 0, 0);
        *reportFd = Report;
        _ = LibC.syscall_raw(LibC.SYS_fcntl, Report, LibC.F_SETFD, LibC.FD_CLOEXEC, 0, 0, 0);
        nint closed = LibC.syscall_raw(LibC.SYS_close_range, Report + 1, unchecked((nint)uint.MaxValue), 0, 0, 0, 0);
        if (closed < 0)
        {
            return false;
        }

        // The launcher's child, for the launcher to wait for. No memory is shared: it can be traced.
        LibC.clone_args clone = new() { flags = LibC.CLONE_PARENT };
        nint born = LibC.syscall_raw(LibC.SYS_clone3, (nint)(&clone), sizeof(LibC.clone_args), 0, 0, 0, 0);
        if (born > 0)
        {
            *pid = born;
            Child.Exit(0);
        }

        return born == 0;
    }
}
