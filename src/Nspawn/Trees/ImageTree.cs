using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// A disk image as a tree: each of its file systems on a loop device of its own, mounted attached to nothing. No udev
/// and no partition scan of the kernel has a part in it, and all of it is gone with the last descriptor.
/// </summary>
internal sealed class ImageTree : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly ulong _size;
    private readonly uint _sectorSize;
    private readonly bool _readOnly;
    private readonly ImagePolicy _policy;
    private readonly VerityRequest? _verity;
    private readonly string? _verityData;

    private ImageTree(SafeFileHandle file, FileStatus status, bool readOnly, Settings settings)
    {
        _file = file;
        _path = HostFiles.PathOf(file);
        _policy = settings.ImagePolicy;
        (_verity, _verityData) = ImageVerity.Find(file, _path, settings);
        bool isDevice = status.Type == FileType.BlockDevice;
        _readOnly = readOnly || (isDevice && BlockDevices.IsReadOnly(file, _path));
        _size = isDevice ? BlockDevices.SizeOf(file, _path) : (ulong)status.Size;
        _sectorSize = isDevice ? BlockDevices.SectorSizeOf(file, _path) : 512;
        Facts = new ImageFacts(status, Read(_readOnly));
    }

    public string Path => _path;

    /// <summary>What it is; after <see cref="Mount"/>, what has been mounted of it.</summary>
    public ImageFacts Facts { get; private set; }

    /// <summary>Opens the image and reads which parts of it are mounted where; nothing is mounted yet.</summary>
    public static ImageTree Open(TreeSource source, Settings settings)
    {
        try
        {
            (SafeFileHandle file, FileStatus status, bool readOnly) = OpenFile(source);
            return new ImageTree(file, status, readOnly || settings.SparesTree || source.ReadOnly, settings);
        }
        catch (SyscallException failure)
        {
            throw new LaunchException($"cannot read the image {source.Path}: {failure.Reason}");
        }
    }

    /// <summary>Mounts it, attached nowhere.</summary>
    /// <param name="toLook">Only to look at: nothing of it is written, nothing made in it, and none of it checked.</param>
    /// <param name="journal">Where is written down what is made on the host meanwhile; null: nowhere.</param>
    public SafeFileHandle Mount(bool toLook, UndoJournal? journal)
    {
        using ImageLuks luks = new(journal);
        using ImageMounts mounts = new(_file, _path, _sectorSize, toLook ? null : new ImageVerity(_verityData, journal), luks, toLook);
        ImageLayout layout = toLook && !_readOnly ? Read(readOnly: true) : Facts.Layout;
        SafeFileHandle root = mounts.Assemble(layout);
        // Where the boot loader's partitions went, and whether, was not known before; nor what is in encrypted ones.
        Facts = Facts with
        {
            Layout = Facts.Layout with
            {
                Mounts = [.. Facts.Layout.Mounts.Where(mount => mounts.Targets.ContainsKey(mount.Partition))
                    .Select(mount => luks.Found.TryGetValue(mount.Partition, out (Superblock Superblock, ulong Size) found) ? mount.Decrypted(found.Superblock, found.Size) : mount)
                    .Select(mount => mount with { Target = mounts.Targets[mount.Partition] })],
                Notices = [.. Facts.Layout.Notices, .. mounts.Notices],
            },
        };
        return root;
    }

    public void Dispose() => _file.Dispose();

    private static (SafeFileHandle File, FileStatus Status, bool ReadOnly) OpenFile(TreeSource source)
    {
        // First as a place: a FIFO would wait, a device could act.
        using SafeFileHandle place = Descriptors.TryOpen(source.Path, OpenMode.Path, out Errno missing)
            ?? throw new LaunchException(missing == Errno.ENOENT
                ? $"no image at {source.Path}: no such file"
                : $"cannot open the image {source.Path}: {ErrnoText.Of(missing)}");
        FileStatus status = FileStatus.Of(place, source.Path);
        if (status.Type is not (FileType.Regular or FileType.BlockDevice))
        {
            throw new LaunchException(status.Type == FileType.Directory
                ? $"{source.Path} is a directory: --image= takes a disk image, --directory= a tree"
                : $"{source.Path} is no disk image: --image= takes a regular file or a block device");
        }

        string open = $"/proc/self/fd/{place.Fd()}";
        SafeFileHandle? file = Descriptors.TryOpen(open, OpenMode.ReadWrite | OpenMode.NonBlocking, out Errno errno);
        bool readOnly = file is null && errno is Errno.EROFS or Errno.EACCES or Errno.EPERM or Errno.ETXTBSY;
        file ??= readOnly ? Descriptors.TryOpen(open, OpenMode.Read | OpenMode.NonBlocking, out errno) : null;
        return file is null
            ? throw new LaunchException($"cannot open the image {source.Path}: {ErrnoText.Of(errno)}")
            : (file, status, readOnly);
    }

    private ImageLayout Read(bool readOnly)
    {
        try
        {
            return ImageLayout.Of((offset, buffer) => Descriptors.ReadAt(_file, offset, buffer, _path), _size, _sectorSize, readOnly, _policy, _verity);
        }
        catch (LaunchException refusal)
        {
            throw new LaunchException($"cannot use the image {_path}: {refusal.Message}");
        }
    }
}
