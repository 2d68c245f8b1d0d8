using System.Runtime.InteropServices;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// A block device whose blocks are checked as they are read: the kernel's dm-verity, by libcryptsetup; veritysetup(8).
/// </summary>
public static unsafe class VerityDevice
{
    private const string Directory = "/dev/mapper/";

    [ThreadStatic]
    private static string? t_said;

    public static string PathOf(string name) => Directory + name;

    /// <summary>Makes the device.</summary>
    /// <param name="name">What it is called, below /dev/mapper.</param>
    /// <param name="data">The path of the device that is checked.</param>
    /// <param name="hashes">The path of the device or file with its hash tree.</param>
    /// <param name="rootHash">What the tree has to hash to.</param>
    /// <param name="signature">The hash's signature for the kernel to check, PKCS#7 in DER; empty: none.</param>
    /// <exception cref="VerityException">There is no such device now.</exception>
    public static void Activate(string name, string data, string hashes, ReadOnlySpan<byte> rootHash, ReadOnlySpan<byte> signature)
    {
        try
        {
            t_said = null;
            LibCryptsetup.crypt_set_log_callback(0, &Hear, null);
            Check(LibCryptsetup.crypt_init_data_device(out nint device, hashes, data));
            try
            {
                Check(LibCryptsetup.crypt_load(device, LibCryptsetup.Verity, null));
                fixed (byte* key = rootHash, signed = signature)
                {
                    Check(signature.IsEmpty
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
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new VerityException("no libcryptsetup.so.12; install it (apt install libcryptsetup12, dnf install cryptsetup-libs)", Errno.ENOSYS);
        }
    }

    /// <summary>Removes the device, now or when its last user lets go. That there is none is no fault.</summary>
    public static void Release(string name)
    {
        try
        {
            LibCryptsetup.crypt_set_log_callback(0, &Hear, null);
            _ = LibCryptsetup.crypt_deactivate_by_name(0, name, LibCryptsetup.DeactivateDeferred);
            // Without udev nobody would when the kernel removes the device later.
            FileSystems.RemoveFile(PathOf(name));
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException)
        {
            // Then there is none.
        }
    }

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw new VerityException(t_said ?? ErrnoText.Of((Errno)(-result)), (Errno)(-result));
        }
    }

    // What the library would print.
    [UnmanagedCallersOnly]
    private static void Hear(int level, byte* message, void* user)
    {
        if (level == LibCryptsetup.LogError)
        {
            t_said = Marshal.PtrToStringUTF8((nint)message)?.Trim();
        }
    }
}

/// <summary>A device that checks its blocks could not be made; the message is a reason without a subject.</summary>
public sealed class VerityException(string reason, Errno errno) : Exception(reason)
{
    public Errno Errno { get; } = errno;
}
