using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>The mounts the user asked for: after the interface's own, so that they can cover them, parents before children.</summary>
internal static class CustomMountSteps
{
    /// <summary>All but those below /proc, which is not there yet: the container's first process does them.</summary>
    public static IEnumerable<Step> Of(PlanInput input) =>
        Sorted(input).Where(mount => !IsBelowProc(mount)).Select(mount => StepOf(input, mount));

    public static IEnumerable<Step> BelowProc(PlanInput input) =>
        Sorted(input).Where(IsBelowProc).Select(mount => mount is BindCustomMount { Source: null } fresh
            ? new Mount("tmpfs", fresh.Destination, FlagsOf(fresh), "mode=0755") { Reason = NameOf(fresh) }
            : StepOf(input with { Users = null }, mount)); // it names its own users

    /// <summary>One of them is mounted on the path, or on a directory above it.</summary>
    public static bool Cover(PlanInput input, string path) => input.Settings.Mounts.Any(
        mount => path == mount.Destination || path.StartsWith(mount.Destination + "/", StringComparison.Ordinal));

    private static IEnumerable<CustomMount> Sorted(PlanInput input) =>
        input.Settings.Mounts.OrderBy(mount => mount.Destination, StringComparer.Ordinal);

    /// <summary>In the container's proc, which is mounted when the host is out of reach.</summary>
    public static bool IsBelowProc(CustomMount mount) =>
        mount.Destination == "/proc" || mount.Destination.StartsWith("/proc/", StringComparison.Ordinal);

    private static Step StepOf(PlanInput input, CustomMount mount) => mount switch
    {
        BindCustomMount { Source: null } bind => new BindFresh(bind.Destination, FlagsOf(bind)) { Reason = NameOf(bind) },
        BindCustomMount { SourceInTree: true, Source: string source } bind =>
            new Bind(source, bind.Destination, FlagsOf(bind), bind.Recursive) { Reason = NameOf(bind) },
        BindCustomMount { Source: string source } bind =>
            new BindHost(source, bind.Destination, FlagsOf(bind), bind.Recursive) { Reason = NameOf(bind), Map = BindMapping.Of(input, bind) },
        TmpfsCustomMount { Options: string options } => new Mount(
            "tmpfs", mount.Destination, MountFlags.NoDev | MountFlags.StrictAtime, BindMapping.OfTmpfs(input, options))
        {
            Reason = "--tmpfs=",
        },
        _ => new Cover(mount.Destination) { Reason = "--inaccessible=" },
    };

    private static MountFlags FlagsOf(BindCustomMount bind) => bind.ReadOnly ? MountFlags.ReadOnly : MountFlags.None;

    private static string NameOf(BindCustomMount bind) => bind.ReadOnly ? "--bind-ro=" : "--bind=";
}
