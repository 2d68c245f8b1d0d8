using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What was asked or is usual, and will not be so: one line each, said once.</summary>
internal static class NoticeLines
{
    public static IEnumerable<string> Of(PlanInput input)
    {
        Settings settings = input.Settings;
        if (settings.Register != RegisterMode.No)
        {
            yield return input.Host.HasSystemBus
                ? "running unregistered: registration with machined is not available yet"
                : "no system bus: running unregistered";
        }

        if (!settings.KeepUnit && (settings.Slice is not null || !settings.Properties.IsEmpty))
        {
            yield return "--slice= and --property= have no effect: the container gets no scope unit";
        }

        if (settings.LinkJournal is not (LinkJournalMode.Auto or LinkJournalMode.No) && JournalNotice(input) is string journal)
        {
            yield return $"--link-journal={ModeNames.LinkJournal.NameOf(settings.LinkJournal)} has no effect: {journal}";
        }

        CapabilitySet lost = settings.AddCapabilities.Except(input.Host.Bounding);
        if (lost.Mask != 0 && settings.AddCapabilities != CapabilitySet.All)
        {
            yield return $"the launcher itself lacks {lost}: the container goes without";
        }

        if (input.WantsCgroupV1 && !input.GetsCgroupV1)
        {
            yield return $"the tree's systemd {input.Tree.SystemdVersion} needs cgroup version 1, which this kernel does not have: it may not boot";
        }

        if (input.Boots && input.Host.Controllers.IsEmpty)
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
