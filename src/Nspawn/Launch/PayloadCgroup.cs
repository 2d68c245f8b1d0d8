using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// The container's group on the cgroup2 hierarchy: entered by the clone itself, so that no process is ever outside, with
/// a device policy, killed as a whole; cgroups(7).
/// </summary>
internal sealed class PayloadCgroup : IDisposable
{
    /// <summary>The payload may nest groups so deep; ours have to be removed one by one.</summary>
    private const string MaximumDepth = "256";

    private const int EmptyingMilliseconds = 5000;

    private readonly SafeFileHandle _kill;

    private PayloadCgroup(SafeFileHandle directory, string path)
    {
        Directory = directory;
        Path = path;
        _kill = Cgroups.Open(directory, "cgroup.kill", OpenMode.Write);
    }

    /// <summary>Below the hierarchy's root.</summary>
    public string Path { get; }

    /// <summary>For CLONE_INTO_CGROUP.</summary>
    public SafeFileHandle Directory { get; }

    /// <summary>The file of the group's processes: a process whose number is written into it moves to the group.</summary>
    private const string Members = "cgroup.procs";

    /// <summary>Makes a group.</summary>
    /// <param name="above">The group it is made in, as a path below the hierarchy's root; empty: the root.</param>
    /// <param name="name">Its name.</param>
    /// <param name="devices">The only devices that may be opened or made in it.</param>
    /// <param name="owner">Whom it is delegated to; 0: root.</param>
    /// <param name="undo">The journal.</param>
    /// <param name="shared">Somebody else may have a group of that name there, which is not ours to remove.</param>
    public static PayloadCgroup Create(
        string above, string name, ImmutableArray<DeviceRule> devices, uint owner, UndoJournal undo, bool shared = false)
    {
        string path = $"{above}/{name}";
        using SafeFileHandle root = OpenHierarchy();
        using SafeFileHandle parent = Cgroups.Open(root, "." + above, OpenMode.Path | OpenMode.Directory);
        if (!shared)
        {
            undo.Record(new UndoStep.RemoveCgroup(path));
        }

        if (!FileSystems.MakeDirectory(parent, name, 0x1ed /* 0755 */, path))
        {
            throw new SyscallException("mkdirat", Errno.EEXIST, path);
        }

        if (shared)
        {
            undo.Record(new UndoStep.RemoveCgroup(path)); // in between, the unit's end would remove it
        }

        SafeFileHandle directory = Cgroups.Open(parent, name, OpenMode.Read | OpenMode.Directory);
        Write(directory, "cgroup.max.depth", MaximumDepth);
        if (!devices.IsEmpty)
        {
            RestrictDevices(directory, devices);
        }

        Cgroups.Delegate(directory, owner, path);
        return new PayloadCgroup(directory, path);
    }

    /// <summary>Moves a process into the group.</summary>
    public void Take(int pid) => Write(Directory, Members, Invariant(pid));

    /// <summary>Sets a limit of the group.</summary>
    public void Limit(string file, string value) => Write(Directory, file, value);

    /// <summary>Moves the launcher's processes to the group <c>supervisor</c> in their unit's; the service manager removes it.</summary>
    public static void MoveLauncher(string unit, params ReadOnlySpan<int> processes)
    {
        const string Supervisor = "supervisor";
        using SafeFileHandle root = OpenHierarchy();
        using SafeFileHandle group = Cgroups.Open(root, "." + unit, OpenMode.Path | OpenMode.Directory);
        _ = FileSystems.MakeDirectory(group, Supervisor, 0x1ed /* 0755 */, unit);
        using (SafeFileHandle own = Cgroups.Open(group, Supervisor, OpenMode.Path | OpenMode.Directory))
        {
            foreach (int process in processes)
            {
                Write(own, Members, Invariant(process));
            }
        }

        HandDownControllers(unit);
    }

