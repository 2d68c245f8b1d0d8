using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>A mapped device of what is encrypted on another: the kernel's dm-crypt, by the header that is there (LUKS); cryptsetup(8).</summary>
public sealed unsafe class LuksDevice : IDisposable
{
    private readonly nint _device;

    /// <summary>Reads the header.</summary>
    /// <param name="path">The device with it.</param>
    /// <exception cref="MappedDeviceException">It cannot be used.</exception>
    public LuksDevice(string path)
    {
        try
        {
            MappedDevice.Listen();
            MappedDevice.Check(LibCryptsetup.crypt_init(out _device, path));
        }
        catch (Exception failure) when (MappedDevice.IsMissing(failure))
        {
            throw MappedDevice.NoLibrary();
        }

        try
        {
            MappedDevice.Check(LibCryptsetup.crypt_load(_device, LibCryptsetup.AnyLuks, null));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Makes the device of what is encrypted; false: no key is that of this passphrase.</summary>
    /// <param name="name">What it is called, below /dev/mapper.</param>
    /// <param name="passphrase">What one of its keys was made of.</param>
    /// <param name="readOnly">It cannot be written.</param>
    /// <exception cref="MappedDeviceException">There is no such device now.</exception>
    public bool TryActivate(string name, ReadOnlySpan<byte> passphrase, bool readOnly)
    {
        MappedDevice.Listen();
        byte none = 0; // an empty passphrase is one, too
        fixed (byte* bytes = passphrase)
        {
            int result = LibCryptsetup.crypt_activate_by_passphrase(
                _device, name, LibCryptsetup.AnySlot, passphrase.IsEmpty ? &none : bytes, (nuint)passphrase.Length,
                readOnly ? LibCryptsetup.ActivateReadOnly : 0);
            if (result == -(int)Errno.EPERM)
            {
                return false;
            }

            MappedDevice.Check(result);
            return true;
        }
    }

    public void Dispose() => LibCryptsetup.crypt_free(_device);
}
