using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// A block device made of a part of a file. It is cleared by the kernel when its last user lets go, from the very
/// beginning: there is no moment at which a killed launcher would leave one. loop(4), LOOP_CONFIGURE.
/// </summary>
public static unsafe class LoopDevice
{
    private const uint LoopMajor = 7;
    private const int Attempts = 64;

    /// <summary>Makes the device; it is gone with the descriptor unless something is mounted from it by then.</summary>
    /// <param name="file">A regular file or a block device, open for writing unless <paramref name="readOnly"/>.</param>
    /// <param name="offset">Where the part begins, in bytes.</param>
    /// <param name="size">How long it is.</param>
    /// <param name="sectorSize">The unit the device is addressed in.</param>
    /// <param name="readOnly">It cannot be written.</param>
    /// <param name="subject">What the file is called.</param>
    public static SafeFileHandle Attach(SafeFileHandle file, ulong offset, ulong size, uint sectorSize, bool readOnly, string subject)
    {
        LibC.loop_config config = new() { fd = (uint)file.Fd(), block_size = sectorSize };
        config.info.lo_offset = offset;
        config.info.lo_sizelimit = size;
        // What is written is kept in memory once, not twice. What is only read stays there for the next launch.
        config.info.lo_flags = LibC.LO_FLAGS_AUTOCLEAR | (readOnly ? LibC.LO_FLAGS_READ_ONLY : LibC.LO_FLAGS_DIRECT_IO);
        Span<byte> name = new(config.info.lo_file_name, 63);
        _ = Encoding.UTF8.TryGetBytes(subject, name, out _); // what losetup(8) shows

        using SafeFileHandle control = Descriptors.Open("/dev/loop-control", OpenMode.ReadWrite);
        for (int attempt = 0; ; attempt++)
        {
            int number = (int)Check.Result(LibC.ioctl(control.Fd(), LibC.LOOP_CTL_GET_FREE, 0), "/dev/loop-control");
            SafeFileHandle? device = Open(number, readOnly, out Errno errno);
            if (device is not null)
            {
                if (LibC.ioctl(device.Fd(), LibC.LOOP_CONFIGURE, (nint)(&config)) == 0)
                {
                    return device;
                }

                errno = Check.LastErrno();
                device.Dispose();
            }

            // Somebody else was faster: the device is used by now, or about to be removed.
            if (errno is not (Errno.EBUSY or Errno.ENXIO or Errno.ENODEV) || attempt == Attempts)
            {
                throw new SyscallException("LOOP_CONFIGURE", errno, $"/dev/loop{number}");
            }
        }
    }

    /// <summary>A path by which the kernel finds the device: what mount tables show.</summary>
    public static string PathOf(SafeFileHandle device)
    {
        FileStatus status = FileStatus.Of(device, "loop device");
        string link = $"/proc/self/fd/{device.Fd()}";
        string node = Links.Read(link) ?? "";
        return FileStatus.At(node) is { Type: FileType.BlockDevice } found && (found.Major, found.Minor) == (status.Major, status.Minor) ? node : link;
    }

    private static SafeFileHandle? Open(int number, bool readOnly, out Errno errno)
    {
        OpenMode mode = readOnly ? OpenMode.Read : OpenMode.ReadWrite;
        uint minor = MinorOf(number);
        SafeFileHandle? device = Descriptors.TryOpen($"/dev/loop{number}", mode, out errno);
        if (device is not null && FileStatus.Of(device, "loop device") is { Type: FileType.BlockDevice, Major: LoopMajor } status && status.Minor == minor)
        {
            return device;
        }

        device?.Dispose();
        if (device is null && errno != Errno.ENOENT)
        {
            return null;
        }

        // Nobody makes nodes in the /dev of a container: one of our own, in a place that no path leads to.
        using SafeFileHandle place = Mounts.Create("tmpfs", "mode=0700", MountFlags.NoSuid | MountFlags.NoExec);
        _ = FileSystems.MakeNode(place, "loop", FileType.BlockDevice, 0x180 /* 0600 */, LoopMajor, minor, "loop device");
        return Descriptors.TryOpenAt(place, "loop", mode, out errno);
    }

    // With partitions the numbers have gaps between them.
    private static uint MinorOf(int number)
    {
        using SafeFileHandle? file = Descriptors.TryOpen($"/sys/block/loop{number}/dev", OpenMode.Read, out _);
        string[] parts = file is null ? [] : Encoding.UTF8.GetString(Descriptors.ReadAll(file, 64, "loop device")).Trim().Split(':');
        return parts.Length == 2 && uint.TryParse(parts[1], CultureInfo.InvariantCulture, out uint minor) ? minor : (uint)number;
    }
}
