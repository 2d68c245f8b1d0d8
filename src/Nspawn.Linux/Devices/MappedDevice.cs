using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>A block device that the kernel's device-mapper makes of others, by libcryptsetup; dmsetup(8).</summary>
public static unsafe class MappedDevice
{
    private const string Directory = "/dev/mapper/";

    [ThreadStatic]
    private static string? t_said;

    /// <summary>The kernel has a device-mapper, or loads it when asked.</summary>
    public static bool IsSupported
    {
        get
        {
            using SafeFileHandle? control = Descriptors.TryOpen(Directory + "control", OpenMode.ReadWrite, out _);
            // Where nobody has made the node, the library does.
            return control is not null || File.ReadLines("/proc/misc").Any(line => line.EndsWith(" device-mapper", StringComparison.Ordinal));
        }
    }

    public static string PathOf(string name) => Directory + name;

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
        catch (Exception failure) when (IsMissing(failure))
        {
            // Then there is none.
        }
    }

    /// <summary>To be called first: from now on what the library would print is the reason of a failure.</summary>
    internal static void Listen()
    {
        t_said = null;
        LibCryptsetup.crypt_set_log_callback(0, &Hear, null);
    }

    internal static void Check(int result)
    {
        if (result < 0)
        {
            throw new MappedDeviceException(t_said ?? ErrnoText.Of((Errno)(-result)), (Errno)(-result));
        }
    }

    internal static bool IsMissing(Exception failure) => failure is DllNotFoundException or EntryPointNotFoundException;

    internal static MappedDeviceException NoLibrary() =>
        new("no libcryptsetup.so.12; install it (apt install libcryptsetup12, dnf install cryptsetup-libs)", Errno.ENOSYS);

    [UnmanagedCallersOnly]
    private static void Hear(int level, byte* message, void* user)
    {
        if (level == LibCryptsetup.LogError)
        {
            t_said = Marshal.PtrToStringUTF8((nint)message)?.Trim();
        }
    }
}

/// <summary>A device could not be made; the message is a reason without a subject.</summary>
public sealed class MappedDeviceException(string reason, Errno errno) : Exception(reason)
{
    public Errno Errno { get; } = errno;
}
