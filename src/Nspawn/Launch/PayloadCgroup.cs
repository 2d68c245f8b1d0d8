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

    private PayloadCgroup(SafeFileHandle directory)
    {
        Directory = directory;
        _kill = Cgroups.Open(directory, "cgroup.kill", OpenMode.Write);
    }

    /// <summary>For CLONE_INTO_CGROUP.</summary>
    public SafeFileHandle Directory { get; }

    /// <summary>Makes the group below the launcher's own.</summary>
    public static PayloadCgroup Create(MakeCgroup step, UndoJournal undo)
    {
        string path = $"{CgroupReader.OwnGroup()}/{step.Name}";
        using SafeFileHandle root = OpenHierarchy();
        using SafeFileHandle parent = Cgroups.Open(root, "." + CgroupReader.OwnGroup(), OpenMode.Path | OpenMode.Directory);
        undo.Record(new UndoStep.RemoveCgroup(path));
        if (!FileSystems.MakeDirectory(parent, step.Name, 0x1ed /* 0755 */, path))
        {
            throw new SyscallException("mkdirat", Errno.EEXIST, path);
        }

        SafeFileHandle directory = Cgroups.Open(parent, step.Name, OpenMode.Read | OpenMode.Directory);
        using (SafeFileHandle depth = Cgroups.Open(directory, "cgroup.max.depth", OpenMode.Write))
        {
            Descriptors.Write(depth, System.Text.Encoding.ASCII.GetBytes(MaximumDepth), "cgroup.max.depth");
        }

        Bpf.RestrictDevices(directory, DeviceProgram.Compile(step.Devices.AsSpan()).AsSpan());
        return new PayloadCgroup(directory);
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
        Descriptors.Rewind(events);
        return Descriptors.ReadAll(events, 4096, "cgroup.events").AsSpan().IndexOf("populated 1"u8) >= 0;
    }

    // Where the host has mounted it, that mount: another one made from here would change the options of all of them.
    private static SafeFileHandle OpenHierarchy() =>
        CgroupReader.MountPoint(CgroupReader.Layout()) is string mount
            ? Descriptors.Open(mount, OpenMode.Path | OpenMode.Directory)
            : Mounts.Create("cgroup2", "", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec);
}
