using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What a tree and a host must be for the settings to make sense.</summary>
internal static class TreeRules
{
    public static void Check(Settings settings, HostFacts host, TreeFacts tree)
    {
        if (!host.IsRoot)
        {
            throw new LaunchException("must be started as root: run it with sudo");
        }

        if (tree.Path == "/" && settings is { Ephemeral: EphemeralMode.No, Volatile: not (VolatileMode.Yes or VolatileMode.State) })
        {
            throw new LaunchException("cannot use / as the tree: the host runs from it; use --ephemeral, or name another tree with --directory=");
        }

        if (settings.Volatile == VolatileMode.Yes && !tree.HasMergedUsr)
        {
            throw new LaunchException(
                $"cannot use {tree.Path} with --volatile=yes: its /bin is a directory, and of the tree only /usr would be there; use --volatile=overlay or --volatile=state");
        }

        if (!tree.HasUsr && !tree.IsOci)
        {
            string advice = settings is { Directory: null, Image: null, Machine: null } ? "; name a tree with --directory= or --image=" : "";
            throw new LaunchException($"{tree.Path} holds no OS tree: it has no directory /usr{advice}");
        }

        CheckMountPoints(settings, tree);
        CheckIdentity(settings, tree);
        CheckSources(settings, host);
        JournalSteps.Check(settings, host, tree);
        if (settings.Mode == StartMode.Boot)
        {
            CheckBoots(settings, host, tree);
        }
    }

    private static void CheckMountPoints(Settings settings, TreeFacts tree)
    {
        if (!tree.BlockedMountPoints.IsEmpty)
        {
            throw new LaunchException($"cannot use {tree.Path}: /{tree.BlockedMountPoints[0]} in it is not a directory");
        }

        string[] needed = settings.Volatile == VolatileMode.State ? [.. TreeReader.MountPoints, "var"] : [.. TreeReader.MountPoints];
        foreach (string name in PlanInput.IsReadOnly(settings, tree) ? needed : [])
        {
            if (!tree.RootEntries.Contains(name))
            {
                throw new LaunchException(
                    $"cannot use {tree.Path} read-only: it has no directory /{name} to mount on; make it{(settings.ReadOnly ? ", or leave out --read-only" : "")}");
            }
        }
    }

    private static void CheckIdentity(Settings settings, TreeFacts tree)
    {
        if (tree.MachineIdIsMalformed)
        {
            throw new LaunchException($"cannot use {tree.Path}: its /etc/machine-id is neither empty nor 32 hexadecimal digits");
        }

        if (settings.User is string user && tree.User is null)
        {
            throw new LaunchException(settings.UserNeedNotExist
                ? $"cannot run {tree.Path} as the user that it asks for: {user}{(settings.Group is null ? "" : ":" + settings.Group)} is in neither /etc/passwd nor /etc/group of the tree; name another with --uid="
                : $"--uid={user}: no such user in the tree's /etc/passwd");
        }
    }

    private static void CheckSources(Settings settings, HostFacts host)
    {
        foreach (CustomMount mount in settings.Mounts)
        {
            foreach (string source in mount.HostSources)
            {
                if (!host.BindSources.TryGetValue(source, out FileStatus status))
                {
                    throw new LaunchException($"{mount.Option}{source}: no such file or directory on the host");
                }

                if (mount is OverlayCustomMount && status.Type != FileType.Directory)
                {
                    throw new LaunchException($"{mount.Option}{source}: an overlay is made of directories, and this is none");
                }
            }

            if (CustomMountSteps.IsBelowProc(mount) && mount is OverlayCustomMount)
            {
                throw new LaunchException($"{mount.Option}{mount.Destination}: no overlay can be put below /proc, which is the container's own");
            }

            if (CustomMountSteps.IsBelowProc(mount) && mount.HostSources.FirstOrDefault() is string bound)
            {
                throw new LaunchException(
                    $"{mount.Option}{bound}:{mount.Destination}: nothing of the host can be bound below /proc, which is the container's own; bind something of the tree, +PATH");
            }
        }
    }

    private static void CheckBoots(Settings settings, HostFacts host, TreeFacts tree)
    {
        if (!host.HasOwnGroup && tree.InitProgram == "systemd" && !Citizenship.HasScope(settings, host))
        {
            string fault = host.BusFault is null ? "" : $" ({host.BusFault})";
            throw new LaunchException(settings.PrivateUsers == PrivateUsersMode.Managed
                ? $"cannot boot {tree.Path}: its systemd needs a cgroup that it may divide, which systemd-nsresourced lets nobody do with the ids it gives; run a command in it, or use a tree of your sub-ids"
                : $"cannot boot {tree.Path}: its systemd needs a cgroup, and you are in none that you may divide{fault}; start it by systemd-run --user --scope -p Delegate=yes, or have a group given to you");
        }

        if (tree.Inits.IsEmpty)
        {
            throw new LaunchException(
                $"cannot boot {tree.Path}: no init found (looked for {string.Join(", ", TreeReader.InitPaths)})");
        }
    }
}
