using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The container's tree, open from the first look at it to the end of its last boot: what facts are read from is what
/// boots, and what one boot writes the next one finds.
/// </summary>
internal sealed class OpenTree : IDisposable
{
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

    /// <summary>Opens the tree that the settings name, to boot it.</summary>
    /// <param name="settings">What was asked.</param>
    /// <param name="beforeMounting">Called with an image that was found, and what it is, before anything of it is mounted.</param>
    public static OpenTree Of(Settings settings, Action<TreeSource, ImageFacts> beforeMounting) => Of(settings, beforeMounting, toLook: false);

    /// <summary>Opens it only to look at it: nothing is made or written.</summary>
    public static OpenTree ToLook(Settings settings) => Of(settings, (_, _) => { }, toLook: true);

    /// <summary>Where the tree is that the settings name, with every link resolved; nothing of it is mounted.</summary>
    public static TreeSource SourceOf(Settings settings)
    {
        TreeSource source = ImageSearch.Find(settings);
        if (source.Kind == TreeKind.Directory)
        {
            using OpenTree tree = OfDirectory(source);
            return tree.Source;
        }

        using ImageTree image = ImageTree.Open(source, settings);
        return source with { Path = image.Path };
    }

    private static OpenTree Of(Settings settings, Action<TreeSource, ImageFacts> beforeMounting, bool toLook)
    {
        TreeSource source = ImageSearch.Find(settings);
        return source.Kind switch
        {
            TreeKind.Image => OfImage(source, settings, beforeMounting, toLook),
            _ => OfDirectory(source),
        };
    }

    /// <summary>
    /// Attaches it where <paramref name="place"/> is open, in the calling thread's mount namespace; a detached one moves
    /// there, and a copy of it is kept for the next boot.
    /// </summary>
    public SafeFileHandle Attach(SafeFileHandle place)
    {
        SafeFileHandle mount = Root.Handle;
        if (!IsDetached)
        {
            mount = Mounts.Clone(place, recursive: Source.Path != "/", Source.Path);
        }

        Mounts.SetPropagation(mount, Propagation.Private, recursive: true, Source.Path);
        Mounts.Attach(mount, place, Source.Path);
        if (!IsDetached && Source.Path == "/")
        {
            HostRoot.AttachParts(mount, place);
        }

        if (IsDetached)
        {
            // Of the attached one: before Linux 6.15 a detached mount could not be copied itself.
            Root = new RootDirectory(Mounts.Clone(mount, recursive: true, Source.Path));
        }

        return mount;
    }

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

    public void Dispose() => Root.Dispose();

    private static OpenTree OfImage(TreeSource source, Settings settings, Action<TreeSource, ImageFacts> beforeMounting, bool toLook)
    {
        using ImageTree image = ImageTree.Open(source, settings);
        TreeSource found = source with { Path = image.Path, ReadOnly = image.Facts.HasReadOnlyRoot };
        beforeMounting(found, image.Facts);
        SafeFileHandle root = image.Mount(toLook);
        return new OpenTree(found, root, isDetached: true) { Image = image.Facts };
    }

    private static OpenTree OfDirectory(TreeSource source)
    {
        SafeFileHandle root = TreeReader.Open(source.Path);
        // What was given may hang on the working directory, which a boot changes, or on a link.
        return new OpenTree(source with { Path = HostFiles.PathOf(root) }, root, isDetached: false);
    }
}
