using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

// What takes the tree's place as the root.
internal sealed partial class TreeBuilder
{
    private void DoAddLayer(AddLayer layer)
    {
        using SafeFileHandle place = OpenThreadRoot();
        Become(UpperLayer.On(Tree.Handle, layer, facts.Image is not null, place, facts.Path, layer.Kept ? openTree.Layers : null));
        if (layer.Kept)
        {
            openTree.Keep(Tree.Handle);
        }
    }

    private void DoPivot(PivotTree pivot)
    {
        using SafeFileHandle directory = Tree.Open(pivot.New, OpenMode.Path | OpenMode.Directory);
        SafeFileHandle root = Mounts.Clone(directory, recursive: true, pivot.New);
        using SafeFileHandle? old = pivot.Old is null ? null : Mounts.Clone(Tree.Handle, recursive: true, facts.Path);
        Replace(root, pivot.New);
        if (old is not null)
        {
            using SafeFileHandle place = Tree.TryOpen(pivot.Old!, OpenMode.Path | OpenMode.Directory, out Errno errno)
                ?? throw new LaunchException($"cannot put the tree at {pivot.Old} of {pivot.New} ({pivot.Reason}): {ErrnoText.Of(errno)}; make that directory first");
            Mounts.Attach(old, place, pivot.Old!);
        }
    }

    private void DoKeepUsr(KeepUsrOnly keep)
    {
        const string Usr = "/usr";
        using SafeFileHandle directory = Tree.Open(Usr, OpenMode.Path | OpenMode.Directory | OpenMode.NoFollow);
        using SafeFileHandle usr = Mounts.Clone(directory, recursive: true, Usr);
        Mounts.SetFlags(usr, MountFlags.ReadOnly, recursive: true, Usr);
        Replace(Mounts.Create("tmpfs", keep.Options, MountFlags.StrictAtime), "/");
        using SafeFileHandle place = Tree.OpenOrMakeDirectory(Usr, DirectoryMode);
        Mounts.Attach(usr, place, Usr);
    }

    private void DoMountOverlay(MountOverlay overlay)
    {
        SafeFileHandle mount;
        using (OverlayLayers layers = new(overlay, Tree, _maps))
        {
            MountFlags flags = layers.Upper is null ? MountFlags.ReadOnly : MountFlags.None;
            mount = Mounts.CreateOverlay(layers.Lowers, layers.Upper, layers.Work, "", flags);
        }

        if (overlay.Target == "/")
        {
            Replace(mount, "/");
            return;
        }

        using (mount)
        using (SafeFileHandle place = Tree.OpenOrMakeDirectory(overlay.Target, DirectoryMode))
        {
            Mounts.Attach(mount, place, overlay.Target);
        }
    }

    /// <summary>Attaches the mount in the tree's place.</summary>
    private void Replace(SafeFileHandle root, string subject)
    {
        using SafeFileHandle place = OpenThreadRoot();
        // Beneath the new root nothing but the host's may be left, for that is all that goes when the root is switched.
        Mounts.Detach(Tree.Handle, facts.Path);
        Mounts.SetPropagation(root, Propagation.Private, recursive: true, subject);
        Mounts.Attach(root, place, subject);
        Become(root);
    }

    private void Become(SafeFileHandle root)
    {
        _tree!.Dispose();
        _tree = new RootDirectory(root);
    }

    private static SafeFileHandle OpenThreadRoot() => Descriptors.Open("/", OpenMode.Path | OpenMode.Directory);
}
