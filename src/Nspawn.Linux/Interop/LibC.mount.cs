using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const ulong MS_RDONLY = 1;
    public const ulong MS_NOSUID = 2;
    public const ulong MS_NODEV = 4;
    public const ulong MS_NOEXEC = 8;
    public const ulong MS_REMOUNT = 32;
    public const ulong MS_NOSYMFOLLOW = 256;
    public const ulong MS_BIND = 4096;
    public const ulong MS_MOVE = 8192;
    public const ulong MS_REC = 16384;
    public const ulong MS_PRIVATE = 1 << 18;
    public const ulong MS_SLAVE = 1 << 19;
    public const ulong MS_SHARED = 1 << 20;
    public const ulong MS_STRICTATIME = 1 << 24;

    public const int MNT_DETACH = 2;
    public const int UMOUNT_NOFOLLOW = 8;

    public const uint OPEN_TREE_CLONE = 1;
    public const uint OPEN_TREE_CLOEXEC = O_CLOEXEC;

    public const uint MOVE_MOUNT_F_EMPTY_PATH = 0x04;
    public const uint MOVE_MOUNT_T_EMPTY_PATH = 0x40;

    public const uint FSOPEN_CLOEXEC = 1;
    public const uint FSCONFIG_SET_FLAG = 0;
    public const uint FSCONFIG_SET_STRING = 1;
    public const uint FSCONFIG_CMD_CREATE = 6;
    public const uint FSMOUNT_CLOEXEC = 1;

    public const ulong MOUNT_ATTR_RDONLY = 0x1;
    public const ulong MOUNT_ATTR_NOSUID = 0x2;
    public const ulong MOUNT_ATTR_NODEV = 0x4;
    public const ulong MOUNT_ATTR_NOEXEC = 0x8;
    public const ulong MOUNT_ATTR_STRICTATIME = 0x20;
    public const ulong MOUNT_ATTR__ATIME = 0x70;
    public const ulong MOUNT_ATTR_NOSYMFOLLOW = 0x200000;
    public const ulong MOUNT_ATTR_IDMAP = 0x100000;

    public struct mount_attr
    {
        public ulong attr_set;
        public ulong attr_clr;
        public ulong propagation;
        public ulong userns_fd;
    }

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int umount2(string target, int flags);

    // The C library has no wrapper.
    public static nint pivot_root(string newRoot, string putOld)
    {
        using Utf8 root = new(newRoot);
        using Utf8 old = new(putOld);
        return syscall(SYS_pivot_root, root, old, 0, 0, 0, 0);
    }
}
