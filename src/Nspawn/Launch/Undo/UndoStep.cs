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

    internal sealed record Unmount(string Path) : UndoStep
    {
        public override void Undo() => _ = Mounts.Unmount(Path);
    }

    /// <summary>Kills what is in a cgroup and removes it, with the groups the payload made below it.</summary>
    internal sealed record RemoveCgroup(string Path) : UndoStep
    {
        public override void Undo() => PayloadCgroup.Remove(Path);
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
        Unmount step => $"unmount\t{step.Path}",
        RemoveCgroup step => $"cgroup\t{step.Path}",
        RestoreTerminal step => $"terminal\t{step.Descriptor}\t{Convert.ToHexString(step.Attributes)}",
        _ => throw new InvalidOperationException(),
    };

    /// <summary>Reads such a line; null for one that is not whole.</summary>
    public static UndoStep? FromLine(string line) => line.Split('\t') switch
    {
        ["rmdir", string path] => new RemoveDirectory(path),
        ["unmount", string path] => new Unmount(path),
        ["cgroup", string path] => new RemoveCgroup(path),
        ["terminal", string descriptor, string attributes] =>
            new RestoreTerminal(int.Parse(descriptor), Convert.FromHexString(attributes)),
        _ => null,
    };
}
