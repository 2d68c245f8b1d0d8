using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Something the launch made on the host, and how it is taken away. Each can be undone twice, and when it was never
/// done: it is written down before the deed.
/// </summary>
internal abstract record UndoStep
{
    private UndoStep()
    {
    }

    /// <summary>Takes it away, if it is there.</summary>
    public abstract void Undo();

    internal sealed record RemoveDirectory(string Path) : UndoStep
    {
        public override void Undo() => _ = FileSystems.RemoveDirectory(Path);
    }

    /// <summary>The same in a tree, where no path is to be trusted.</summary>
    internal sealed record RemoveInTree(string Tree, string Path) : UndoStep
    {
        public override void Undo()
        {
            using SafeFileHandle? top = Descriptors.TryOpen(Tree, OpenMode.Path | OpenMode.Directory | OpenMode.NoFollow, out _);
            if (top is not null)
            {
                using RootDirectory tree = new(Descriptors.Duplicate(top));
                (string above, string name) = RootDirectory.Split(Path);
                using SafeFileHandle? parent = tree.TryOpen(above, OpenMode.Path | OpenMode.Directory, out _);
                _ = parent is not null && TreeRemoval.Remove(parent, name, Path);
            }
        }
    }

    /// <summary>Removes a directory of the launcher's with all that is in it.</summary>
    internal sealed record RemoveTree(string Path) : UndoStep
    {
        public override void Undo() => _ = TreeRemoval.Remove(Path);
    }

    /// <summary>Removes a snapshot of the launcher's, or a directory that was to be one.</summary>
    internal sealed record RemoveSubvolume(string Path) : UndoStep
    {
        public override void Undo() => _ = Subvolume.Remove(Path);
    }

    internal sealed record RemoveFile(string Path) : UndoStep
    {
        public override void Undo() => FileSystems.RemoveFile(Path);
    }

    internal sealed record Unmount(string Path) : UndoStep
    {
        public override void Undo() => _ = Mounts.Unmount(Path);
    }

    /// <summary>Kills what is in a cgroup and removes it, with the groups the payload made below it.</summary>
    internal sealed record RemoveCgroup(string Path) : UndoStep
    {
        public override void Undo() => PayloadCgroup.Remove(Path);
    }

    /// <summary>Removes a group of version 1's name=systemd, with those below it. Its processes are gone by then.</summary>
    internal sealed record RemoveLegacyCgroup(string Path) : UndoStep
    {
        public override void Undo() => LegacyCgroup.Remove(Path);
    }

    /// <summary>Removes a lock's file unless somebody holds it.</summary>
    internal sealed record RemoveLock(string Path) : UndoStep
    {
        public override void Undo() => LockFile.RemoveStale(Path);
    }

    /// <summary>Takes the entry of a machine out of machined's list, if it is the one with this leader.</summary>
    internal sealed record UnregisterMachine(string Machine, int Leader) : UndoStep
    {
        public override void Undo() => MachineEntry.RemoveLeftover(Machine, Leader);
    }

    /// <summary>Ends a scope unit, of the system's service manager or of the user's, if nothing is in it.</summary>
    internal sealed record EndScope(string Unit, string? UserBus) : UndoStep
    {
        public override void Undo() => ScopeUnit.EndLeftover(Unit, UserBus);
    }

    /// <summary>Removes an interface, and with it its other end in the container.</summary>
    internal sealed record RemoveLink(string Name) : UndoStep
    {
        public override void Undo()
        {
            using RouteSocket host = new();
            _ = host.Remove(Name);
        }
    }

    /// <summary>Removes a zone's bridge, if nobody is left in the zone.</summary>
    internal sealed record LeaveZone(string Bridge) : UndoStep
    {
        public override void Undo() => ZoneBridge.Leave(Bridge);
    }

    /// <summary>Gives a setting of the kernel its old value.</summary>
    internal sealed record WriteSysctl(string Path, string Value) : UndoStep
    {
        public override void Undo() => Sysctl.Write(Path, Value);
    }

    /// <summary>Takes an element out of a set or map of the packet filter.</summary>
    internal sealed record RemoveElement(string Family, string Set, string Element) : UndoStep
    {
        public override void Undo() => Firewall.Remove(Family, Set, Element);
    }

    /// <summary>Undoes what several runs needed, if this was the last.</summary>
    internal sealed record LeaveShared(string Path) : UndoStep
    {
        public override void Undo() => SharedDeed.Leave(Path);
    }

    /// <summary>Brings an interface of the host back from the container's network.</summary>
    internal sealed record ReturnInterface(string Pin, int Index, string Name) : UndoStep
    {
        public override void Undo() => MovedInterface.Return(Pin, Index, Name);
    }

    /// <summary>Removes a device of the device-mapper, now or with its mount.</summary>
    internal sealed record ReleaseDevice(string Name) : UndoStep
    {
        public override void Undo() => MappedDevice.Release(Name);
    }

    /// <summary>Gives a terminal back its attributes.</summary>
    internal sealed record RestoreTerminal(int Descriptor, byte[] Attributes) : UndoStep
    {
        public override void Undo() =>
            _ = TerminalAttributes.FromBytes(Attributes).Apply(StandardDescriptors.Borrow(Descriptor));
    }

