using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// Tells an OCI image from other trees: a directory by its file <c>oci-layout</c>, an archive by the magic of tar. One of
/// several images in it is named behind a colon, as skopeo(1) does.
/// </summary>
internal static class OciSearch
{
    private const int MagicOffset = 257;

    /// <summary>What stands at the path that was named, for whichever kind of tree; the source as it is when it is no OCI image.</summary>
    public static TreeSource Recognise(TreeSource source)
    {
        FileStatus? found = FileStatus.At(source.Path);
        if (found is null && source.Path.LastIndexOf(':') is int colon && colon > source.Path.LastIndexOf('/'))
        {
            TreeSource tagged = Recognise(source with { Path = source.Path[..colon], Tag = source.Path[(colon + 1)..] });
            return tagged.Kind is TreeKind.OciLayout or TreeKind.OciArchive ? tagged : source;
        }

        return found?.Type switch
        {
            // A tree may hold a file of that name; an image layout holds no /usr.
            FileType.Directory when FileStatus.At(source.Path + "/" + OciSelection.Layout) is { Type: FileType.Regular } && FileStatus.At(source.Path + "/usr") is null =>
                source with { Kind = TreeKind.OciLayout },
            FileType.Regular when IsArchive(source.Path) => source with { Kind = TreeKind.OciArchive },
            _ => source,
        };
    }

    private static bool IsArchive(string path)
    {
        using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.NonBlocking, out _);
        if (file is null)
        {
            return false;
        }

        // Without the magic (an archive of before 1988) it is none; with it, it might still be a disk whose loader says so.
        byte[] header = Descriptors.ReadAll(file, TarReader.BlockSize, path);
        return header.Length == TarReader.BlockSize && header.AsSpan(MagicOffset).StartsWith("ustar"u8) && TarReader.IsHeader(header);
    }
}
