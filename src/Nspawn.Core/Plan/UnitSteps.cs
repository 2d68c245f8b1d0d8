using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What makes the container known to the host's service manager and to machined.</summary>
internal static class UnitSteps
{
    public static IEnumerable<Step> Of(PlanInput input)
    {
        Settings settings = input.Settings;
        if (Citizenship.HasScope(input))
        {
            // Limits that were asked for are not to be lost in silence.
            bool insists = settings.Register == RegisterMode.Yes || settings.Slice is not null || !settings.Properties.IsEmpty;
            yield return new MakeScope(UnitNames.ScopeOf(input.Machine), [.. Properties(input)])
            {
                Reason = "a unit of its own: listed, limited and stopped by the service manager as any other",
                Optional = !insists,
                UserBus = input.Host.UserBus,
            };
        }

        if (Citizenship.Registers(input))
        {
            yield return new RegisterMachine(
                input.Host.Machined, input.Machine, input.Uuid, input.Host.ContainerService, input.Tree.Path)
            {
                Reason = settings.Register == RegisterMode.Yes ? "--register=yes" : "machinectl(1) and every -M option find it",
                Optional = settings.Register != RegisterMode.Yes,
            };
        }

        if (Citizenship.HasScope(input))
        {
            // Not before: machined takes a leader that is deeper in its unit for part of one, and terminates the launcher with it.
            yield return new MakePayloadGroup(HostSteps.RunGroup(input), [.. HostSteps.Devices(input)])
            {
                Reason = "the container's processes in one group, killed together; the scope's own belongs to the service manager",
                Owner = input.Root,
            };
        }
    }

    private static IEnumerable<UnitProperty> Properties(PlanInput input)
    {
        Settings settings = input.Settings;
        yield return new("Description", new UnitValue.Text($"Container {input.Machine}"));
        yield return new("Delegate", new UnitValue.Flag(true));
        yield return new("CollectMode", new UnitValue.Text("inactive-or-failed"));
        yield return new("AddRef", new UnitValue.Flag(true));
        yield return new("Slice", new UnitValue.Text(settings.Slice ?? UnitNames.MachineSlice));
        if (!input.Host.IsRootless)
        {
            yield return new("DevicePolicy", new UnitValue.Text("closed"));
            yield return new("DeviceAllow", new UnitValue.Devices([.. Devices(input)]));
        }

        if (input.KillSignal != 0)
        {
            yield return new("KillSignal", new UnitValue.Signed(input.KillSignal));
            yield return new("KillMode", new UnitValue.Text("mixed"));
        }

        if (input.Boots)
        {
            // Its systemd-coredump is given the core dumps of its own processes; systemd.resource-control(5).
            yield return new("CoredumpReceive", new UnitValue.Flag(true)) { WhereKnown = true };
        }

        foreach (string assignment in settings.Properties)
        {
            yield return UnitProperties.Parse(assignment) with { Assignment = assignment };
        }
    }

    private static IEnumerable<DeviceAllowance> Devices(PlanInput input)
    {
        yield return new("/dev/net/tun", "rwm");
        yield return new("char-pts", "rw");
        yield return new("/dev/fuse", "rwm");
        foreach ((BindCustomMount bind, FileStatus _) in DevicePolicy.BoundDevices(input))
        {
            yield return new(bind.Source!, bind.ReadOnly ? "r" : "rw");
        }
    }
}
