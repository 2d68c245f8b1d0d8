namespace Nspawn.Core;

/// <summary>
/// A part of the table of system calls whose rows are treated alike. Each call has its row in exactly one section;
/// systemd's groups (systemd.exec(5), SystemCallFilter=) are sets of sections, see <see cref="SyscallGroup"/>.
/// </summary>
internal enum SyscallSection : byte
{
    // Every container.
    Default, Sandbox, Aio, BasicIo, Chown, FileSystem, IoEvent, Ipc, Keyring, Mount, NetworkIo, Process, Resources,
    Setuid, Signal, Sync, Timer, Common, Container, Forgotten,

    // A container with the capability that the call needs.
    Clock, Module, RawIo, Memlock, Accounting, Tracing, Rebooting, KernelLog, Hangup,

    // No container that did not ask.
    CpuEmulation, Debug, Pkey, Swap, Kexec, Obsolete, Privileged, Ungrouped,

    // Not calls any more.
    Removed,
}
