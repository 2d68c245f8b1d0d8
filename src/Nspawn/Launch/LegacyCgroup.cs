using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The container's group in version 1's hierarchy name=systemd, for a guest that knows no other. There is no clone into
/// a group of version 1: the launcher's thread goes in, clones, and comes back; cgroups(7).
/// </summary>
internal sealed class LegacyCgroup : IDisposable
{
    private const string HostMount = "/sys/fs/cgroup/systemd";

    private readonly SafeFileHandle _tasks;
    private readonly SafeFileHandle _ownTasks;

    private LegacyCgroup(SafeFileHandle tasks, SafeFileHandle ownTasks) => (_tasks, _ownTasks) = (tasks, ownTasks);

    public static LegacyCgroup Create(MakeLegacyCgroup step, UndoJournal undo)
    {
        string own = CgroupReader.OwnLegacyGroup();
        using SafeFileHandle root = OpenHierarchy();
        using SafeFileHandle parent = Cgroups.Open(root, "." + own, OpenMode.Path | OpenMode.Directory);
        undo.Record(new UndoStep.RemoveLegacyCgroup($"{own}/{step.Name}"));
        _ = FileSystems.MakeDirectory(parent, step.Name, 0x1ed /* 0755 */, step.Name);
        using SafeFileHandle group = Cgroups.Open(parent, step.Name, OpenMode.Path | OpenMode.Directory);
        Cgroups.Delegate(group, step.Owner, step.Name);
        return new LegacyCgroup(Cgroups.Open(group, "tasks", OpenMode.Write), Cgroups.Open(parent, "tasks", OpenMode.Write));
    }

    /// <summary>The calling thread, and what it clones from now on, is in the group.</summary>
    public void Enter() => Descriptors.Write(_tasks, "0"u8, "tasks");

    public void Leave() => Descriptors.Write(_ownTasks, "0"u8, "tasks");

    public void Dispose()
    {
        _tasks.Dispose();
        _ownTasks.Dispose();
    }

    public static void Remove(string path)
    {
        using SafeFileHandle root = OpenHierarchy();
        Cgroups.Remove(root, path);
    }

    private static SafeFileHandle OpenHierarchy() =>
        FileStatus.At(HostMount + "/tasks") is not null
            ? Descriptors.Open(HostMount, OpenMode.Path | OpenMode.Directory)
            : Mounts.Create("cgroup", "none,name=systemd,xattr", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec);
}