    /// <summary>One line: the kind, a tab, what it is about. Paths made by the launcher hold no line break.</summary>
    public string ToLine() => this switch
    {
        RemoveDirectory step => $"rmdir\t{step.Path}",
        RemoveInTree step => $"rmtree-in\t{step.Tree}\t{step.Path}",
        RemoveTree step => $"rmtree\t{step.Path}",
        RemoveSubvolume step => $"subvolume\t{step.Path}",
        RemoveFile step => $"unlink\t{step.Path}",
        Unmount step => $"unmount\t{step.Path}",
        RemoveCgroup step => $"cgroup\t{step.Path}",
        RemoveLegacyCgroup step => $"legacy-cgroup\t{step.Path}",
        RemoveLock step => $"lock\t{step.Path}",
        WriteSysctl step => $"sysctl\t{step.Path}\t{step.Value}",
        RemoveElement step => $"element\t{step.Family}\t{step.Set}\t{step.Element}",
        LeaveShared step => $"shared\t{step.Path}",
        RemoveLink step => $"link\t{step.Name}",
        LeaveZone step => $"zone\t{step.Bridge}",
        ReturnInterface step => $"interface\t{step.Index}\t{step.Name}\t{step.Pin}",
        ReleaseDevice step => $"mapped\t{step.Name}",
        EndScope step => $"scope\t{step.Unit}{(step.UserBus is null ? "" : $"\t{step.UserBus}")}",
        UnregisterMachine step => $"machine\t{step.Leader}\t{step.Machine}",
        RestoreTerminal step => $"terminal\t{step.Descriptor}\t{Convert.ToHexString(step.Attributes)}",
        _ => throw new InvalidOperationException(),
    };

    /// <summary>Reads such lines; one that was not written to its end is left out, for its path may be another's.</summary>
    public static List<UndoStep> FromLines(string text) =>
        [.. text.Split('\n')[..^1].Select(FromLine).OfType<UndoStep>()];

    /// <summary>Reads such a line; null for one that makes no sense.</summary>
    public static UndoStep? FromLine(string line) => line.Split('\t', 2) switch
    {
        ["rmdir", ['/', ..] path] => new RemoveDirectory(path),
        ["rmtree-in", ['/', ..] both] when both.Split('\t') is [string tree, ['/', ..] path] => new RemoveInTree(tree, path),
        ["rmtree", ['/', ..] path] => new RemoveTree(path),
        ["subvolume", ['/', ..] path] => new RemoveSubvolume(path),
        ["unlink", ['/', ..] path] => new RemoveFile(path),
        ["unmount", ['/', ..] path] => new Unmount(path),
        ["cgroup", ['/', ..] path] => new RemoveCgroup(path),
        ["legacy-cgroup", ['/', ..] path] => new RemoveLegacyCgroup(path),
        ["lock", ['/', ..] path] => new RemoveLock(path),
        ["scope", string scope] => FromScope(scope.Split('\t')),
        ["mapped", string device] when device.StartsWith("nspawn-", StringComparison.Ordinal) && !device.Contains('/', StringComparison.Ordinal) => new ReleaseDevice(device),
        ["sysctl", ['/', ..] rest] when rest.Split('\t') is [string path, string value] => new WriteSysctl(path, value),
        ["element", string rest] when rest.Split('\t') is [string family, string set, string element] => new RemoveElement(family, set, element),
        ["shared", ['/', ..] path] => new LeaveShared(path),
        ["link", string name] when InterfaceSyntax.IsValid(name) => new RemoveLink(name),
        ["zone", string bridge] when InterfaceSyntax.IsValid(bridge) => new LeaveZone(bridge),
        ["interface", string moved] => FromInterface(moved.Split('\t')),
        ["machine", string machine] => FromMachine(machine.Split('\t')),
        ["terminal", string terminal] => FromTerminal(terminal.Split('\t')),
        _ => null,
    };

    private static UnregisterMachine? FromMachine(string[] fields) =>
        fields is [string number, string machine] && int.TryParse(number, out int leader) && MachineNames.IsValid(machine)
            ? new UnregisterMachine(machine, leader)
            : null;

    private static EndScope? FromScope(string[] fields) => fields switch
    {
        [string unit] when unit.EndsWith(".scope", StringComparison.Ordinal) => new EndScope(unit, null),
        [string unit, ['/', ..] bus] when unit.EndsWith(".scope", StringComparison.Ordinal) => new EndScope(unit, bus),
        _ => null,
    };

    private static ReturnInterface? FromInterface(string[] fields) =>
        fields is [string number, string name, ['/', ..] pin] && int.TryParse(number, out int index) && InterfaceSyntax.IsValid(name)
            ? new ReturnInterface(pin, index, name)
            : null;

    private static RestoreTerminal? FromTerminal(string[] fields)
    {
        if (fields is not [string number, string hex] || !int.TryParse(number, out int descriptor))
        {
            return null;
        }

        byte[] attributes = new byte[TerminalAttributes.Length];
        return hex.Length == 2 * attributes.Length
            && Convert.FromHexString(hex, attributes, out _, out _) == OperationStatus.Done
            ? new RestoreTerminal(descriptor, attributes)
            : null;
    }
}
