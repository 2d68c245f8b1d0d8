using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Resource limits of this process or another; prlimit(2).</summary>
public static unsafe class Limits
{
    public const int Count = (int)RlimitResource.Rttime + 1;

    public static void Set(int pid, RlimitResource resource, Rlimit limit)
    {
        nint result = LibC.syscall(LibC.SYS_prlimit64, pid, (int)resource, (nint)(&limit), 0, 0, 0);
        _ = Check.Result(result, $"limit {resource}", "LibC.SYS_prlimit64");
    }

    /// <summary>The limit of a process; 0 is the caller.</summary>
    public static Rlimit Of(int pid, RlimitResource resource)
    {
        Rlimit limit;
        if (LibC.syscall(LibC.SYS_prlimit64, pid, (int)resource, 0, (nint)(&limit), 0, 0) != 0)
        {
            throw new SyscallException("prlimit64", Check.LastErrno(), $"limit {resource}"); // the name only for who asks: it takes reflection
        }

        return limit;
    }
}
