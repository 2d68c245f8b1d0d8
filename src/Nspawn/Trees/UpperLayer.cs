using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// Puts a layer on a tree that takes what is written to it. An overlay shows one file system only, so whatever is
/// mounted in the tree gets a layer of its own, at its place.
/// </summary>
internal sealed class UpperLayer
{
    // There the container has mounts of its own, whatever the tree has.
    private static readonly string[] s_covered = ["/dev", "/proc", "/run", "/sys", "/tmp"];

    private readonly RootDirectory _store;
    private readonly AddLayer _step;
    private int _count;

    private UpperLayer(RootDirectory store, AddLayer step) => (_store, _step) = (store, step);

    /// <summary>The tree with the layer, attached on top of what <paramref name="place"/> is open on.</summary>
    /// <param name="tree">The root of the tree, attached in the calling thread's mount namespace.</param>
    /// <param name="step">Where the layer is kept, and how it is made.</param>
    /// <param name="place">The thread's root.</param>
    /// <param name="name">What the tree is called.</param>
    public static SafeFileHandle On(SafeFileHandle tree, AddLayer step, SafeFileHandle place, string name)
    {
        using RootDirectory store = new(step.HostPath is string path
            ? Descriptors.Open(path, OpenMode.Path | OpenMode.Directory | OpenMode.NoFollow)
            : Mounts.Create("tmpfs", step.Memory, MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec));
        if (step.HostPath is null)
        {
            // Only for the kernel, which wants what an overlay is made of to be somewhere (before Linux 6.15).
            Mounts.Attach(store.Handle, place, "the layer");
        }

        List<MountEntry> table = MountTable.Read();
        ulong id = FileStatus.Of(tree, name).MountId;
        MountFlags flags = table.Find(mount => mount.Id == id)?.Flags ?? MountFlags.None;
        UpperLayer layer = new(store, step);
        SafeFileHandle root = layer.Cover(tree, flags & ~MountFlags.ReadOnly, name);
        List<(string Path, SafeFileHandle Mount)> parts = [.. layer.CoverMounts(tree, table, id)];

        // The overlays have copies of their own of what they are made of. Beneath the new root nothing but the host's
        // may be left, for that is all that goes when the root is switched.
        if (step.HostPath is null)
        {
            Mounts.Detach(store.Handle, "the layer");
        }

        Mounts.Detach(tree, name);
        Mounts.SetPropagation(root, Propagation.Private, recursive: false, name);
        Mounts.Attach(root, place, name);
        Attach(parts, root);
        return root;
    }

    private IEnumerable<(string Path, SafeFileHandle Mount)> CoverMounts(SafeFileHandle tree, List<MountEntry> table, ulong id)
    {
        List<MountEntry> mounts = MountTable.Below(id, table);
        if (mounts.Count == 0)
        {
            yield break;
        }

        string top = table.Find(mount => mount.Id == id)!.Place.TrimEnd('/');
        using RootDirectory root = new(Descriptors.Duplicate(tree));
        foreach (MountEntry mount in mounts)
        {
            string path = mount.Place.StartsWith(top + "/", StringComparison.Ordinal) ? mount.Place[top.Length..] : "/";
            if (path == "/" || s_covered.Any(covered => path == covered || path.StartsWith(covered + "/", StringComparison.Ordinal)))
            {
                continue;
            }

            using SafeFileHandle? source = root.TryOpen(path, OpenMode.Path | OpenMode.NoFollow, out _);
            // Otherwise it is hidden below another.
            if (source is not null && FileStatus.Of(source, path).MountId == mount.Id)
            {
                yield return (path, CoverPart(source, mount.Flags, path));
            }
        }
    }

    private static void Attach(List<(string Path, SafeFileHandle Mount)> parts, SafeFileHandle root)
    {
        using RootDirectory tree = new(Descriptors.Duplicate(root));
        foreach ((string path, SafeFileHandle mount) in parts)
        {
            using (mount)
            using (SafeFileHandle target = tree.Open(path, OpenMode.Path | OpenMode.NoFollow))
            {
                Mounts.SetPropagation(mount, Propagation.Private, recursive: false, path);
                Mounts.Attach(mount, target, path);
            }
        }
    }

    /// <summary>With a layer, or as it is but read-only: a file, what was read-only already, what no overlay can be made of.</summary>
    private SafeFileHandle CoverPart(SafeFileHandle source, MountFlags flags, string path)
    {
        if ((flags & MountFlags.ReadOnly) == 0 && FileStatus.Of(source, path).Type == FileType.Directory)
        {
            try
            {
                return Cover(source, flags, path);
            }
            catch (LaunchException)
            {
                // Nobody can write to it then.
            }
        }

        SafeFileHandle copy = Mounts.Clone(source, recursive: false, path);
        Mounts.SetFlags(copy, MountFlags.ReadOnly, recursive: false, path);
        return copy;
    }

    private SafeFileHandle Cover(SafeFileHandle lower, MountFlags flags, string name)
    {
        string number = (_count++).ToString(CultureInfo.InvariantCulture);
        using SafeFileHandle upper = MakeDirectory($"/{number}/upper", FileStatus.Of(lower, name));
        using SafeFileHandle work = _store.OpenOrMakeDirectory($"/{number}/work", 0x1c0 /* 0700 */);
        try
        {
            return Mounts.CreateOverlay([lower], upper, work, _step.Options, flags);
        }
        catch (SyscallException failure)
        {
            throw new LaunchException($"cannot put a layer on {name}: {failure.Reason}{Remedy(lower, failure.Errno)}");
        }
    }

    // The root directory of an overlay is its upper one: it has to look like the one below.
    private SafeFileHandle MakeDirectory(string path, FileStatus like)
    {
        SafeFileHandle directory = _store.OpenOrMakeDirectory(path, 0x1ed /* 0755 */);
        FileSystems.SetOwner(directory, like.Uid, like.Gid, path);
        FileSystems.SetPermissions(directory, like.Permissions, path);
        return directory;
    }

    private string Remedy(SafeFileHandle lower, Errno errno) => errno switch
    {
        Errno.EINVAL when FileSystems.IsOverlay(lower) => "; it is on overlays itself, and the kernel stacks no more than two: copy it to a directory of another file system",
        Errno.EINVAL when _step.HostPath is string path => $"; the file system of {path} cannot hold it: use --ephemeral=memory, or set TMPDIR to a directory on another",
        Errno.EINVAL => "; its file system cannot be part of an overlay: copy it to another",
        Errno.ENODEV => "; the kernel has no overlay file system (CONFIG_OVERLAY_FS)",
        Errno.ENOSPC or Errno.EDQUOT => "; there is no room for it",
        _ => "",
    };
}
