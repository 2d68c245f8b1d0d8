using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>A mapped device whose blocks are checked as they are read: the kernel's dm-verity; veritysetup(8).</summary>
public static unsafe class VerityDevice
{
    /// <summary>Makes the device.</summary>
    /// <param name="name">What it is called, below /dev/mapper.</param>
    /// <param name="data">The path of the device that is checked.</param>
    /// <param name="hashes">The path of the device or file with its hash tree.</param>
    /// <param name="rootHash">What the tree has to hash to.</param>
    /// <param name="signature">The hash's signature for the kernel to check, PKCS#7 in DER; empty: none.</param>
    /// <exception cref="MappedDeviceException">There is no such device now.</exception>
    public static void Activate(string name, string data, string hashes, ReadOnlySpan<byte> rootHash, ReadOnlySpan<byte> signature)
    {
        try
        {
            MappedDevice.Listen();
            MappedDevice.Check(LibCryptsetup.crypt_init_data_device(out nint device, hashes, data));
            try
            {
                MappedDevice.Check(LibCryptsetup.crypt_load(device, LibCryptsetup.Verity, null));
                fixed (byte* key = rootHash, signed = signature)
                {
                    MappedDevice.Check(signature.IsEmpty
                        ? LibCryptsetup.crypt_activate_by_volume_key(device, name, key, (nuint)rootHash.Length, LibCryptsetup.ActivateReadOnly)
                        : LibCryptsetup.crypt_activate_by_signed_key(
                            device, name, key, (nuint)rootHash.Length, signed, (nuint)signature.Length, LibCryptsetup.ActivateReadOnly));
                }
            }
            finally
            {
                LibCryptsetup.crypt_free(device);
            }
        }
        catch (Exception failure) when (MappedDevice.IsMissing(failure))
        {
            throw MappedDevice.NoLibrary();
        }
    }
}
