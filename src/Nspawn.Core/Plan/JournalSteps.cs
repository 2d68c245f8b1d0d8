using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// <c>--link-journal=</c>: one journal for both sides, so that <c>journalctl --directory=</c> or <c>-m</c> on the host
/// sees what a booted container writes. It stays after the container: none of these steps is undone.
/// </summary>
internal static class JournalSteps
{
    private enum Way { None, Host, Guest }

    public static void Check(Settings settings, HostFacts host, TreeFacts tree)
    {
        if (settings is { Mode: StartMode.Boot, LinkJournal: LinkJournalMode.Host or LinkJournalMode.Guest }
            && Obstacle(settings, host, tree) is string obstacle)
        {
            throw new LaunchException($"--link-journal={ModeNames.LinkJournal.NameOf(settings.LinkJournal)}: {obstacle}");
        }
    }

    public static IEnumerable<Step> OnHost(PlanInput input)
    {
        (string path, string target, bool optional, string reason) = Names(input);
        FileType? there = input.Tree.Journal?.Host;
        switch (WayOf(input))
        {
            case Way.Host when there != FileType.Directory:
                yield return new MakeJournalDirectory(path, ReplacesLink: there == FileType.Symlink) { Reason = reason, Optional = optional };
                break;
            case Way.Guest when input.Tree.Journal?.HostLink != target:
                yield return new LinkJournal(path, target, ReplacesDirectory: there == FileType.Directory) { Reason = reason, Optional = optional };
                break;
        }
    }

    public static IEnumerable<Step> InTree(PlanInput input)
    {
        (string path, _, bool optional, string reason) = Names(input);
        switch (WayOf(input))
        {
            case Way.Host:
                yield return new BindHost(path, path, MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec)
                {
                    Reason = reason,
                    Optional = optional,
                    Map = input.Root == 0 ? null : input.Users?.Mapping, // or journald could not write
                };
                break;
            case Way.Guest:
                yield return new MakeDirectory(path, 0x1ed /* 0755 */) { Reason = reason, Optional = optional };
                break;
        }
    }

    /// <summary>Why the journals cannot be linked; null: they can.</summary>
    public static string? Obstacle(Settings settings, HostFacts host, TreeFacts tree)
    {
        if (tree.Journal is not JournalPlaces places || (tree.MachineId ?? settings.Uuid) is not Guid machine)
        {
            return "the tree has no machine id yet; give it one with --uuid=";
        }

        string path = JournalPlaces.PathOf(machine);
        bool guest = settings.LinkJournal is LinkJournalMode.Guest or LinkJournalMode.TryGuest;
        return host.IsRootless ? "the host's journals are root's"
            : machine == host.MachineId ? "the tree has the host's own machine id; remove its /etc/machine-id"
            : !places.HostIsPersistent ? $"the host keeps no journal on disk; make {JournalPlaces.Parent}"
            : places.HostIsMountPoint ? $"something is mounted on {path} of the host"
            : places.TreeIsMountPoint ? $"something is mounted on {path} of the tree"
            : places.Host is not (null or FileType.Directory or FileType.Symlink) ? $"{path} of the host is neither a directory nor a link"
            : guest && tree.IsDetached ? "no path of the host leads into the tree; use --link-journal=host"
            : guest && places.TreeHasLinks ? $"a link in the tree stands on the way to its {path}"
            : null;
    }

    private static Way WayOf(PlanInput input)
    {
        LinkJournalMode mode = input.Settings.LinkJournal;
        if (!input.Boots || mode == LinkJournalMode.No || input.Settings.Ephemeral != EphemeralMode.No || Obstacle(input.Settings, input.Host, input.Tree) is not null)
        {
            return Way.None;
        }

        // By itself only what the host was once made ready for; a link that leads elsewhere is somebody else's.
        return mode switch
        {
            LinkJournalMode.Host or LinkJournalMode.TryHost => Way.Host,
            LinkJournalMode.Guest or LinkJournalMode.TryGuest => Way.Guest,
            _ when input.Tree.Journal?.Host == FileType.Directory => Way.Host,
            _ when input.Tree.Journal?.HostLink == Names(input).Target && !input.Tree.Journal.TreeHasLinks => Way.Guest,
            _ => Way.None,
        };
    }

    private static (string Path, string Target, bool Optional, string Reason) Names(PlanInput input)
    {
        LinkJournalMode mode = input.Settings.LinkJournal;
        string path = JournalPlaces.PathOf(input.Uuid);
        return (path, input.Tree.Path + path, mode is not (LinkJournalMode.Host or LinkJournalMode.Guest),
            $"--link-journal={ModeNames.LinkJournal.NameOf(mode)}");
    }
}
