using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const nuint LOOP_CONFIGURE = 0x4C0A;
    public const nuint LOOP_CTL_GET_FREE = 0x4C82;

    public const uint LO_FLAGS_READ_ONLY = 1;
    public const uint LO_FLAGS_AUTOCLEAR = 4;
    public const uint LO_FLAGS_DIRECT_IO = 16;

    public struct loop_info64
    {
        public ulong lo_device;
        public ulong lo_inode;
        public ulong lo_rdevice;
        public ulong lo_offset;
        public ulong lo_sizelimit;
        public uint lo_number;
        public uint lo_encrypt_type;
        public uint lo_encrypt_key_size;
        public uint lo_flags;
        public fixed byte lo_file_name[64];
        public fixed byte lo_crypt_name[64];
        public fixed byte lo_encrypt_key[32];
        public fixed ulong lo_init[2];
    }

    [StructLayout(LayoutKind.Sequential, Size = 304)]
    public struct loop_config
    {
        public uint fd;
        public uint block_size;
        public loop_info64 info;
    }
}
