using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// Unpacks the archive of a layer as an overlay wants it: what hides something of lower layers becomes a device with the
/// number 0, or an attribute of the directory. Devices are not made: the container's are in its own /dev.
/// </summary>
internal sealed class LayerUnpacker(SafeFileHandle root, Action progress) : IDisposable
{
    private const string Opaque = "trusted.overlay.opaque";

    private readonly TreeWriter _writer = new(root);
    private readonly byte[] _buffer = new byte[128 * 1024];

    // Whatever is made in a directory changes its time: it is set when all is there.
    private readonly Dictionary<string, (byte[] Path, FileLook Look)> _directories = [];

    public void Unpack(TarReader archive)
    {
        while (archive.Next() is TarEntry entry)
        {
            LayerPath path = LayerPath.Of(entry.Name);
            try
            {
                switch (path.Kind)
                {
                    case LayerPathKind.File:
                        Make(path.Path, entry, archive);
                        break;
                    case LayerPathKind.Whiteout:
                        Hide(path.Path);
                        break;
                    case LayerPathKind.Opaque:
                        HideBelow(path.Path);
                        break;
                }
            }
            catch (SyscallException failure) when (failure.Errno is Errno.ELOOP or Errno.ENOTDIR or Errno.EXDEV or Errno.ENAMETOOLONG or Errno.ENOTEMPTY)
            {
                string why = failure.Errno switch
                {
                    Errno.ENAMETOOLONG => "has too long a name",
                    Errno.ENOTEMPTY => "takes the place of a directory that is not empty",
                    _ => "goes through a link, or through what is no directory",
                };
                throw new TarException($"its entry {LayerPath.Shown(path.Path)} {why}");
            }

            progress();
        }

        foreach ((byte[] path, FileLook look) in _directories.Values.Reverse())
        {
            using SafeFileHandle directory = _writer.MakeDirectory(path);
            TreeWriter.Dress(directory, look, LayerPath.Shown(path));
        }
    }

    public void Dispose() => _writer.Dispose();

    private void Make(byte[] path, TarEntry entry, TarReader archive)
    {
        FileLook look = new(entry.Uid, entry.Gid, entry.Mode, entry.Seconds, entry.Nanoseconds);
        if (entry.Type == TarEntryType.Directory)
        {
            MakeDirectory(path, entry, look);
            return;
        }

        if (path.Length == 0)
        {
            throw new TarException("the root of the layer is no directory");
        }

        _ = _directories.Remove(Convert.ToHexString(path));
        switch (entry.Type)
        {
            case TarEntryType.File:
                MakeFile(path, entry, archive, look);
                break;
            case TarEntryType.Symlink:
                _writer.MakeSymlink(path, entry.Target, look);
                break;
            case TarEntryType.HardLink:
                if (!_writer.MakeLink(path, LayerPath.Clean(entry.Target)))
                {
                    throw new TarException($"its entry {LayerPath.Shown(path)} is another name of {LayerPath.Shown(entry.Target)}, which is no file of the layer");
                }

                break;
            case TarEntryType.Fifo:
                _writer.MakeNode(path, FileType.Fifo, look);
                break;
        }
    }

    private void MakeDirectory(byte[] path, TarEntry entry, in FileLook look)
    {
        bool hides = path.Length > 0 && _writer.TypeOf(path) == FileType.CharacterDevice;
        using SafeFileHandle directory = _writer.MakeDirectory(path);
        if (hides)
        {
            // Another one was hidden just before: of that nothing is to be seen through this one.
            _ = TreeWriter.SetAttribute(directory, Opaque, "y"u8, LayerPath.Shown(path));
        }

        SetAttributes(directory, entry, path);
        _directories[Convert.ToHexString(path)] = (path, look);
    }

    private void MakeFile(byte[] path, TarEntry entry, TarReader archive, in FileLook look)
    {
        using SafeFileHandle file = _writer.MakeFile(path);
        int read;
        while ((read = archive.Read(_buffer)) > 0)
        {
            Descriptors.Write(file, _buffer.AsSpan(0, read), LayerPath.Shown(path));
        }

        TreeWriter.Dress(file, look, LayerPath.Shown(path));
        SetAttributes(file, entry, path);
    }

    // Only those that mean the same everywhere: trusted.overlay.* would speak to the overlay, and labels are the host's.
    private static void SetAttributes(SafeFileHandle file, TarEntry entry, byte[] path)
    {
        foreach ((string name, byte[] value) in entry.Attributes)
        {
            if (name is "security.capability" or "system.posix_acl_access" or "system.posix_acl_default" || name.StartsWith("user.", StringComparison.Ordinal))
            {
                _ = TreeWriter.SetAttribute(file, name, value, LayerPath.Shown(path));
            }
        }
    }

    private void Hide(byte[] path)
    {
        FileType? there = _writer.TypeOf(path);
        if (there is null)
        {
            _writer.MakeNode(path, FileType.CharacterDevice, new FileLook(0, 0, 0, 0, 0));
        }
        else if (there == FileType.Directory)
        {
            HideBelow(path); // any other file hides the lower one by being there
        }
    }

    private void HideBelow(byte[] path)
    {
        using SafeFileHandle directory = _writer.MakeDirectory(path);
        _ = TreeWriter.SetAttribute(directory, Opaque, "y"u8, LayerPath.Shown(path));
    }
}
