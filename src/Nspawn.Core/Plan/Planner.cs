using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Decides what a launch will do. A pure function: no system call, no clock, no file.</summary>
public static class Planner
{
    /// <summary>The plan for these settings on this host with this tree.</summary>
    /// <exception cref="LaunchException">They do not go together; the message says what to do.</exception>
    public static Plan Create(Settings settings, HostFacts host, TreeFacts tree)
    {
        TreeRules.Check(settings, host, tree);
        string machine = settings.Machine ?? MachineNameOfTree.From(tree.Path, host.Hostname);
        ConsoleMode console = settings.Console.Resolve(host.StdinIsTerminal, host.StdoutIsTerminal);
        Guid uuid = tree.MachineId ?? settings.Uuid ?? host.FreshId;
        UserNamespace? users = UserNamespaceChoice.Of(settings, host, tree, machine);
        PlanInput input = new(settings, host, tree, machine, uuid, console, users);
        UserNamespaceSteps.Check(input);
        Citizenship.Check(input);
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
            Unit = [.. UserNamespaceSteps.OnLeader(input), .. UnitSteps.Of(input)],
            Leader = [.. LeaderSteps.Of(input)],
            Notices = [.. NoticeLines.Of(input)],
        };
    }

    private static CloneFlags NamespacesOf(PlanInput input)
    {
        CloneFlags flags = CloneFlags.NewMount | CloneFlags.NewPid | CloneFlags.NewUts | CloneFlags.NewIpc;
        flags |= input.Users is null ? CloneFlags.None : CloneFlags.NewUser;
        return input.Settings.PrivateNetwork ? flags | CloneFlags.NewNet : flags;
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

    public static bool IsReadOnly(Settings settings, TreeFacts tree) => settings.ReadOnly || tree.IsReadOnlyImage;

    public bool Boots => Settings.Mode == StartMode.Boot;

    /// <summary>The tree's systemd knows the hierarchies of version 1 only; cgroup2 came with its release 232.</summary>
    public bool WantsCgroupV1 => Boots && Tree.SystemdVersion is < 232;

    public bool GetsCgroupV1 => WantsCgroupV1 && Host.HasCgroupV1;

    /// <summary>The signal that asks the payload's PID 1 to end; 0: there is none.</summary>
    public int KillSignal =>
        Settings.KillSignal != 0 ? Settings.KillSignal : Boots ? PowerOffSignal : 0;

    /// <summary>What asks an init for an orderly end; busybox has a signal of its own, the others follow systemd(1).</summary>
    private int PowerOffSignal => Tree.InitProgram == "busybox" ? Signal.User2 : Signal.RealTimeMin + 3;

    /// <summary>A terminal of the container's own stands behind its standard input, output and error.</summary>
    public bool HasConsole => Console != ConsoleMode.Pipe;
}
