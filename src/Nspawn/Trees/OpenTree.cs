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
        Identity = FileStatus.Of(root, source.Path);
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
    public bool IsDetached { get; private set; }

    /// <summary>What is written to it goes to a layer of this run.</summary>
    public bool HasLayer { get; private set; }

    /// <summary>The root directory it was opened with: what tells this tree from every other, with a layer or without.</summary>
    public FileStatus Identity { get; }

    /// <summary>The disk image it is in; null: it is in none.</summary>
    public ImageFacts? Image { get; private init; }

    /// <summary>The directories that it is made of, the uppermost first; null: it is one of its own.</summary>
    public IReadOnlyList<SafeFileHandle>? Layers { get; private init; }

    /// <summary>Opens the tree that the settings name, to boot it.</summary>
    /// <param name="settings">What was asked.</param>
    /// <param name="beforeMounting">
    /// Called with an image that was found, and what it is, before anything of it is mounted; the journal is for what that
    /// makes on the host.
    /// </param>
    public static OpenTree Of(Settings settings, Func<TreeSource, ImageFacts, UndoJournal?> beforeMounting) => Of(settings, beforeMounting, toLook: false);

    /// <summary>Opens it only to look at it: nothing is made or written.</summary>
    public static OpenTree ToLook(Settings settings) => Of(settings, (_, _) => null, toLook: true);

    /// <summary>Where the tree is that the settings name, with every link resolved; nothing of it is mounted.</summary>
    public static TreeSource SourceOf(Settings settings)
    {
        TreeSource source = ImageSearch.Find(settings);
        if (source.Kind == TreeKind.Directory)
        {
            using OpenTree tree = OfDirectory(source);
            return tree.Source;
        }

        if (source.IsOci)
        {
            return OciReader.Named(source);
        }

        using ImageTree image = ImageTree.Open(source, settings);
        return source with { Path = image.Path };
    }

    private static OpenTree Of(Settings settings, Func<TreeSource, ImageFacts, UndoJournal?> beforeMounting, bool toLook)
    {
        if (ManagedEntry.Tree is (SafeFileHandle mount, string path))
        {
            return new OpenTree(new TreeSource(TreeKind.Directory, path, ReadOnly: false), Descriptors.Duplicate(mount), isDetached: true);
        }

        TreeSource source = ImageSearch.Find(settings);
        return source.Kind switch
        {
            TreeKind.Image => OfImage(source, settings, beforeMounting, toLook),
            TreeKind.OciLayout or TreeKind.OciArchive => OfLayers(OciReader.Named(source), settings),
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
            mount = Mounts.Clone(place, recursive: Source.Path != "/", Source.Path);
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
        if (!IsDetached && Source.Path == "/")
        {
            HostRoot.AttachParts(mount, place, owners);
        }

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

    /// <summary>It is a subvolume, with nothing of another in it, beside which a snapshot can be.</summary>
    public bool CanBeSnapshot
    {
        get
        {
            if (IsDetached || Source.Path == "/" || !Subvolume.IsWhole(Root.Handle) || SubMounts.Below(Source.Path).Count > 0)
            {
                return false;
            }

            string parent = RootDirectory.Split(Source.Path).Parent;
            using SafeFileHandle? above = Descriptors.TryOpen(parent, OpenMode.Path | OpenMode.Directory, out _);
            return above is not null && FileStatus.Of(above, Source.Path).MountId == FileStatus.Of(Root.Handle, Source.Path).MountId
                && !HostAccess.IsReadOnly(parent);
        }
    }

    /// <summary>Where its snapshot is; null: there is none.</summary>
    public string? Snapshot { get; private set; }

    /// <summary>Makes a snapshot of it, which it is from now on.</summary>
    public void TakeSnapshot(string path)
    {
        (string above, string name) = RootDirectory.Split(path);
        using SafeFileHandle parent = Descriptors.Open(above, OpenMode.Path | OpenMode.Directory);
        Subvolume.Snapshot(Root.Handle, parent, name, path);
        using SafeFileHandle made = Descriptors.TryOpenAt(parent, name, OpenMode.Path | OpenMode.Directory | OpenMode.NoFollow, out Errno errno)
            ?? throw new SyscallException("openat", errno, path);
        Snapshot = path;
        Keep(made);
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

    /// <summary>
    /// From now on, and for the next boots, the tree is what is attached there: itself with a layer for what is written.
    /// </summary>
    public void Keep(SafeFileHandle mount)
    {
        SafeFileHandle copy = Mounts.Clone(mount, recursive: true, Source.Path);
        Root.Dispose();
        Root = new RootDirectory(copy);
        IsDetached = HasLayer = true;
    }

    public void Dispose()
    {
        Root.Dispose();
        foreach (SafeFileHandle layer in Layers ?? [])
        {
            layer.Dispose();
        }
    }

    // To be read: what is written goes to a layer of the run's, put on the same directories.
    private static OpenTree OfLayers(TreeSource source, Settings settings)
    {
        IReadOnlyList<SafeFileHandle> layers = OciReader.LayersOf(source, settings);
        SafeFileHandle root = layers.Count == 1
            ? Mounts.Clone(layers[0], recursive: false, source.Path)
            : Mounts.CreateOverlay(layers, null, null, "", MountFlags.ReadOnly);
        Mounts.SetFlags(root, MountFlags.ReadOnly, recursive: false, source.Path);
        return new OpenTree(source, root, isDetached: true) { Layers = layers };
    }

    // All at once, or the tree's own file system and then each that is mounted in it, as far as they can.
    private SafeFileHandle Map(SafeFileHandle mount, SafeFileHandle place, SafeFileHandle owners, List<string> apart)
    {
        if (TryMap(mount, owners, recursive: true, Source.Path))
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
            if (TryMap(mount, owners, recursive: false, Source.Path))
            {
                return mount;
            }
        }

        throw MappingRefused.Of(Source.Path, mount);
    }

    /// <summary>Shows a detached mount with other owners; false: its file system cannot.</summary>
    internal static bool TryMap(SafeFileHandle mount, SafeFileHandle owners, bool recursive, string subject)
    {
        try
        {
            Mounts.SetIdMap(mount, owners, recursive, subject);
            return true;
        }
        catch (SyscallException failure) when (failure.Errno is Errno.EINVAL or Errno.EPERM or Errno.EOPNOTSUPP or Errno.ENOSYS)
        {
            return false;
        }
    }

    private static OpenTree OfImage(TreeSource source, Settings settings, Func<TreeSource, ImageFacts, UndoJournal?> beforeMounting, bool toLook)
    {
        using ImageTree image = ImageTree.Open(source, settings);
        TreeSource found = source with { Path = image.Path };
        UndoJournal? journal = beforeMounting(found, image.Facts);
        // Even to look into what is encrypted a device is made on the host.
        using UndoJournal? ofLook = toLook && image.Facts.Layout.Mounts.Any(mount => mount.Encrypted) ? new UndoJournal() : null;
        SafeFileHandle root = image.Mount(toLook, journal ?? ofLook);
        return new OpenTree(found with { ReadOnly = image.Facts.HasReadOnlyRoot }, root, isDetached: true) { Image = image.Facts };
    }

    private static OpenTree OfDirectory(TreeSource source)
    {
        SafeFileHandle root = TreeReader.Open(source.Path);
        // What was given may hang on the working directory, which a boot changes, or on a link.
        return new OpenTree(source with { Path = HostFiles.PathOf(root) }, root, isDetached: false);
    }
}
