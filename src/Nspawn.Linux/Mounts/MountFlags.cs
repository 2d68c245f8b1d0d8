using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>What a mount forbids, and how it keeps access times; mount_setattr(2).</summary>
[Flags]
public enum MountFlags : ulong
{
    None = 0,
    ReadOnly = LibC.MOUNT_ATTR_RDONLY,
    NoSuid = LibC.MOUNT_ATTR_NOSUID,
    NoDev = LibC.MOUNT_ATTR_NODEV,
    NoExec = LibC.MOUNT_ATTR_NOEXEC,
    StrictAtime = LibC.MOUNT_ATTR_STRICTATIME,
    NoSymfollow = LibC.MOUNT_ATTR_NOSYMFOLLOW,
}

/// <summary>Whether mounts and unmounts travel between copies of a mount; mount_namespaces(7).</summary>
public enum Propagation : ulong
{
    Private = LibC.MS_PRIVATE,
    Slave = LibC.MS_SLAVE,
    Shared = LibC.MS_SHARED,
}
