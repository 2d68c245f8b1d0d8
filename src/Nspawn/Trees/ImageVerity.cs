using System.Collections.Immutable;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// The check of an image with dm-verity: by what the settings say, or by what lies beside the image, or is attached to it
/// (systemd.image-policy(7), veritysetup(8)). The device is removed by the kernel as soon as its mount is gone.
/// </summary>
/// <param name="dataFile">The file with the hash tree; null: it is in the image.</param>
/// <param name="journal">Where it is written down what the launcher leaves should it be killed at the wrong moment.</param>
internal sealed class ImageVerity(string? dataFile, UndoJournal? journal)
{
    private const int LargestSignature = 64 * 1024;

    /// <summary>What is asked for an image, and the file with the hash tree; null: nothing is.</summary>
    public static (VerityRequest? Request, string? DataFile) Find(SafeFileHandle image, string path, Settings settings)
    {
        string beside = path.EndsWith(ImageSearch.RawSuffix, StringComparison.Ordinal) ? path[..^ImageSearch.RawSuffix.Length] : path;
        string? asked = settings.RootHash, hash = asked ?? Beside(image, beside, "roothash");
        PartitionRole role = PartitionRole.Root;
        if (hash is null && Beside(image, beside, "usrhash") is string usr)
        {
            (hash, role) = (usr, PartitionRole.Usr);
        }

        if (hash is null)
        {
            return settings.VerityData is null && settings.RootHashSignature is null
                ? (null, null)
                : throw new LaunchException("--verity-data= and --root-hash-sig= say nothing without a hash: give --root-hash= too");
        }

        string? dataFile = settings.VerityData ?? (FileStatus.At(beside + ".verity") is null ? null : beside + ".verity");
        bool isForbidden = (settings.ImagePolicy.Of(role) & (PartitionUse.Verity | PartitionUse.Signed)) == 0;
        // What merely lies there gives way to the policy.
        return asked is null && isForbidden
            ? (null, null)
            : (new VerityRequest(role, hash, Signature(settings.RootHashSignature, $"{beside}.{(role == PartitionRole.Usr ? "usrhash" : "roothash")}.p7s"), dataFile is not null), dataFile);
    }

    public SafeFileHandle OpenDataFile()
    {
        SafeFileHandle file = Descriptors.TryOpen(dataFile!, OpenMode.Read | OpenMode.NonBlocking, out Errno errno)
            ?? throw new LaunchException($"cannot open the verity data {dataFile}: {ErrnoText.Of(errno)}");
        return FileStatus.Of(file, dataFile!).Type is FileType.Regular or FileType.BlockDevice
            ? file
            : throw new LaunchException($"the verity data {dataFile} is no file and no block device");
    }

    /// <summary>Mounts what is on the device <paramref name="data"/>, checked by the tree on <paramref name="hashes"/>.</summary>
    /// <exception cref="MappedDeviceException">It cannot be checked.</exception>
    public SafeFileHandle Mount(ImageMount mount, string data, string hashes)
    {
        using DeviceName device = new(journal);
        Activate(device.Name, data, hashes, mount.Verity!);
        return Mounts.Create(mount.Type, mount.Options, mount.Flags, MappedDevice.PathOf(device.Name));
    }

    public static string Why(MappedDeviceException failure) => failure.Errno switch
    {
        Errno.ENODEV or Errno.ENXIO or Errno.ENOENT or Errno.EOPNOTSUPP => "the kernel has no device-mapper with verity, or does not give it to containers",
        _ => failure.Message,
    };

    private static void Activate(string name, string data, string hashes, VerityTree tree)
    {
        byte[] rootHash = Convert.FromHexString(tree.RootHash);
        try
        {
            VerityDevice.Activate(name, data, hashes, rootHash, tree.Signature.AsSpan());
        }
        catch (MappedDeviceException) when (!tree.Signature.IsEmpty && !tree.MustBeSigned)
        {
            // No key for it, or no kernel that takes any. The hash alone is as good as who gave it.
            VerityDevice.Activate(name, data, hashes, rootHash, []);
        }
    }

    // As an attribute of the image, or in a file of its name.
    private static string? Beside(SafeFileHandle image, string beside, string suffix)
    {
        string source = $"{beside}.{suffix}";
        // Devices have no attributes of users'.
        bool isFile = FileStatus.Of(image, beside).Type == FileType.Regular;
        string? text = isFile && FileAttribute.Read($"/proc/self/fd/{image.Fd()}", "user.verity." + suffix) is byte[] attribute
            ? Encoding.ASCII.GetString(attribute)
            : HostFiles.Read(source);
        try
        {
            return text is null ? null : RootHashes.Parse(text.Trim());
        }
        catch (UsageException fault)
        {
            throw new LaunchException($"cannot use the root hash in {source}: {fault.Message}");
        }
    }

    private static ImmutableArray<byte> Signature(string? asked, string beside)
    {
        if (asked is not null && RootHashes.Inline(asked) is byte[] signature)
        {
            return [.. signature];
        }

        string path = asked ?? beside;
        using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.NonBlocking, out Errno errno);
        return file is not null ? [.. Descriptors.ReadAll(file, LargestSignature, path)]
            : asked is null ? []
            : throw new LaunchException($"cannot open the signature {path}: {ErrnoText.Of(errno)}");
    }
}
