using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The encrypted parts of an image (LUKS), by dm-crypt; cryptsetup(8).</summary>
/// <param name="journal">Where it is written down what the launcher leaves should it be killed at the wrong moment; null: nowhere.</param>
internal sealed class ImageLuks(UndoJournal? journal) : IDisposable
{
    private ImagePassphrase? _passphrase;

    /// <summary>What was found in each partition, by its number, and how many bytes of it there are.</summary>
    public Dictionary<int, (Superblock Superblock, ulong Size)> Found { get; } = [];

    /// <summary>To be asked before anybody is asked for a passphrase that would be of no use.</summary>
    public static void CheckKernel(string subject)
    {
        if (!MappedDevice.IsSupported)
        {
            throw new LaunchException($"cannot decrypt {subject}: the kernel has no device-mapper, or does not give it to containers");
        }
    }

    /// <summary>A device is to be made, and removed with this.</summary>
    public DeviceName NewDevice() => new(journal);

    /// <summary>Makes the device of what is encrypted on another, and looks what is in it.</summary>
    /// <param name="mount">The part of the image that it is.</param>
    /// <param name="encrypted">The path of the other device.</param>
    /// <param name="name">What the device is called.</param>
    /// <param name="subject">What the part is called.</param>
    /// <returns>The part as it is on the device made.</returns>
    public ImageMount Open(ImageMount mount, string encrypted, string name, string subject)
    {
        _passphrase ??= new ImagePassphrase(journal);
        try
        {
            using LuksDevice luks = new(encrypted);
            while (!luks.TryActivate(name, _passphrase.For(subject), mount.ReadOnly))
            {
                _passphrase.Reject(subject);
            }
        }
        catch (MappedDeviceException failure)
        {
            throw new LaunchException($"cannot decrypt {subject}: {failure.Message}");
        }

        string path = MappedDevice.PathOf(name);
        using SafeFileHandle device = Descriptors.Open(path, OpenMode.Read);
        ulong size = BlockDevices.SizeOf(device, path);
        Superblock inside = Superblock.Usable(
            Superblock.Probe((offset, buffer) => Descriptors.ReadAt(device, offset, buffer, path), 0, size), size, $"cannot use {subject}: decrypted it");
        Found[mount.Partition] = (inside, size);
        return mount.Decrypted(inside, size);
    }

    public void Dispose() => _passphrase?.Dispose();
}
