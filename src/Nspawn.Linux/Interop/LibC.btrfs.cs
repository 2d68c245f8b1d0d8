namespace Nspawn.Linux.Interop;

// linux/btrfs.h, linux/btrfs_tree.h
internal static unsafe partial class LibC
{
    public const nuint BTRFS_IOC_SNAP_CREATE_V2 = 0x50009417;
    public const nuint BTRFS_IOC_SNAP_DESTROY = 0x5000940F;
    public const nuint BTRFS_IOC_GET_SUBVOL_ROOTREF = 0xD000943D;
    public const nuint BTRFS_IOC_INO_LOOKUP_USER = 0xD000943E;
    public const ulong BTRFS_FIRST_FREE_OBJECTID = 256;
    public const int BTRFS_MAX_ROOTREF_BUFFER_NUM = 255;

    public struct btrfs_ioctl_vol_args
    {
        public long fd;
        public fixed byte name[4088];
    }

    public struct btrfs_ioctl_vol_args_v2
    {
        public long fd;
        public ulong transid;
        public ulong flags;
        public fixed ulong unused[4];
        public fixed byte name[4040];
    }

    public struct btrfs_ioctl_get_subvol_rootref_args
    {
        public ulong min_treeid;
        public fixed ulong rootref[2 * BTRFS_MAX_ROOTREF_BUFFER_NUM];
        public byte num_items;
        public fixed byte align[7];
    }

    public struct btrfs_ioctl_ino_lookup_user_args
    {
        public ulong dirid;
        public ulong treeid;
        public fixed byte name[256];
        public fixed byte path[3824];
    }
}
