namespace Nspawn.Core;

/// <summary>Whether a container becomes a citizen of a systemd host: a unit of its own, an entry in machined's list.</summary>
internal static class Citizenship
{
    /// <summary>The container gets a scope unit of its own.</summary>
    public static bool HasScope(PlanInput input) =>
        HasScope(input.Settings, input.Host);

    public static bool HasScope(Settings settings, HostFacts host) =>
        !settings.KeepUnit && (host.IsRootless ? host.UserBus is not null : host.HasSystemBus && host.IsSystemd);

    /// <summary>The launcher stays in its unit and divides it.</summary>
    public static bool DividesUnit(PlanInput input) =>
        input.Settings.KeepUnit && input.Host is { Cgroups: CgroupLayout.Unified, DelegatedGroup: not null };

    /// <summary>
    /// The machine gets an entry in machined's list. machined takes the unit the leader is in for the machine's, and stops
    /// it with the machine: so it has to be a scope of its own, or a unit that was given for it.
    /// </summary>
    public static bool Registers(PlanInput input) =>
        input.Settings.Register != RegisterMode.No && CanRegister(input.Host)
        && (input.Settings.KeepUnit || HasScope(input));

    /// <exception cref="LaunchException">
    /// The name is another's: everything that goes by it would reach that one. Or an entry was asked for, and there is no
    /// way to get one.
    /// </exception>
    public static void Check(PlanInput input)
    {
        if (Registers(input) && input.Host.RegisteredMachines.Contains(input.Machine))
        {
            throw new LaunchException(
                $"systemd-machined knows a machine {input.Machine} already; give this one another name with --machine=");
        }

        if (input.Settings.Register == RegisterMode.Yes && !Registers(input))
        {
            throw new LaunchException($"--register=yes: {Reason(input)}; leave it out to run unregistered");
        }
    }

    /// <summary>Why a machine that could be registered is not.</summary>
    public static string Reason(PlanInput input) =>
        input.Host.BusFault is string fault ? fault
        : !input.Host.HasSystemBus ? "no system bus on this host"
        : input.Host.Machined == MachinedDoor.None ? "no systemd-machined on this host"
        : "systemd is not this host's service manager";

    private static bool CanRegister(HostFacts host) =>
        host.Machined == MachinedDoor.Varlink || (host.Machined == MachinedDoor.Bus && host.HasSystemBus);
}
