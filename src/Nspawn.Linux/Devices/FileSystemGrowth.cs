using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Makes a mounted file system as large as the device it is on, as systemd-growfs(8) does.</summary>
public static unsafe class FileSystemGrowth
{
    /// <summary>Those that it can be done to.</summary>
    public static bool Knows(string type) => type is "ext4" or "btrfs" or "xfs";

    /// <param name="mount">Any directory of it.</param>
    /// <param name="type">As in /proc/filesystems.</param>
    /// <param name="size">What the device has, in bytes.</param>
    /// <param name="subject">What it is called.</param>
    public static void Fill(SafeFileHandle mount, string type, ulong size, string subject)
    {
        using SafeFileHandle root = Descriptors.TryOpenAt(mount, ".", OpenMode.Read | OpenMode.Directory, out Mono.Unix.Native.Errno errno)
            ?? throw new SyscallException("openat", errno, subject);
        switch (type)
        {
            case "ext4":
                LibC.statfs_t status;
                _ = Check.Result(LibC.fstatfs(root.Fd(), &status), subject);
                ulong blocks = size / (ulong)status.f_bsize;
                _ = Check.Result(LibC.ioctl(root.Fd(), LibC.EXT4_IOC_RESIZE_FS, (nint)(&blocks)), subject);
                break;
            case "btrfs":
                LibC.btrfs_ioctl_vol_args all = default;
                _ = Encoding.UTF8.GetBytes("max", new Span<byte>(all.name, 8));
                _ = Check.Result(LibC.ioctl(root.Fd(), LibC.BTRFS_IOC_RESIZE, (nint)(&all)), subject);
                break;
            case "xfs":
                // struct xfs_fsop_geom: the block's size first, and behind six others the part that inodes may take.
                byte* geometry = stackalloc byte[256];
                _ = Check.Result(LibC.ioctl(root.Fd(), LibC.XFS_IOC_FSGEOMETRY, (nint)geometry), subject);
                ReadOnlySpan<byte> now = new(geometry, 256);
                ulong* data = stackalloc ulong[2]; // struct xfs_growfs_data
                data[0] = size / BinaryPrimitives.ReadUInt32LittleEndian(now);
                data[1] = BinaryPrimitives.ReadUInt32LittleEndian(now[28..]);
                _ = Check.Result(LibC.ioctl(root.Fd(), LibC.XFS_IOC_FSGROWFSDATA, (nint)data), subject);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, null);
        }
    }
}
