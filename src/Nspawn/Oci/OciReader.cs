using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>Reads OCI images and bundles; what is wrong with one becomes a line that names it.</summary>
internal static class OciReader
{
    private const int LargestConfig = 4 * 1024 * 1024;

    /// <summary>The image that the settings name; null: the tree is none.</summary>
    public static OciImage? ImageOf(Settings settings)
    {
        if (settings is { Image: null, Directory: null })
        {
            return null;
        }

        TreeSource source = ImageSearch.Find(settings);
        return source.IsOci ? Named(source, Read) : null;
    }

    /// <summary>How the image wants to be run.</summary>
    public static RunDefaults? DefaultsOf(OciImage? image, Settings settings) =>
        image is null ? null : Named(ImageSearch.Find(settings), _ => ImageDefaults.Of(image.Execution));

    /// <summary>The layers, open, the uppermost first; unpacked where they are not yet.</summary>
    public static IReadOnlyList<SafeFileHandle> LayersOf(TreeSource source, Settings settings) => Named(source, _ =>
    {
        using LayerCache cache = LayerCache.Open(Environment.GetEnvironmentVariable);
        using OciStore store = OciStore.Open(source);
        OciImage image = settings.Oci ?? new OciSelection(store.Read, source.Tag).Find();
        return cache.Provide(image, store, settings.Quiet);
    });

    /// <summary>The source with its path absolute, every link resolved.</summary>
    public static TreeSource Named(TreeSource source)
    {
        using SafeFileHandle place = Descriptors.TryOpen(source.Path, OpenMode.Path, out Errno errno)
            ?? throw new LaunchException($"cannot open the image {source.Path}: {ErrnoText.Of(errno)}");
        return source with { Path = HostFiles.PathOf(place) };
    }

    /// <summary>The bundle that the settings name; null: they name none.</summary>
    public static OciBundle? BundleOf(Settings settings)
    {
        if (settings.OciBundle is not string path)
        {
            return null;
        }

        using RootDirectory bundle = new(Descriptors.TryOpen(path, OpenMode.Path | OpenMode.Directory, out Errno errno)
            ?? throw new LaunchException($"cannot use the bundle {path}: {ErrnoText.Of(errno)}"));
        try
        {
            byte[] content = bundle.ReadFile("/" + OciBundle.ConfigName, LargestConfig + 1)
                ?? throw new OciException($"there is no {OciBundle.ConfigName} in it");
            return content.Length <= LargestConfig ? OciBundle.Parse(content, path) : throw new OciException($"its {OciBundle.ConfigName} is too large");
        }
        catch (OciException failure)
        {
            throw new LaunchException($"cannot use the bundle {path}: {failure.Message}");
        }
    }

    private static OciImage Read(TreeSource source)
    {
        using OciStore store = OciStore.Open(source);
        return new OciSelection(store.Read, source.Tag).Find();
    }

    private static T Named<T>(TreeSource source, Func<TreeSource, T> read)
    {
        try
        {
            return read(source);
        }
        catch (Exception failure) when (failure is OciException or TarException or IOException)
        {
            throw new LaunchException($"cannot use the image {source.Path}: {failure.Message}");
        }
    }
}
