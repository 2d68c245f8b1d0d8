using System.Collections.Immutable;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>Which images a matrix is about: what is in a directory, or what a list names.</summary>
internal static class MatrixImages
{
    private const int LongestList = 1024 * 1024;
    private static readonly string[] s_images = [".raw", ".img", ".squashfs", ".erofs", ".oci.tar"];

    public static ImmutableArray<MatrixEntry> Of(string source)
    {
        using SafeFileHandle file = Descriptors.TryOpen(source, OpenMode.Read, out Errno errno)
            ?? throw new LaunchException($"cannot read {Message.Printable(source)}: {ErrnoText.Of(errno)}");
        ImmutableArray<MatrixEntry> entries = FileStatus.Of(file, source).Type == FileType.Directory
            ? MatrixEntry.Named(DirectoryListing.Of(file, source).Where(name => name[0] != '.').Order(StringComparer.Ordinal)
                .Select(name => $"{source.TrimEnd('/')}/{name}").Where(IsImage))
            : MatrixEntry.Named(MatrixEntry.Listed(
                Encoding.UTF8.GetString(Descriptors.ReadAll(file, LongestList, source)), Path.GetDirectoryName(source) ?? ""));
        return entries.IsEmpty ? throw new LaunchException($"{Message.Printable(source)} has no images to test: expected a directory with trees and disk images, or a list of paths") : entries;
    }

    /// <summary>The launch's option that takes what is at the path.</summary>
    public static string OptionFor(string path) =>
        FileStatus.At(path)?.Type != FileType.Directory || FileStatus.At($"{path}/oci-layout") is not null ? "image"
        : FileStatus.At($"{path}/config.json") is { Type: FileType.Regular } ? "oci-bundle" : "directory";

    private static bool IsImage(string path) => FileStatus.At(path)?.Type switch
    {
        FileType.Directory => true,
        FileType.Regular => s_images.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)),
        _ => false,
    };
}
