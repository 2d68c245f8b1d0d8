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

        if (tree.Path == "/")
        {
            throw new LaunchException("cannot use / as the tree: the host runs from it; copy it or name another tree with --directory=");
        }

        if (!tree.HasUsr)
        {
            throw new LaunchException($"{tree.Path} holds no OS tree: it has no directory /usr");
        }

        CheckMountPoints(settings, tree);
        CheckIdentity(settings, tree);
        CheckSources(settings, host);
        JournalSteps.Check(settings, host, tree);
        if (settings.Mode == StartMode.Boot)
        {
            CheckBoots(tree);
        }
    }

    private static void CheckMountPoints(Settings settings, TreeFacts tree)
    {
        if (!tree.BlockedMountPoints.IsEmpty)
        {
            throw new LaunchException($"cannot use {tree.Path}: /{tree.BlockedMountPoints[0]} in it is not a directory");
        }

        foreach (string name in PlanInput.IsReadOnly(settings, tree) ? TreeReader.MountPoints : [])
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
            throw new LaunchException($"--uid={user}: no such user in the tree's /etc/passwd");
        }
    }

    private static void CheckSources(Settings settings, HostFacts host)
    {
        foreach (CustomMount mount in settings.Mounts)
        {
            if (mount is not BindCustomMount { SourceInTree: false, Source: string source } bind)
            {
                continue;
            }

            string option = $"{(bind.ReadOnly ? "--bind-ro" : "--bind")}={source}";
            if (!host.BindSources.ContainsKey(source))
            {
                throw new LaunchException($"{option}: no such file or directory on the host");
            }

            if (CustomMountSteps.IsBelowProc(bind))
            {
                throw new LaunchException(
                    $"{option}:{bind.Destination}: nothing of the host can be bound below /proc, which is the container's own; bind something of the tree, +PATH");
            }
        }
    }

    private static void CheckBoots(TreeFacts tree)
    {
        if (tree.Inits.IsEmpty)
        {
            throw new LaunchException(
                $"cannot boot {tree.Path}: no init found (looked for {string.Join(", ", TreeReader.InitPaths)})");
        }
    }
}
