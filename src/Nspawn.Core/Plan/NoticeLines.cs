using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What was asked or is usual, and will not be so: one line each, said once.</summary>
internal static class NoticeLines
{
    public static IEnumerable<string> Of(PlanInput input)
    {
        Settings settings = input.Settings;
        if (settings.Register != RegisterMode.No && !Citizenship.Registers(input))
        {
            yield return $"{Citizenship.Reason(input)}: running unregistered";
        }

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

        CapabilitySet lost = settings.AddCapabilities.Except(input.Host.Bounding);
        if (lost.Mask != 0 && settings.AddCapabilities != CapabilitySet.All)
        {
            yield return $"the launcher itself lacks {lost}: the container goes without";
        }

        bool delegated = Citizenship.HasScope(input) || Citizenship.DividesUnit(input);
        bool hasControllers = !input.Host.Controllers.IsEmpty || (delegated && input.Host.Cgroups == CgroupLayout.Unified);
        if (input.Boots && !hasControllers)
        {
            yield return "no cgroup controllers for the container: limits and accounting inside will not work"
                + (input.Host.Cgroups == CgroupLayout.Unified ? "" : " (this host's are on cgroup version 1)");
        }
    }
}
