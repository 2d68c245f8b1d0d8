using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>What a block device says of itself.</summary>
public static unsafe class BlockDevices
{
    /// <summary>In bytes.</summary>
    public static ulong SizeOf(SafeFileHandle device, string subject)
    {
        ulong size;
        _ = Check.Result(LibC.ioctl(device.Fd(), LibC.BLKGETSIZE64, (nint)(&size)), subject);
        return size;
    }

    /// <summary>It cannot be written, though it may be opened for that.</summary>
    public static bool IsReadOnly(SafeFileHandle device, string subject)
    {
        int readOnly;
        _ = Check.Result(LibC.ioctl(device.Fd(), LibC.BLKROGET, (nint)(&readOnly)), subject);
        return readOnly != 0;
    }

    /// <summary>The unit it is addressed in, in bytes.</summary>
    public static uint SectorSizeOf(SafeFileHandle device, string subject)
    {
        int size;
        _ = Check.Result(LibC.ioctl(device.Fd(), LibC.BLKSSZGET, (nint)(&size)), subject);
        return (uint)size;
    }
}
