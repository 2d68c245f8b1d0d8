namespace Nspawn.Core;

/// <summary>
/// <c>--nesting</c>: the container can have containers. The kernel gives a user namespace a proc and a sysfs only while it sees
/// all of another, and in a container parts of both are covered: so whole ones stay mounted where nobody looks. They are the
/// container's own, of its processes and its network; what is the host's in them its root may not touch, for on the host it
/// is nobody.
/// </summary>
internal static class NestingSteps
{
    public const string Place = "/dev/.nspawn";
    private const string Reason = "--nesting: the kernel lets containers in this one have a file system of their own only while all of another is in sight";

    // With the host's users the kernel asks no such thing, and root of the container is the host's.
    private static bool ShowsWhole(PlanInput input) => input.Settings.Nesting && input.Users is not null;

    public static IEnumerable<Step> InTree(PlanInput input)
    {
        if (!ShowsWhole(input))
        {
            yield break;
        }

        yield return new MakeDirectory(Place, 0x1c0 /* 0700 */) { Reason = Reason };
        yield return new MakeDirectory(Place + "/proc", 0) { Reason = Reason };
        yield return new MakeDirectory(Place + "/sys", 0) { Reason = Reason };
    }

    public static IEnumerable<Step> Proc(PlanInput input) =>
        ShowsWhole(input) ? [new Mount("proc", Place + "/proc", LeaderSteps.Api) { Reason = Reason }] : [];

    /// <summary>Where the network is the host's, its sysfs is at /sys, and whole.</summary>
    public static IEnumerable<Step> Sys(PlanInput input) =>
        ShowsWhole(input) && input.Settings.PrivateNetwork ? [new Mount("sysfs", Place + "/sys", RootSteps.SysFlags) { Reason = Reason }] : [];

    /// <summary>What container managers call that others need not: keyrings belong to a user namespace, where there is one.</summary>
    public static IEnumerable<string> SystemCalls(Settings settings) =>
        settings.Nesting && settings.PrivateUsers != PrivateUsersMode.No ? ["keyctl", "add_key"] : [];
}
