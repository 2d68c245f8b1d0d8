using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Decides what a launch will do. A pure function: no system call, no clock, no file.</summary>
public static class Planner
{
    /// <summary>The plan for these settings on this host with this tree.</summary>
    /// <exception cref="LaunchException">They do not go together; the message says what to do.</exception>
    public static Plan Create(Settings settings, HostFacts host, TreeFacts tree)
    {
        try
        {
            Plan plan = Decide(settings, host, tree);
            return settings.Origins.File is null ? plan : Named(plan, settings.Origins);
        }
        catch (LaunchException refusal) when (settings.Origins.File is not null)
        {
            throw new LaunchException(settings.Origins.Name(refusal.Message), refusal.ExitStatus);
        }
    }

    private static Plan Decide(Settings settings, HostFacts host, TreeFacts tree)
    {
        TreeRules.Check(settings, host, tree);
        string machine = MachineNameOf(settings, host, tree);
        ConsoleMode console = settings.Console.Resolve(host.StdinIsTerminal, host.StdoutIsTerminal);
        Guid uuid = tree.MachineId ?? settings.Uuid ?? host.FreshId;
        UserNamespace? users = UserNamespaceChoice.Of(settings, host, tree, machine);
        PlanInput input = new(settings, host, tree, machine, uuid, console, users);
        UserNamespaceSteps.Check(input);
        BindUserSteps.Check(input);
        Citizenship.Check(input);
        NetworkRules.Check(input);
        return new Plan
        {
            Machine = machine,
            Uuid = uuid,
            Console = console,
            KillSignal = input.KillSignal,
            Namespaces = NamespacesOf(input),
            Host = [.. HostSteps.Of(input)],
            Tree = [.. RootSteps.Of(input)],
            Pins = users is null ? null : [.. UserNamespaceSteps.Pins(input)],
            Network = [.. NetworkSteps.Of(input)],
            Unit = [.. UserNamespaceSteps.OnLeader(input), .. UnitSteps.Of(input)],
            Leader = [.. LeaderSteps.Of(input)],
            Warnings = NoticeLines.Warnings(input).ToImmutableArray() is { IsEmpty: false } warnings ? warnings : null,
            Notices = [.. NoticeLines.Of(input)],
        };
    }

    /// <summary>With the keys of the settings file where the parts of the plan speak of options.</summary>
    private static Plan Named(Plan plan, SettingsOrigins origins)
    {
        return plan with
        {
            SettingsFile = origins.File,
            Host = [.. plan.Host.Select(Step)],
            Tree = [.. plan.Tree.Select(Step)],
            Pins = plan.Pins is { } pins ? [.. pins.Select(Step)] : null,
            Network = [.. plan.Network.Select(Step)],
            Unit = [.. plan.Unit.Select(Step)],
            Leader = [.. plan.Leader.Select(Step)],
            Warnings = plan.Warnings is { } warnings ? [.. warnings.Select(origins.Name)] : null,
            Notices = [.. plan.Notices.Select(origins.Name)],
        };

        Step Step(Step step) => step with { Reason = origins.Name(step.Reason) };
    }

    // Of a tree that many share at once each machine gets a name of its own.
    private static string MachineNameOf(Settings settings, HostFacts host, TreeFacts tree)
    {
        if (settings.Machine is string given)
        {
            return given;
        }

        string name = MachineNameOfTree.From(tree.Path, host.Hostname, tree.Image is not null);
        return settings.Ephemeral == EphemeralMode.No ? name : RunPaths.EphemeralOf(name, host.FreshId);
    }

    private static CloneFlags NamespacesOf(PlanInput input)
    {
        CloneFlags flags = CloneFlags.NewMount | CloneFlags.NewPid | CloneFlags.NewUts | CloneFlags.NewIpc;
        flags |= input.Users is null ? CloneFlags.None : CloneFlags.NewUser;
        return input.Settings is { PrivateNetwork: true, NetworkNamespace: null } ? flags | CloneFlags.NewNet : flags;
    }
}

/// <summary>What every part of the plan is made from.</summary>
internal sealed record PlanInput(
    Settings Settings, HostFacts Host, TreeFacts Tree, string Machine, Guid Uuid, ConsoleMode Console, UserNamespace? Users)
{
    /// <summary>Another way to give the tree to its users is taken where its file system cannot map ids.</summary>
    public bool MapOrChown => Users is { Ownership: OwnershipMode.Map or OwnershipMode.Foreign, Picked: var picked }
        && (Settings.Ownership ?? (picked ? OwnershipMode.Auto : OwnershipMode.Off)) == OwnershipMode.Auto;

    /// <summary>The container's root as the host has it.</summary>
    public uint Root => Users?.Root ?? 0;

    /// <summary>The capabilities the leader has to hand on: in a user namespace of its own, all.</summary>
    public CapabilitySet Available => Users is null ? Host.Bounding : CapabilitySet.All;

    /// <summary>Nothing of the tree itself is written, asked for or because of what it is.</summary>
    public bool ReadOnly => IsReadOnly(Settings, Tree);

    public static bool IsReadOnly(Settings settings, TreeFacts tree) => settings.Volatile switch
    {
        VolatileMode.No => settings.ReadOnly || (tree.IsReadOnlyImage && settings.Ephemeral == EphemeralMode.No),
        VolatileMode.State => true,
        _ => false, // memory is written, and the tree cannot be
    };

    /// <summary>What is written to the tree goes elsewhere, and is gone with the run.</summary>
    public bool HasRunLayer => Settings.Ephemeral != EphemeralMode.No && Settings.Volatile == VolatileMode.No && !ReadOnly;

    /// <summary>Others may use the tree at the same time, if they only read it too.</summary>
    public bool SparesTree => ReadOnly || Settings.SparesTree;

    public bool Boots => Settings.Mode == StartMode.Boot;

    /// <summary>Earlier ones know the hierarchies of version 1 only.</summary>
    public const int FirstSystemdWithCgroup2 = 232;

    /// <summary>The tree's systemd knows the hierarchies of version 1 only.</summary>
    public bool WantsCgroupV1 => Boots && Tree.SystemdVersion is < FirstSystemdWithCgroup2;

    public bool GetsCgroupV1 => WantsCgroupV1 && Host.HasCgroupV1;

    /// <summary>The signal that asks the payload's PID 1 to end; 0: there is none.</summary>
    public int KillSignal =>
        Settings.KillSignal != 0 ? Settings.KillSignal : Boots ? PowerOffSignal : 0;

    /// <summary>What asks an init for an orderly end; busybox has a signal of its own, the others follow systemd(1).</summary>
    private int PowerOffSignal => Tree.InitProgram == "busybox" ? Signal.User2 : Signal.RealTimeMin + 3;

    /// <summary>A terminal of the container's own stands behind its standard input, output and error.</summary>
    public bool HasConsole => Console != ConsoleMode.Pipe;
}
