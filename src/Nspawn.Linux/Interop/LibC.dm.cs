namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const nuint DM_DEV_REMOVE = 0xC138FD04;

    public const uint DM_VERSION_MAJOR = 4;
    public const uint DM_DEFERRED_REMOVE = 1 << 17;
    public const int DM_NAME_LEN = 128;

    public struct dm_ioctl
    {
        public fixed uint version[3];
        public uint data_size;
        public uint data_start;
        public uint target_count;
        public int open_count;
        public uint flags;
        public uint event_nr;
        public uint padding;
        public ulong dev;
        public fixed byte name[DM_NAME_LEN];
        public fixed byte uuid[129];
        public fixed byte data[7];
    }
}
