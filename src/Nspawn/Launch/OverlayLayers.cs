using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// What an overlay of the user's is made of, open, with the owners it is to be shown with. A layer that is shown with other
/// owners is a mount of its own, attached for as long as this lives: before Linux 6.15 only such a one can be a layer.
/// </summary>
internal sealed class OverlayLayers : IDisposable
{
    private readonly RootDirectory _tree;
    private readonly IdMaps _maps;
    private readonly MountOverlay _step;
    private readonly List<SafeFileHandle> _attached = [];

    public OverlayLayers(MountOverlay step, RootDirectory tree, IdMaps maps)
    {
        (_step, _tree, _maps) = (step, tree, maps);
        Lowers = [.. step.Lowers.Reverse().Select(Open)]; // the kernel wants the uppermost first
        if (step is { Upper: { } upper, Work: { } work })
        {
            (Upper, Work) = OpenWritten(upper, work);
        }
    }

    public IReadOnlyList<SafeFileHandle> Lowers { get; }

    public SafeFileHandle? Upper { get; }

    public SafeFileHandle? Work { get; }

    /// <summary>The overlay has copies of its own by now.</summary>
    public void Dispose()
    {
        foreach (SafeFileHandle? layer in (SafeFileHandle?[])[.. Lowers, Upper, Work])
        {
            layer?.Dispose();
        }

        for (int last = _attached.Count - 1; last >= 0; last--)
        {
            Mounts.Detach(_attached[last], _step.Target);
            _attached[last].Dispose();
        }
    }

    private SafeFileHandle Open(MountSource source)
    {
        SafeFileHandle directory = AsItIs(source);
        if (Map(source) is not IdMapping map || TryShow(directory, map, source.Path) is not SafeFileHandle shown)
        {
            return directory;
        }

        directory.Dispose();
        return Descriptors.Duplicate(shown);
    }

    // The kernel wants both on one mount: that of the directory they are in.
    private (SafeFileHandle Upper, SafeFileHandle Work) OpenWritten(MountSource upper, MountSource work)
    {
        (string above, string name) = RootDirectory.Split(upper.Path);
        if (Map(upper) is IdMapping map)
        {
            using SafeFileHandle parent = Descriptors.Open(above, OpenMode.Path | OpenMode.Directory);
            if (TryShow(parent, map, upper.Path) is SafeFileHandle shown)
            {
                return (OpenIn(shown, name, upper.Path), OpenIn(shown, RootDirectory.Split(work.Path).Name, work.Path));
            }
        }

        return (AsItIs(upper), AsItIs(work));
    }

    private static SafeFileHandle OpenIn(SafeFileHandle directory, string name, string path) =>
        Descriptors.TryOpenAt(directory, name, OpenMode.Path | OpenMode.Directory, out Errno errno) ?? throw new SyscallException("openat", errno, path);

    private SafeFileHandle AsItIs(MountSource source) => source.InTree
        ? _tree.Open(source.Path, OpenMode.Path | OpenMode.Directory)
        : Descriptors.Open(source.Path, OpenMode.Path | OpenMode.Directory);

    private IdMapping? Map(MountSource source) => source.InTree ? null : _step.Maps?.GetValueOrDefault(source.Path);

    private SafeFileHandle? TryShow(SafeFileHandle directory, IdMapping map, string path)
    {
        SafeFileHandle clone = Mounts.Clone(directory, recursive: false, path);
        if (!OpenTree.TryMap(clone, _maps.Of(map), recursive: false, path))
        {
            Complain.Line($"{_step.Reason}{path}: its file system, {FileSystems.TypeOf(clone)}, cannot show other owners than are on disk: its files are nobody's in the container");
            clone.Dispose();
            return null;
        }

        using SafeFileHandle place = Descriptors.Open("/", OpenMode.Path | OpenMode.Directory);
        Mounts.Attach(clone, place, path);
        _attached.Add(clone);
        return clone;
    }
}
