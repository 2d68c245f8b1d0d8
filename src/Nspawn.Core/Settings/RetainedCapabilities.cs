using Nspawn.Linux;
using static Nspawn.Linux.Capability;

namespace Nspawn.Core;

/// <summary>The capabilities the payload keeps in its bounding set, as far as the options decide.</summary>
/// <remarks>
/// Those of systemd-nspawn without CAP_AUDIT_CONTROL and CAP_AUDIT_WRITE: auditing is not virtualised, and the Container
/// Interface asks managers to drop them.
/// </remarks>
public static class RetainedCapabilities
{
    /// <summary>What a container on the host's network keeps when nothing is asked.</summary>
    public static readonly CapabilitySet Default = CapabilitySet.Of(
        Chown, DacOverride, DacReadSearch, Fowner, Fsetid, IpcOwner, Kill, Lease, LinuxImmutable,
        Mknod, NetBindService, NetBroadcast, NetRaw, Setfcap, Setgid, Setpcap, Setuid, SysAdmin, SysBoot, SysChroot, SysNice,
        SysPtrace, SysResource, SysTtyConfig);

    /// <summary>A container with a network of its own may configure it; dropping wins over adding.</summary>
    /// <remarks>The ports of a network that is not the container's own are not its root's to bind.</remarks>
    public static CapabilitySet Of(Settings settings) => Default
        .Except(settings.PrivateUsers != PrivateUsersMode.No && !settings.PrivateNetwork
            ? CapabilitySet.Of(NetBindService)
            : CapabilitySet.Empty)
        .Union(settings.PrivateNetwork ? CapabilitySet.Of(NetAdmin) : CapabilitySet.Empty)
        .Union(settings.AddCapabilities)
        .Except(settings.DropCapabilities);
}
