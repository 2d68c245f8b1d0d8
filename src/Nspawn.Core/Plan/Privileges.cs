using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// What the payload may: capabilities, system calls, its user. The order matters: a filter needs CAP_SYS_ADMIN to be
/// loaded, and what comes after it has to pass it.
/// </summary>
internal static class Privileges
{
    // Without CAP_AUDIT_CONTROL and CAP_AUDIT_WRITE, which systemd-nspawn keeps: auditing is not virtualised, and the
    // Container Interface asks to drop them.
    private static readonly CapabilitySet s_default = CapabilitySet.Of(
        Capability.Chown, Capability.DacOverride, Capability.DacReadSearch, Capability.Fowner, Capability.Fsetid,
        Capability.IpcOwner, Capability.Kill, Capability.Lease, Capability.LinuxImmutable, Capability.Mknod,
        Capability.NetBindService, Capability.NetBroadcast, Capability.NetRaw, Capability.Setfcap, Capability.Setgid,
        Capability.Setpcap, Capability.Setuid, Capability.SysAdmin, Capability.SysBoot, Capability.SysChroot,
        Capability.SysNice, Capability.SysPtrace, Capability.SysResource, Capability.SysTtyConfig);

    /// <summary>What the container keeps: the default, what was added, without what was dropped.</summary>
    public static CapabilitySet Retained(Settings settings)
    {
        CapabilitySet retained = s_default.Union(settings.AddCapabilities);
        if (settings.PrivateNetwork)
        {
            retained = retained.Union(CapabilitySet.Of(Capability.NetAdmin));
        }

        return retained.Except(settings.DropCapabilities);
    }

    public static IEnumerable<Step> Of(PlanInput input)
    {
        Settings settings = input.Settings;
        CapabilitySet retained = Retained(settings).Intersect(input.Host.Bounding);
        TreeUser user = input.Tree.User ?? TreeUser.Root;
        if (settings.Mode == StartMode.AsPid2)
        {
            yield return new BecomeStubInit { Reason = "--as-pid2" };
        }

        yield return new SetUser(user.Uid, user.Gid, user.Groups) { Reason = settings.User is null ? "the payload is root" : "--uid=" };
        yield return new LoadFilter(retained, settings.AllowSystemCalls, settings.DenySystemCalls, settings.SuppressSync)
        {
            Reason = "Container Interface: system calls that would reach the host's kernel are refused",
        };
        yield return new SetCapabilities(
            retained, user.Uid == 0 ? retained : settings.AmbientCapabilities, settings.AmbientCapabilities)
        {
            Reason = "the capabilities a container keeps",
        };
        if (settings.NoNewPrivileges)
        {
            yield return new SetNoNewPrivileges { Reason = "--no-new-privileges=" };
        }
    }
}
