namespace Nspawn.Linux;

/// <summary>A capability by its number in linux/capability.h; capabilities(7).</summary>
public enum Capability
{
    Chown, DacOverride, DacReadSearch, Fowner, Fsetid, Kill, Setgid, Setuid, Setpcap, LinuxImmutable,
    NetBindService, NetBroadcast, NetAdmin, NetRaw, IpcLock, IpcOwner, SysModule, SysRawio, SysChroot, SysPtrace,
    SysPacct, SysAdmin, SysBoot, SysNice, SysResource, SysTime, SysTtyConfig, Mknod, Lease, AuditWrite,
    AuditControl, Setfcap, MacOverride, MacAdmin, Syslog, WakeAlarm, BlockSuspend, AuditRead, Perfmon, Bpf,
    CheckpointRestore,
}
