using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// The container's tree, open from the first look at it to the end of its last boot: what facts are read from is what
/// boots, and what one boot writes the next one finds.
/// </summary>
internal sealed class OpenTree : IDisposable
{
    private IdMapping? _mapping;

    private OpenTree(TreeSource source, SafeFileHandle root, bool isDetached)
    {
        Source = source;
        Root = new RootDirectory(root);
        IsDetached = isDetached;
    }

    /// <summary>Where it came from. Its path is absolute, with every link resolved.</summary>
    public TreeSource Source { get; }

    /// <summary>Its root directory, in which every path is resolved.</summary>
    public RootDirectory Root { get; private set; }

    /// <summary>
    /// It is a mount of its own, with those below it, attached nowhere: no path of the host leads into it, and it is
    /// gone with the descriptor. Otherwise it is a directory of the host.
    /// </summary>
    public bool IsDetached { get; }

    /// <summary>Opens the tree that the settings name.</summary>
    public static OpenTree Of(Settings settings)
    {
        TreeSource source = ImageSearch.Find(settings);
        return source.Kind switch
        {
            _ => OfDirectory(source),
        };
    }

    /// <summary>
    /// Attaches it where <paramref name="place"/> is open, in the calling thread's mount namespace; a detached one moves
    /// there, and a copy of it is kept for the next boot.
    /// </summary>
    /// <param name="place">Where.</param>
    /// <param name="owners">The user namespace whose mapping its files' owners are shown by; null: as on disk.</param>
    /// <param name="mapping">That mapping.</param>
    /// <exception cref="MappingRefused">A file system of the tree cannot show other owners than are on disk.</exception>
    public SafeFileHandle Attach(SafeFileHandle place, SafeFileHandle? owners = null, IdMapping? mapping = null)
    {
        SafeFileHandle mount = Root.Handle;
        if (!IsDetached)
        {
            mount = Mounts.Clone(place, recursive: true, Source.Path);
        }

        // Of an overlay the layers have to be mapped, before it is mounted: not the mount itself.
        List<string> apart = [];
        if (owners is not null && (_mapping is null || !IsDetached))
        {
            mount = Map(mount, place, owners, apart);
            _mapping = mapping;
        }

        Mounts.SetPropagation(mount, Propagation.Private, recursive: true, Source.Path);
        Mounts.Attach(mount, place, Source.Path);
        if (apart.Count > 0)
        {
            SubMounts.Attach(apart, place, mount, owners!);
        }

        if (IsDetached)
        {
            // Of the attached one: before Linux 6.15 a detached mount could not be copied itself.
            Root = new RootDirectory(Mounts.Clone(mount, recursive: true, Source.Path));
        }

        return mount;
    }

    /// <summary>Whom its root directory belongs to on disk.</summary>
    public TreeOwner Owner
    {
        get
        {
            FileStatus status = FileStatus.Of(Root.Handle, Source.Path);
            return OnDisk(new TreeOwner(status.Uid, status.Gid));
        }
    }

    /// <summary>Whom something belongs to on disk, by what its root shows: after the first boot that may be mapped.</summary>
    public TreeOwner OnDisk(TreeOwner shown) => IsDetached && _mapping is { Uids: [var one, ..] }
        ? new TreeOwner(shown.Uid - one.Outside + one.Inside, shown.Gid - one.Outside + one.Inside)
        : shown;

    public void Dispose() => Root.Dispose();

    // All at once, or the tree's own file system and then each that is mounted in it, as far as they can.
    private SafeFileHandle Map(SafeFileHandle mount, SafeFileHandle place, SafeFileHandle owners, List<string> apart)
    {
        if (TryMap(mount, owners, recursive: true))
        {
            return mount;
        }

        if (!IsDetached)
        {
            apart.AddRange(SubMounts.Below(Source.Path));
        }

        if (apart.Count > 0)
        {
            mount.Dispose();
            mount = Mounts.Clone(place, recursive: false, Source.Path);
            if (TryMap(mount, owners, recursive: false))
            {
                return mount;
            }
        }

        throw new MappingRefused(
            $"--private-users-ownership=map: the file system of {Source.Path}, {FileSystems.TypeOf(mount)}, cannot show other owners than are on disk; use --private-users-ownership=chown");
    }

    private bool TryMap(SafeFileHandle mount, SafeFileHandle owners, bool recursive)
    {
        try
        {
            Mounts.SetIdMap(mount, owners, recursive, Source.Path);
            return true;
        }
        catch (SyscallException failure) when (failure.Errno is Errno.EINVAL or Errno.EPERM or Errno.EOPNOTSUPP or Errno.ENOSYS)
        {
            return false;
        }
    }

    private static OpenTree OfDirectory(TreeSource source)
    {
        SafeFileHandle root = TreeReader.Open(source.Path);
        // What was given may hang on the working directory, which a boot changes, or on a link.
        return new OpenTree(source with { Path = HostFiles.PathOf(root) }, root, isDetached: false);
    }
}
