using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>Directories of a cgroup file system, of either version.</summary>
internal static class Cgroups
{
    public static SafeFileHandle Open(SafeFileHandle directory, string name, OpenMode mode) =>
        Descriptors.TryOpenAt(directory, name, mode, out Errno errno)
        ?? throw new SyscallException("openat", errno, name);

    // As the kernel's documentation has it, with what systemd adds: limits of the group itself are not among them.
    private static readonly string[] s_delegated =
    [
        "cgroup.controllers", "cgroup.events", "cgroup.procs", "cgroup.stat", "cgroup.subtree_control", "cgroup.threads",
        "memory.oom.group", "memory.reclaim", "cgroup.clone_children", "notify_on_release", "tasks",
    ];

    /// <summary>Gives a group to the container's root: groups below it, and its processes among them; cgroups(7), delegation.</summary>
    public static void Delegate(SafeFileHandle group, uint owner, string subject)
    {
        if (owner == 0)
        {
            return; // made by root just now
        }

        FileSystems.Own(group, owner, subject);
        foreach (string name in s_delegated)
        {
            // Which of them there are depends on the version, the kernel and the controllers.
            using SafeFileHandle? file = Descriptors.TryOpenAt(group, name, OpenMode.Path, out _);
            if (file is not null)
            {
                FileSystems.Own(file, owner, name);
            }
        }
    }

    /// <summary>
    /// Removes a group with all below it, after <paramref name="empty"/> has seen to its processes; one that is not
    /// there is no error.
    /// </summary>
    public static void Remove(SafeFileHandle root, string path, Action<SafeFileHandle>? empty = null)
    {
        (string above, string name) = RootDirectory.Split("." + path);
        using SafeFileHandle? parent = Descriptors.TryOpenAt(root, above, OpenMode.Path | OpenMode.Directory, out _);
        using SafeFileHandle? group = parent is null
            ? null
            : Descriptors.TryOpenAt(parent, name, OpenMode.Read | OpenMode.Directory, out _);
        if (parent is null || group is null)
        {
            return;
        }

        empty?.Invoke(group);
        RemoveBelow(group, name);
        _ = FileSystems.Unlink(parent, name, directory: true, path);
    }

    // One descriptor at a time: where cgroup namespaces do not delegate, a payload may lift the limit of the depth.
    private static void RemoveBelow(SafeFileHandle group, string subject)
    {
        Stack<(string Name, Queue<string> Left)> way = [];
        SafeFileHandle at = Descriptors.Duplicate(group);
        try
        {
            Queue<string> left = new(DirectoryListing.Of(at, subject, directoriesOnly: true));
            while (way.Count > 0 || left.Count > 0)
            {
                bool down = left.TryDequeue(out string? name);
                SafeFileHandle next = Open(at, down ? name! : "..", OpenMode.Read | OpenMode.Directory);
                at.Dispose();
                at = next;
                if (down)
                {
                    way.Push((name!, left));
                    left = new(DirectoryListing.Of(at, name!, directoriesOnly: true));
                }
                else
                {
                    (string empty, left) = way.Pop();
                    _ = FileSystems.Unlink(at, empty, directory: true, $"{subject}/…/{empty}");
                }
            }
        }
        finally
        {
            at.Dispose();
        }
    }
}