    /// <summary>
    /// Lets the groups below one use every controller it has: one at a time, for one that cannot be had must not keep
    /// the others away.
    /// </summary>
    public static void HandDownControllers(string path)
    {
        using SafeFileHandle root = OpenHierarchy();
        using SafeFileHandle group = Cgroups.Open(root, "." + path, OpenMode.Path | OpenMode.Directory);
        using SafeFileHandle available = Cgroups.Open(group, "cgroup.controllers", OpenMode.Read);
        string names = System.Text.Encoding.ASCII.GetString(Descriptors.ReadAll(available, 4096, "cgroup.controllers"));
        foreach (string name in names.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                Write(group, "cgroup.subtree_control", "+" + name);
            }
            catch (SyscallException)
            {
                // The container goes without this one.
            }
        }
    }

    // In a container whose manager allows no bpf(2), that manager's own device policy is in force for ours too.
    private static void RestrictDevices(SafeFileHandle directory, ImmutableArray<DeviceRule> devices)
    {
        try
        {
            Bpf.RestrictDevices(directory, DeviceProgram.Compile(devices.AsSpan()).AsSpan());
        }
        catch (SyscallException refused) when (refused.Errno is Errno.EPERM or Errno.ENOSYS)
        {
            Complain.Line("no device policy of its own for the container: bpf(2) is not allowed here");
        }
    }

    /// <summary>Kills every process in the group, also those that are just being forked.</summary>
    public void Kill() => Descriptors.Write(_kill, "1"u8, "cgroup.kill");

    public void Dispose()
    {
        _kill.Dispose();
        Directory.Dispose();
    }

    /// <summary>Kills what is in a group and removes it with all below it; a group that is not there is no error.</summary>
    public static void Remove(string path)
    {
        // Most often it is empty: one call.
        if (CgroupReader.MountPoint(CgroupReader.Layout()) is string mount && FileSystems.RemoveDirectory(mount + path))
        {
            return;
        }

        using SafeFileHandle root = OpenHierarchy();
        Cgroups.Remove(root, path, Empty);
    }

    /// <summary>The groups of these names anywhere in the hierarchy the host has mounted, but for what payloads made below theirs.</summary>
    public static IEnumerable<string> Find(Func<string, bool> named)
    {
        if (CgroupReader.MountPoint(CgroupReader.Layout()) is not string mount)
        {
            return [];
        }

        using SafeFileHandle root = Descriptors.Open(mount, OpenMode.Read | OpenMode.Directory);
        List<string> found = [];
        FindBelow(root, "", named, found);
        return found;
    }

    private static void FindBelow(SafeFileHandle group, string path, Func<string, bool> named, List<string> found)
    {
        foreach (string name in DirectoryListing.Of(group, path, directoriesOnly: true))
        {
            if (named(name))
            {
                found.Add($"{path}/{name}");
            }
            else if (!name.StartsWith(RunPaths.CgroupPrefix, StringComparison.Ordinal)
                && Descriptors.TryOpenAt(group, name, OpenMode.Read | OpenMode.Directory, out _) is SafeFileHandle child)
            {
                using (child)
                {
                    FindBelow(child, $"{path}/{name}", named, found);
                }
            }
        }
    }

    private static void Empty(SafeFileHandle group)
    {
        using SafeFileHandle events = Cgroups.Open(group, "cgroup.events", OpenMode.Read);
        if (!IsPopulated(events))
        {
            return;
        }

        using (SafeFileHandle kill = Cgroups.Open(group, "cgroup.kill", OpenMode.Write))
        {
            Descriptors.Write(kill, "1"u8, "cgroup.kill");
        }

        long patience = Environment.TickCount64 + EmptyingMilliseconds;
        while (IsPopulated(events) && Environment.TickCount64 < patience)
        {
            Span<PollEntry> wait = [PollEntry.For(events, PollEvents.Priority)];
            _ = Poll.Wait(wait, EmptyingMilliseconds);
        }
    }

    private static bool IsPopulated(SafeFileHandle events)
    {
        try
        {
            Descriptors.Rewind(events);
            return Descriptors.ReadAll(events, 4096, "cgroup.events").AsSpan().IndexOf("populated 1"u8) >= 0;
        }
        catch (SyscallException gone) when (gone.Errno == Errno.ENODEV)
        {
            return false; // somebody else has removed it meanwhile
        }
    }

    // Where the host has mounted it, that mount: another one made from here would change the options of all of them.
    public static SafeFileHandle OpenHierarchy() =>
        CgroupReader.MountPoint(CgroupReader.Layout()) is string mount
            ? Descriptors.Open(mount, OpenMode.Path | OpenMode.Directory)
            : Mounts.Create("cgroup2", "", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec);

    private static void Write(SafeFileHandle directory, string name, string value)
    {
        using SafeFileHandle file = Cgroups.Open(directory, name, OpenMode.Write);
        Descriptors.Write(file, System.Text.Encoding.ASCII.GetBytes(value), name);
    }

    private static string Invariant(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
