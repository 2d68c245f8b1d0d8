using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// What the payload may: capabilities, system calls, its user. The order matters: a filter needs CAP_SYS_ADMIN to be
/// loaded, and what comes after it has to pass it.
/// </summary>
internal static class Privileges
{
    public static IEnumerable<Step> Of(PlanInput input)
    {
        Settings settings = input.Settings;
        CapabilitySet retained = RetainedCapabilities.Of(settings).Intersect(input.Available);
        CapabilitySet ambient = settings.AmbientCapabilities.Intersect(retained);
        TreeUser user = input.Tree.User ?? TreeUser.Root;
        yield return new SetUser(user.Uid, user.Gid, user.Groups) { Reason = settings.User is null ? "the payload is root" : "--uid=" };
        yield return new LoadFilter(retained, [.. NestingSteps.SystemCalls(settings), .. settings.AllowSystemCalls], settings.DenySystemCalls, settings.SuppressSync)
        {
            Families = settings.AddressFamilies,
            Reason = "Container Interface: system calls that would reach the host's kernel are refused",
        };
        yield return new SetCapabilities(
            retained, user.Uid == 0 ? retained : ambient, ambient)
        {
            Reason = "the capabilities a container keeps",
        };
        if (settings.NoNewPrivileges)
        {
            yield return new SetNoNewPrivileges { Reason = "--no-new-privileges=" };
        }
    }
}
