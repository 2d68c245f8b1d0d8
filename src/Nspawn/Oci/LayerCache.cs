using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// The layers of images, each unpacked once, in a directory named by the hash of its archive. A layer grows under another name
/// and gets its own when it is complete, checked and on the disk. Nobody but root comes near them: they hold
/// set-user-ID programs of whoever made the image.
/// </summary>
internal sealed class LayerCache : IDisposable
{
    private const string DefaultPlace = "/var/cache/nspawn";
    private const string PlaceVariable = "NSPAWN_CACHE";
    private const string Growing = ".#";
    private const uint OnlyRoot = 0x1c0; // 0700
    private const uint OthersWrite = 0x12, OthersEnter = 0x3f; // 0022, 0077

    private readonly SafeFileHandle _directory;
    private readonly string _path;

    private LayerCache(SafeFileHandle directory, string path) => (_directory, _path) = (directory, path);

    /// <summary>Opens the cache, made where it is missing.</summary>
    public static LayerCache Open(Func<string, string?> environment)
    {
        if (Processes.EffectiveUid != 0)
        {
            throw new LaunchException("must be started as root: run it with sudo");
        }

        string place = environment(PlaceVariable) is { Length: > 0 } asked ? asked : DefaultPlace;
        if (!place.StartsWith('/'))
        {
            throw new LaunchException($"${PlaceVariable}={place}: expected an absolute path");
        }

        Processes.SetUmask(0); // the modes are meant
        string path = $"{place.TrimEnd('/')}/layers";
        (string above, string name) = RootDirectory.Split(place.TrimEnd('/'));
        try
        {
            using SafeFileHandle parent = Descriptors.Open(above, OpenMode.Path | OpenMode.Directory);
            using SafeFileHandle top = OpenOrMake(parent, name, place, OthersWrite);
            return new LayerCache(OpenOrMake(top, "layers", path, OthersWrite | OthersEnter), path);
        }
        catch (SyscallException failure)
        {
            throw new LaunchException($"cannot keep the layers of images in {path}: {failure.Reason}; ${PlaceVariable} may name another directory");
        }
    }

    /// <summary>The layers of an image, unpacked where they are not yet; the uppermost first, as an overlay takes them.</summary>
    /// <param name="image">What it is made of.</param>
    /// <param name="store">Where it is.</param>
    /// <param name="quiet">Do not say how far it is.</param>
    /// <exception cref="OciException">A layer cannot be had.</exception>
    public IReadOnlyList<SafeFileHandle> Provide(OciImage image, OciStore store, bool quiet)
    {
        if (image.Layers.Any(layer => !Has(layer)))
        {
            // One at a time: whoever waited finds most of it made. What an earlier one left, whose janitor was killed too, goes.
            Descriptors.Lock(_directory, _path);
            RemoveStale();
            for (int i = 0; i < image.Layers.Length; i++)
            {
                if (!Has(image.Layers[i]))
                {
                    Unpack(image.Layers[i], store, $"layer {i + 1} of {image.Layers.Length}", quiet);
                }
            }

            Descriptors.Unlock(_directory);
        }

        // Twice the same one is as good as the upper of them, and an overlay takes none twice.
        return [.. image.Layers.Reverse().DistinctBy(layer => layer.DiffId)
            .Select(layer => TryOpen(layer) ?? throw new OciException($"its layer sha256:{layer.DiffId} was removed from {_path} meanwhile"))];
    }

    public void Dispose() => _directory.Dispose();

    private static SafeFileHandle OpenOrMake(SafeFileHandle parent, string name, string subject, uint forbidden)
    {
        _ = FileSystems.MakeDirectory(parent, name, OnlyRoot, subject);
        SafeFileHandle directory = Descriptors.TryOpenAt(parent, name, OpenMode.Read | OpenMode.Directory, out Errno errno) ?? throw new SyscallException("openat", errno, subject);
        FileStatus status = FileStatus.Of(directory, subject);
        return status is { Uid: 0 } && (status.Permissions & forbidden) == 0 ? directory
            : throw new LaunchException($"cannot keep the layers of images in {subject}: it is not root's alone; chown it to root and chmod it to 0700");
    }

