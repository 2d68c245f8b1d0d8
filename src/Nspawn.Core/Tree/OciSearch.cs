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
        for (int colon = source.Path.IndexOf(':'); found is null && colon > 0; colon = source.Path.IndexOf(':', colon + 1))
        {
            TreeSource image = source with { Path = source.Path[..colon], Tag = source.Path[(colon + 1)..] };
            if (FileStatus.At(image.Path) is not null && Recognise(image) is { IsOci: true } tagged)
            {
                return tagged;
            }
        }

        return found?.Type switch
        {
            // A tree may hold a file of that name; an image layout holds no /usr.
            FileType.Directory when FileStatus.At(source.Path + "/" + OciSelection.Layout) is { Type: FileType.Regular } && FileStatus.At(source.Path + "/usr") is null =>
                source with { Kind = TreeKind.OciLayout },
            FileType.Regular when IsArchive(source) => source with { Kind = TreeKind.OciArchive },
            _ => source,
        };
    }

    private static bool IsArchive(TreeSource source)
    {
        string path = source.Path;
        using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.NonBlocking, out _);
        if (file is null)
        {
            return false;
        }

        // Without the magic (an archive of before 1988) it is none; with it, it might still be a disk whose loader says so.
        byte[] header = Descriptors.ReadAll(file, TarReader.BlockSize, path);
        if (source.Kind == TreeKind.Directory && (header is [0x1f, 0x8b, ..] or [0x28, 0xb5, 0x2f, 0xfd, ..] or [0xfd, (byte)'7', (byte)'z', ..]))
        {
            throw new LaunchException($"{path} is compressed, and an archive is read here and there: unpack it first, to a .tar");
        }

        return header.Length == TarReader.BlockSize && header.AsSpan(MagicOffset).StartsWith("ustar"u8) && TarReader.IsHeader(header);
    }
}
