using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What a tree is kept in.</summary>
public enum TreeKind { Directory }

/// <summary>Where the tree of a launch is on the host.</summary>
/// <param name="Kind">What is there.</param>
/// <param name="Path">As found; links are followed when it is opened.</param>
/// <param name="ReadOnly">An image that nobody is meant to write.</param>
public sealed record TreeSource(TreeKind Kind, string Path, bool ReadOnly);

/// <summary>
/// Finds the tree: the directory that was named, the image of the machine's name, or the current directory. An image
/// is a directory NAME, or the newest version in NAME.v, in one of the places where machinectl(1) keeps them.
/// </summary>
public static class ImageSearch
{
    private const string VersionedSuffix = ".v";

    public static readonly ImmutableArray<string> Directories =
        ["/etc/machines", "/run/machines", "/var/lib/machines", "/usr/local/lib/machines", "/usr/lib/machines"];

    /// <summary>Where a template is copied to, unless a tree is there.</summary>
    public static string PlaceOf(Settings settings) => settings.Directory ?? $"/var/lib/machines/{settings.Machine}";

    public static TreeSource Find(Settings settings) => Find(settings, Directories);

    internal static TreeSource Find(Settings settings, ImmutableArray<string> directories) => settings switch
    {
        { Directory: string path } => new TreeSource(TreeKind.Directory, Newest(path), ReadOnly: false),
        { Machine: string name } => ByName(name, directories),
        _ => new TreeSource(TreeKind.Directory, ".", ReadOnly: false),
    };

    private static TreeSource ByName(string name, ImmutableArray<string> directories)
    {
        foreach (string directory in directories)
        {
            // A raw image, NAME.raw, will be one more candidate here: machinectl looks for it behind the directory.
            foreach (string candidate in (ReadOnlySpan<string>)[$"{directory}/{name}", $"{directory}/{name}{VersionedSuffix}"])
            {
                if (FileStatus.At(candidate) is { Type: FileType.Directory })
                {
                    string path = Newest(candidate);
                    return new TreeSource(TreeKind.Directory, path, IsReadOnly(path));
                }
            }
        }

        throw new LaunchException(
            $"no image of the machine {name}: looked for a directory {name} in {string.Join(", ", directories)}; name its tree with --directory=");
    }

    // The vendor's images below /usr are only started from, as are read-only subvolumes and file systems, and
    // directories marked immutable.
    private static bool IsReadOnly(string path) =>
        path.StartsWith("/usr/", StringComparison.Ordinal)
        || FileStatus.At(path) is { IsImmutable: true }
        || HostAccess.IsReadOnly(path);

    /// <summary>The newest version in a directory <c>NAME.v</c>; any other path as it is. systemd.v(7).</summary>
    private static string Newest(string path)
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

        string name = RootDirectory.Split(path).Name[..^VersionedSuffix.Length];
        return DirectoryListing.Of(versions, path)
            .Select(entry => VersionedName.Parse(entry, name))
            .OfType<VersionedName>()
            .OrderDescending(Comparer<VersionedName>.Create(VersionedName.Compare))
            .Select(version => $"{path}/{version.FileName}")
            .FirstOrDefault(version => FileStatus.At(version) is { Type: FileType.Directory })
            ?? throw new LaunchException($"no version in {path}: looked for directories {name}_VERSION, made for this processor");
    }
}