    private static string NameOf(OciLayer layer) => $"sha256-{layer.DiffId}";

    private SafeFileHandle? TryOpen(OciLayer layer) =>
        Descriptors.TryOpenAt(_directory, NameOf(layer), OpenMode.Path | OpenMode.Directory, out _);

    private bool Has(OciLayer layer)
    {
        using SafeFileHandle? directory = TryOpen(layer);
        return directory is not null;
    }

    private void RemoveStale()
    {
        foreach (string name in DirectoryListing.Of(_directory, _path).Where(name => name.StartsWith(Growing, StringComparison.Ordinal)))
        {
            _ = TreeRemoval.Remove(_directory, name, $"{_path}/{name}");
        }

        Descriptors.Rewind(_directory);
    }

    private void Unpack(OciLayer layer, OciStore store, string what, bool quiet)
    {
        string growing = Growing + Guid.NewGuid().ToString("N");
        using UndoJournal undo = new();
        undo.Record(new UndoStep.RemoveTree($"{_path}/{growing}"));
        try
        {
            using Stream file = store.Open(layer.Name) ?? throw new OciException("it is missing");
            _ = FileSystems.MakeDirectory(_directory, growing, OnlyRoot, _path);
            using SafeFileHandle above = Descriptors.TryOpenAt(_directory, growing, OpenMode.Read | OpenMode.Directory, out Errno errno) ?? throw new SyscallException("openat", errno, _path);
            _ = FileSystems.MakeDirectory(above, "tree", 0x1ed /* 0755 */, _path);
            using SafeFileHandle tree = Descriptors.TryOpenAt(above, "tree", OpenMode.Read | OpenMode.Directory, out errno) ?? throw new SyscallException("openat", errno, _path);
            using UnpackProgress progress = new(what, quiet);
            using LayerContent content = new(layer, file);
            using LayerUnpacker unpacker = new(tree, () => progress.Show(content.Archive.Count));
            unpacker.Unpack(new TarReader(content.Archive));
            content.Verify();
            TreeWriter.Sync(tree, _path);
            FileSystems.Move(above, "tree", _directory, NameOf(layer), _path);
        }
        catch (Exception failure) when (failure is OciException or TarException)
        {
            throw new OciException($"{what}: {failure.Message}");
        }
        catch (Exception failure) when (failure is InvalidDataException or ZstdSharp.ZstdException or IOException)
        {
            throw new OciException($"{what}: it is not compressed as it should be, or cut off");
        }
        catch (SyscallException failure)
        {
            throw new OciException($"{what}: cannot unpack it in {_path}: {failure.Subject}: {failure.Reason}");
        }
    }

    /// <summary>A line on the terminal that tells how far it is, when it takes longer than a moment.</summary>
    private sealed class UnpackProgress(string what, bool quiet) : IDisposable
    {
        private const int Interval = 250;

        private readonly bool _isShown = !quiet && Processes.IsTerminal(StandardDescriptors.Error);
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private long _next = Interval;

        public void Show(long bytes)
        {
            if (_isShown && _clock.ElapsedMilliseconds >= _next)
            {
                _next = _clock.ElapsedMilliseconds + Interval;
                Write(string.Create(CultureInfo.InvariantCulture, $"\runpacking {what}: {bytes >> 20} MiB\e[K"));
            }
        }

        public void Dispose()
        {
            if (_next > Interval)
            {
                Write("\r\e[K");
            }
        }

        private static void Write(string text) => Descriptors.Write(
            StandardDescriptors.Borrow(StandardDescriptors.Error), Encoding.UTF8.GetBytes(text), "standard error");
    }
}
