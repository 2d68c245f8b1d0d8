using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

/// <summary>libcryptsetup.h. The library is loaded by the first call: only images that are checked or encrypted need it.</summary>
internal static unsafe partial class LibCryptsetup
{
    /// <summary>CRYPT_VERITY</summary>
    public const string Verity = "VERITY";

    /// <summary>CRYPT_LUKS: either version of it.</summary>
    public const string? AnyLuks = null;

    /// <summary>CRYPT_ANY_SLOT</summary>
    public const int AnySlot = -1;

    /// <summary>CRYPT_LOG_ERROR</summary>
    public const int LogError = 1;

    /// <summary>CRYPT_ACTIVATE_READONLY</summary>
    public const uint ActivateReadOnly = 1 << 0;

    private const string libcryptsetup = "libcryptsetup.so.12";
    private const DllImportSearchPath Search = DllImportSearchPath.System32; // the dynamic linker's own places only

    [LibraryImport(libcryptsetup, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int crypt_init(out nint device, string path);

    [LibraryImport(libcryptsetup, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int crypt_init_data_device(out nint device, string hashes, string data);

    [LibraryImport(libcryptsetup)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial void crypt_free(nint device);

    [LibraryImport(libcryptsetup)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial void crypt_set_log_callback(nint device, delegate* unmanaged<int, byte*, void*, void> log, void* user);

    [LibraryImport(libcryptsetup, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int crypt_load(nint device, string? type, void* parameters);

    [LibraryImport(libcryptsetup, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int crypt_activate_by_passphrase(
        nint device, string name, int slot, byte* passphrase, nuint passphraseSize, uint flags);

    [LibraryImport(libcryptsetup, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int crypt_activate_by_volume_key(nint device, string name, byte* key, nuint keySize, uint flags);

    [LibraryImport(libcryptsetup, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int crypt_activate_by_signed_key(
        nint device, string name, byte* key, nuint keySize, byte* signature, nuint signatureSize, uint flags);
}
