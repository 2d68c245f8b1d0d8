using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What was asked or is usual, and will not be so, or is worth knowing: one line each, said once.</summary>
internal static class NoticeLines
{
    /// <summary>What was asked for and will not be so, or is not as safe as it looks.</summary>
    public static IEnumerable<string> Warnings(PlanInput input)
    {
        Settings settings = input.Settings;
        if (settings.KeepUnit && (settings.Slice is not null || !settings.Properties.IsEmpty))
        {
            yield return "--slice= and --property= have no effect with --keep-unit: the caller's unit has its own";
        }
        else if (settings.Slice is not null && !Citizenship.HasScope(input))
        {
            yield return "--slice= has no effect: the container gets no scope unit";
        }

        foreach (string refusal in CgroupLimits.Refusals(input))
        {
            yield return refusal;
        }

        foreach (string notice in input.Tree.Image?.Layout.Notices ?? [])
        {
            yield return $"{input.Tree.Path}: {notice}";
        }

        CapabilitySet lost = settings.AddCapabilities.Except(input.Available);
        if (lost.Mask != 0 && settings.AddCapabilities != CapabilitySet.All)
        {
            yield return $"the launcher itself lacks {lost}: the container goes without";
        }

        if (settings is { LeavesNetwork: true, ResolvConf: not (ResolvConfMode.Auto or ResolvConfMode.Off or ResolvConfMode.Delete) }
            && input.Host.ResolvConf.Values.All(ResolvConf.HasNoReachable))
        {
            yield return "--resolv-conf= has no effect: the host's name servers are on its loopback, which the container cannot reach";
        }

        if (settings is { DelegatedRanges: > 0, Nesting: false })
        {
            yield return "--private-users-delegate= has no effect: for containers inside use --nesting, which gives them ranges and what else they need";
        }

        // As root of the host it could divide the unit, which is not its own.
        if (settings.KeepUnit && input.Host is { Cgroups: CgroupLayout.Unified, IsSystemd: true, IsRootless: false, DelegatedGroup: null })
        {
            yield return $"{(input.Host.Unit is { Length: > 0 } unit ? unit : "the caller's unit")} is not delegated: it cannot be divided for --keep-unit; add Delegate=yes to it";
        }

        foreach (string warning in UserNamespaceSteps.Warnings(input))
        {
            yield return warning;
        }

        if (input.WantsCgroupV1 && !input.GetsCgroupV1)
        {
            yield return $"the tree's systemd {input.Tree.SystemdVersion} needs cgroup version 1, which this kernel does not have: it may not boot";
        }
    }

    /// <summary>What is as usual where the host is as it is.</summary>
    public static IEnumerable<string> Of(PlanInput input)
    {
        Settings settings = input.Settings;
        if (settings.Register != RegisterMode.No && !Citizenship.Registers(input) && !input.Host.IsRootless)
        {
            yield return $"{Citizenship.Reason(input)}: running unregistered";
        }

        if (settings is { Ephemeral: EphemeralMode.No, LinkJournal: not (LinkJournalMode.Auto or LinkJournalMode.No) } && JournalNotice(input) is string journal)
        {
            yield return $"--link-journal={ModeNames.LinkJournal.NameOf(settings.LinkJournal)} has no effect: {journal}";
        }

        if (NetworkSteps.IsServed(input))
        {
            yield return "host0 gets its addresses and its way out from nspawn: "
                + (settings.NetworkManage == NetworkManageMode.Yes ? "--network-manage=yes" : "no systemd-networkd runs on this host")
                + (input.Host.Network.NameServers.IsEmpty ? "; no name server that a container can reach is known here" : "");
        }
        else if (settings is { VirtualEthernet: true, Bridge: null, NetworkManage: NetworkManageMode.Auto })
        {
            yield return "host0 is left to systemd-networkd, which runs on this host";
        }

        foreach (string notice in UserNamespaceSteps.Notices(input))
        {
            yield return notice;
        }

        bool delegated = Citizenship.HasScope(input) || Citizenship.DividesUnit(input);
        bool hasControllers = !input.Host.Controllers.IsEmpty || (delegated && input.Host.Cgroups == CgroupLayout.Unified);
        if (input.Boots && !hasControllers && input.Host.HasOwnGroup)
        {
            yield return "no cgroup controllers for the container: limits and accounting inside will not work"
                + (input.Host.Cgroups == CgroupLayout.Unified ? "" : " (this host's are on cgroup version 1)");
        }
    }

    // A host without a journal on disk is what "try" is for: nothing to talk about.
    private static string? JournalNotice(PlanInput input) =>
        !input.Boots ? "only a booted tree has a journal"
        : input.Tree.Journal is { HostIsPersistent: false } ? null
        : JournalSteps.Obstacle(input.Settings, input.Host, input.Tree);
}
