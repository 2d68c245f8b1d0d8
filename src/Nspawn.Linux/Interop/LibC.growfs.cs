namespace Nspawn.Linux.Interop;

// The kernel's ext4.h, linux/btrfs.h, xfs_fs.h
internal static unsafe partial class LibC
{
    public const nuint EXT4_IOC_RESIZE_FS = 0x40086610;
    public const nuint BTRFS_IOC_RESIZE = 0x50009403;
    public const nuint XFS_IOC_FSGEOMETRY = 0x8100587E;
    public const nuint XFS_IOC_FSGROWFSDATA = 0x4010586E;
}
