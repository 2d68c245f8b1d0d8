using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>The mounts the user asked for: after the interface's own, so that they can cover them, parents before children.</summary>
internal static class CustomMountSteps
{
    /// <summary>All but those below /proc, which is not there yet: the container's first process does them.</summary>
    public static IEnumerable<Step> Of(PlanInput input)
    {
        foreach (CustomMount mount in Sorted(input))
        {
            if (mount.Destination != "/" && !IsBelowProc(mount))
            {
                yield return StepOf(input, mount);
            }
        }
    }

    /// <summary>Overlays that become the root, before anything is put into it.</summary>
    public static IEnumerable<Step> OnRoot(PlanInput input)
    {
        foreach (CustomMount mount in input.Settings.Mounts)
        {
            if (mount.Destination == "/")
            {
                yield return StepOf(input, mount);
            }
        }
    }

    /// <summary>What overlays need on the host, or in the tree before anybody uses it.</summary>
    public static IEnumerable<Step> OnHost(PlanInput input)
    {
        foreach (OverlayCustomMount overlay in input.Settings.Mounts.OfType<OverlayCustomMount>())
        {
            if (overlay.Upper is MountSource upper && WorkOf(input, overlay) is MountSource work)
            {
                yield return new MakeWorkDirectory(work.Path, upper.InTree ? input.Tree.Path : null) { Reason = overlay.Option };
            }
        }
    }

    /// <summary>In the run's directory on disk: what stands in for a source that was left empty.</summary>
    public static IEnumerable<string> FreshDirectories(PlanInput input)
    {
        foreach (CustomMount mount in input.Settings.Mounts)
        {
            switch (mount)
            {
                case BindCustomMount { Source: null } when !IsBelowProc(mount):
                    yield return FreshName(input, mount);
                    break;
                case OverlayCustomMount { Upper: null }:
                    yield return FreshName(input, mount) + "/upper";
                    yield return FreshName(input, mount) + "/work";
                    break;
            }
        }
    }

    public static IEnumerable<Step> BelowProc(PlanInput input)
    {
        foreach (CustomMount mount in Sorted(input))
        {
            if (IsBelowProc(mount))
            {
                yield return mount is BindCustomMount { Source: null } fresh
                    ? new Mount("tmpfs", fresh.Destination, FlagsOf(fresh), "mode=0755") { Reason = NameOf(fresh) }
                    : StepOf(input with { Users = null }, mount); // it names its own users
            }
        }
    }

    /// <summary>One of them is mounted on the path, or on a directory above it.</summary>
    public static bool Cover(PlanInput input, string path) => input.Settings.Mounts.Any(
        mount => path == mount.Destination || path.StartsWith(mount.Destination + "/", StringComparison.Ordinal));

    private static IEnumerable<CustomMount> Sorted(PlanInput input) =>
        input.Settings.Mounts.OrderBy(mount => mount.Destination, StringComparer.Ordinal);

    /// <summary>In the container's proc, which is mounted when the host is out of reach.</summary>
    public static bool IsBelowProc(CustomMount mount) =>
        mount.Destination == "/proc" || mount.Destination.StartsWith("/proc/", StringComparison.Ordinal);

    private static Step StepOf(PlanInput input, CustomMount mount) =>
        mount.IsOptional ? WholeStepOf(input, mount) with { Optional = true } : WholeStepOf(input, mount);

    private static Step WholeStepOf(PlanInput input, CustomMount mount) => mount switch
    {
        BindCustomMount { Source: null } bind =>
            new BindHost($"{LayerSteps.Scratch(input)}/{FreshName(input, bind)}", bind.Destination, FlagsOf(bind)) { Reason = NameOf(bind) },
        OverlayCustomMount overlay => OverlayStep(input, overlay),
        BindCustomMount { SourceInTree: true, Source: string source } bind =>
            new Bind(source, bind.Destination, FlagsOf(bind), bind.Recursive) { Reason = NameOf(bind) },
        BindCustomMount { Source: string source } bind =>
            new BindHost(source, bind.Destination, FlagsOf(bind), bind.Recursive) { Reason = NameOf(bind), Map = BindMapping.Of(input, bind) },
        TmpfsCustomMount tmpfs => new Mount(
            "tmpfs", mount.Destination, MountFlags.StrictAtime | tmpfs.Flags, BindMapping.OfTmpfs(input, tmpfs.Options))
        {
            Reason = "--tmpfs=",
        },
        _ => new Cover(mount.Destination) { Reason = "--inaccessible=" },
    };

    private static MountOverlay OverlayStep(PlanInput input, OverlayCustomMount overlay)
    {
        MountSource upper = UpperOf(input, overlay);
        MountOverlay step = overlay.ReadOnly
            ? new(overlay.Destination, [.. overlay.Lowers, upper], null, null) { Reason = overlay.Option }
            : new(overlay.Destination, overlay.Lowers, upper, WorkOf(input, overlay)) { Reason = overlay.Option };
        return step with { Maps = BindMapping.OfLayers(input, overlay) };
    }

    private static MountFlags FlagsOf(BindCustomMount bind) => bind.Flags | (bind.ReadOnly ? MountFlags.ReadOnly : MountFlags.None);

    private static string NameOf(BindCustomMount bind) => bind.Option;

    private static string FreshName(PlanInput input, CustomMount mount) => $"mount-{input.Settings.Mounts.IndexOf(mount)}";

    private static MountSource UpperOf(PlanInput input, OverlayCustomMount overlay) =>
        overlay.Upper ?? new MountSource($"{LayerSteps.Scratch(input)}/{FreshName(input, overlay)}/upper", InTree: false);

    // Beside the upper directory, for it has to be on the same file system.
    private static MountSource? WorkOf(PlanInput input, OverlayCustomMount overlay)
    {
        if (overlay.ReadOnly)
        {
            return null;
        }

        if (overlay.Upper is not MountSource upper)
        {
            return new MountSource($"{LayerSteps.Scratch(input)}/{FreshName(input, overlay)}/work", InTree: false);
        }

        (string above, string name) = RootDirectory.Split(upper.Path);
        return new MountSource($"{above.TrimEnd('/')}/.#{name}{input.Host.RunId}", upper.InTree);
    }
}
