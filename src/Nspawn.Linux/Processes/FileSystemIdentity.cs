using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// The user and group that files and file systems made by the calling thread belong to, with all capabilities kept;
/// from here to <see cref="Dispose"/>. The process stays root otherwise; setfsuid(2).
/// </summary>
public sealed unsafe class FileSystemIdentity : IDisposable
{
    private const int PR_SET_PDEATHSIG = 1;
    private const int PR_GET_PDEATHSIG = 2;
    private const int PR_GET_DUMPABLE = 3;
    private const int PR_SET_DUMPABLE = 4;
    private const uint _LINUX_CAPABILITY_VERSION_3 = 0x20080522;

    /// <summary>The user and group.</summary>
    public uint Id { get; }

    private readonly int _deathSignal;
    private readonly nint _dumpable;

    /// <exception cref="SyscallException">EINVAL: the id is none in the launcher's own user namespace.</exception>
    public FileSystemIdentity(uint id)
    {
        Id = id;
        int signal = 0;
        _ = LibC.syscall(LibC.SYS_prctl, PR_GET_PDEATHSIG, (nint)(&signal), 0, 0, 0, 0);
        _deathSignal = signal;
        _dumpable = LibC.syscall(LibC.SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0, 0);
        Become(id);
        if (LibC.syscall(LibC.SYS_setfsuid, -1, 0, 0, 0, 0, 0) != (nint)id)
        {
            Dispose();
            throw new SyscallException("setfsuid", Mono.Unix.Native.Errno.EINVAL, $"user id {id}");
        }
    }

    public void Dispose()
    {
        Become(0);
        // The kernel took both back with the change.
        _ = LibC.syscall(LibC.SYS_prctl, PR_SET_DUMPABLE, _dumpable == 1 ? 1 : 0, 0, 0, 0, 0);
        _ = LibC.syscall(LibC.SYS_prctl, PR_SET_PDEATHSIG, _deathSignal, 0, 0, 0, 0);
    }

    // Raw calls: of this thread only. What is effective is lost to whoever is not root there, and is taken again.
    private static void Become(uint id)
    {
        _ = LibC.syscall(LibC.SYS_setfsgid, (nint)id, 0, 0, 0, 0, 0);
        _ = LibC.syscall(LibC.SYS_setfsuid, (nint)id, 0, 0, 0, 0, 0);
        ulong header = _LINUX_CAPABILITY_VERSION_3; // pid 0: the caller
        uint* sets = stackalloc uint[6]; // effective, permitted, inheritable: the low halves, then the high ones
        _ = Check.Result(LibC.syscall(LibC.SYS_capget, (nint)(&header), (nint)sets, 0, 0, 0, 0), "capabilities");
        sets[0] = sets[1];
        sets[3] = sets[4];
        _ = Check.Result(LibC.syscall(LibC.SYS_capset, (nint)(&header), (nint)sets, 0, 0, 0, 0), "capabilities");
    }
}
