using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What a tree is kept in.</summary>
public enum TreeKind
{
    Directory,

    /// <summary>A disk image: a file, or a block device.</summary>
    Image,

    /// <summary>A directory in OCI's image layout.</summary>
    OciLayout,

    /// <summary>A tar archive of an OCI image, or of docker's.</summary>
    OciArchive,
}

/// <summary>Where the tree of a launch is on the host.</summary>
/// <param name="Kind">What is there.</param>
/// <param name="Path">As found; links are followed when it is opened.</param>
/// <param name="ReadOnly">An image that nobody is meant to write.</param>
public sealed record TreeSource(TreeKind Kind, string Path, bool ReadOnly)
{
    /// <summary>Which image of several is meant; null: it has but one, or is none of OCI's.</summary>
    public string? Tag { get; init; }

    /// <summary>It is made of layers: whoever writes to it writes to one of the run's own.</summary>
    public bool IsOci => Kind is TreeKind.OciLayout or TreeKind.OciArchive;
}

/// <summary>
/// Finds the tree: the directory or disk image that was named, the image of the machine's name, or the current
/// directory. A machine's image is a directory NAME, a disk image NAME.raw, or the newest version in NAME.v or NAME.raw.v,
/// in one of the places where machinectl(1) keeps them.
/// </summary>
public static class ImageSearch
{
    /// <summary>How the name of a disk image ends.</summary>
    public const string RawSuffix = ".raw";

    private const string VersionedSuffix = ".v";

    public static readonly ImmutableArray<string> Directories =
        ["/etc/machines", "/run/machines", "/var/lib/machines", "/var/lib/container", "/usr/local/lib/machines", "/usr/lib/machines"];

    /// <summary>Where a template is copied to, unless a tree is there.</summary>
    public static string PlaceOf(Settings settings) => settings.Directory ?? $"/var/lib/machines/{settings.Machine}";

    public static TreeSource Find(Settings settings) => Find(settings, Directories);

    internal static TreeSource Find(Settings settings, ImmutableArray<string> directories) => settings switch
    {
        { Image: string path } => OciSearch.Recognise(new TreeSource(TreeKind.Image, Newest(path, TreeKind.Image), ReadOnly: false)),
        { Directory: string path } => OciSearch.Recognise(new TreeSource(TreeKind.Directory, Newest(path, TreeKind.Directory), ReadOnly: false)),
        { Machine: string name } => ByName(name, directories),
        _ => new TreeSource(TreeKind.Directory, ".", ReadOnly: false),
    };

    private static TreeSource ByName(string name, ImmutableArray<string> directories)
    {
        foreach (string directory in directories)
        {
            // In the order machinectl looks: as directory, as disk image, and each as versions of it.
            foreach ((TreeKind kind, string candidate, bool versioned) in ((TreeKind, string, bool)[])
            [
                (TreeKind.Directory, $"{directory}/{name}", false),
                (TreeKind.Image, $"{directory}/{name}{RawSuffix}", false),
                (TreeKind.Directory, $"{directory}/{name}{VersionedSuffix}", true),
                (TreeKind.Image, $"{directory}/{name}{RawSuffix}{VersionedSuffix}", true),
            ])
            {
                if (FileStatus.At(candidate) is FileStatus found && IsA(versioned ? TreeKind.Directory : kind, found))
                {
                    string path = versioned ? Newest(candidate, kind) : candidate;
                    return new TreeSource(kind, path, IsReadOnly(path, kind));
                }
            }
        }

        throw new LaunchException(
            $"no image of the machine {name}: looked for a directory {name} or a disk image {name}{RawSuffix} in {string.Join(", ", directories)}; name its tree with --directory= or --image=");
    }

    private static bool IsA(TreeKind kind, FileStatus found) =>
        kind == TreeKind.Directory ? found.Type == FileType.Directory : found.Type is FileType.Regular or FileType.BlockDevice;

    // The vendor's images below /usr are only started from, as are read-only subvolumes and file systems, and
    // what is marked immutable, and disk images that nobody has the right to write.
    private static bool IsReadOnly(string path, TreeKind kind) =>
        path.StartsWith("/usr/", StringComparison.Ordinal)
        || FileStatus.At(path) is { IsImmutable: true }
        || (kind == TreeKind.Image && FileStatus.At(path) is FileStatus { Permissions: uint mode } && (mode & 0x92 /* 0222 */) == 0)
        || HostAccess.IsReadOnly(path);

    /// <summary>
    /// The newest version in a directory <c>NAME.v</c>, of a disk image in <c>NAME.raw.v</c> as well; any other path as it is.
    /// systemd.v(7).
    /// </summary>
    private static string Newest(string path, TreeKind kind)
    {
        if (!path.EndsWith(VersionedSuffix, StringComparison.Ordinal))
        {
            return path;
        }

        using SafeFileHandle? versions = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.Directory, out _);
        if (versions is null)
        {
            return path; // whoever opens it will say what is wrong with it
        }

        string suffix = kind == TreeKind.Image ? RawSuffix : "";
        string name = RootDirectory.Split(path).Name[..^VersionedSuffix.Length];
        name = name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name;
        return DirectoryListing.Of(versions, path)
            .Where(entry => entry.EndsWith(suffix, StringComparison.Ordinal))
            .Select(entry => VersionedName.Parse(entry[..^suffix.Length], name))
            .OfType<VersionedName>()
            .OrderDescending(Comparer<VersionedName>.Create(VersionedName.Compare))
            .Select(version => $"{path}/{version.FileName}{suffix}")
            .FirstOrDefault(version => FileStatus.At(version) is FileStatus found && IsA(kind, found))
            ?? throw new LaunchException(
                $"no version in {path}: looked for {(kind == TreeKind.Image ? "disk images" : "directories")} {name}_VERSION{suffix}, made for this processor");
    }
}
