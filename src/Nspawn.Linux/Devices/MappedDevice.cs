using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>A block device that the kernel's device-mapper makes of others, by libcryptsetup; dmsetup(8).</summary>
public static unsafe class MappedDevice
{
    private const string Directory = "/dev/mapper/", Control = Directory + "control";

    [ThreadStatic]
    private static string? t_said;

    /// <summary>The kernel has a device-mapper, or loads it when asked.</summary>
    public static bool IsSupported
    {
        get
        {
            using SafeFileHandle? control = Descriptors.TryOpen(Control, OpenMode.ReadWrite, out _);
            // Where nobody has made the node, the library does.
            return control is not null || File.ReadLines("/proc/misc").Any(line => line.EndsWith(" device-mapper", StringComparison.Ordinal));
        }
    }

    public static string PathOf(string name) => Directory + name;

    /// <summary>Removes the device, now or when its last user lets go. That there is none is no fault.</summary>
    /// <remarks>Not by the library: that leaves one as it is whose maker was killed before it was finished.</remarks>
    public static void Release(string name)
    {
        using SafeFileHandle? control = Descriptors.TryOpen(Control, OpenMode.ReadWrite, out _);
        // The second is below the first, where what is encrypted is also checked.
        foreach (string device in control is null ? [] : (string[])[name, name + "_dif"])
        {
            LibC.dm_ioctl remove = new() { data_size = (uint)sizeof(LibC.dm_ioctl), flags = LibC.DM_DEFERRED_REMOVE };
            remove.version[0] = LibC.DM_VERSION_MAJOR;
            _ = Encoding.UTF8.GetBytes(device, new Span<byte>(remove.name, LibC.DM_NAME_LEN - 1));
            _ = LibC.ioctl(control!.Fd(), LibC.DM_DEV_REMOVE, (nint)(&remove));
            // Without udev nobody would when the kernel removes the device later.
            FileSystems.RemoveFile(PathOf(device));
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
