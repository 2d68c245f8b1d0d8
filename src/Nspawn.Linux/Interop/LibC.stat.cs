using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const uint S_IFMT = 0xF000;
    public const uint S_IFSOCK = 0xC000;
    public const uint S_IFLNK = 0xA000;
    public const uint S_IFREG = 0x8000;
    public const uint S_IFBLK = 0x6000;
    public const uint S_IFDIR = 0x4000;
    public const uint S_IFCHR = 0x2000;
    public const uint S_IFIFO = 0x1000;

    public const uint RENAME_NOREPLACE = 1;

    public const uint STATX_BASIC_STATS = 0x7ff;
    public const uint STATX_MNT_ID = 0x1000;
    public const ulong STATX_ATTR_IMMUTABLE = 0x10;
    public const ulong STATX_ATTR_MOUNT_ROOT = 0x2000;

    public const uint OVERLAYFS_SUPER_MAGIC = 0x794c7630;
    public const uint NFS_SUPER_MAGIC = 0x6969;
    public const uint FUSE_SUPER_MAGIC = 0x65735546;
    public const uint V9FS_MAGIC = 0x01021997;
    public const uint SMB2_SUPER_MAGIC = 0xfe534d42;
    public const uint TMPFS_MAGIC = 0x01021994;
    public const uint PROC_SUPER_MAGIC = 0x9fa0;
    public const uint SYSFS_MAGIC = 0x62656572;
    public const uint EXT4_SUPER_MAGIC = 0xef53;
    public const uint XFS_SUPER_MAGIC = 0x58465342;
    public const uint BTRFS_SUPER_MAGIC = 0x9123683e;
    public const uint DEVPTS_SUPER_MAGIC = 0x1cd1;
    public const uint DEBUGFS_MAGIC = 0x64626720;
    public const uint TRACEFS_MAGIC = 0x74726163;
    public const uint SECURITYFS_MAGIC = 0x73636673;
    public const uint BPF_FS_MAGIC = 0xcafe4a11;
    public const uint PSTOREFS_MAGIC = 0x6165676c;
    public const uint EFIVARFS_MAGIC = 0xde5e81e4;
    public const uint SELINUX_MAGIC = 0xf97cff8c;
    public const uint BINFMTFS_MAGIC = 0x42494e4d;
    public const uint AUTOFS_SUPER_MAGIC = 0x0187;
    public const uint CGROUP_SUPER_MAGIC = 0x27e0eb;
    public const uint CGROUP2_SUPER_MAGIC = 0x63677270;

    public struct statx_timestamp
    {
        public long tv_sec;
        public uint tv_nsec;
        public int __reserved;
    }

    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct statx_t
    {
        public uint stx_mask;
        public uint stx_blksize;
        public ulong stx_attributes;
        public uint stx_nlink;
        public uint stx_uid;
        public uint stx_gid;
        public ushort stx_mode;
        public ushort __spare0;
        public ulong stx_ino;
        public ulong stx_size;
        public ulong stx_blocks;
        public ulong stx_attributes_mask;
        public statx_timestamp stx_atime;
        public statx_timestamp stx_btime;
        public statx_timestamp stx_ctime;
        public statx_timestamp stx_mtime;
        public uint stx_rdev_major;
        public uint stx_rdev_minor;
        public uint stx_dev_major;
        public uint stx_dev_minor;
        public ulong stx_mnt_id;
    }

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx(int dirfd, string path, int flags, uint mask, statx_t* buffer);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int statx(int dirfd, byte* path, int flags, uint mask, statx_t* buffer);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chmod(string path, uint mode);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mkdirat(int dirfd, string path, uint mode);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mknodat(int dirfd, string path, uint mode, ulong dev);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int fchmod(int fd, uint mode);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int fchmodat(int dirfd, string path, uint mode, int flags);

    [LibraryImport(libc)]
    public static partial uint umask(uint mask);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int renameat(int olddirfd, string oldpath, int newdirfd, string newpath);

    public const ulong ST_RDONLY = 1;

    [StructLayout(LayoutKind.Sequential, Size = 120)]
    public struct statfs_t
    {
        public long f_type;
        public long f_bsize;
        public ulong f_blocks;
        public ulong f_bfree;
        public ulong f_bavail;
        public ulong f_files;
        public ulong f_ffree;
        public ulong f_fsid;
        public long f_namelen;
        public long f_frsize;
        public long f_flags;
    }

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statfs(string path, statfs_t* buffer);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int fstatfs(int fd, statfs_t* buffer);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int renameat(int olddirfd, byte* oldpath, int newdirfd, byte* newpath);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int mkdirat(int dirfd, byte* path, uint mode);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int mknodat(int dirfd, byte* path, uint mode, ulong dev);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int renameat2(int olddirfd, string oldpath, int newdirfd, string newpath, uint flags);

    public struct timespec
    {
        public long tv_sec;
        public long tv_nsec;
    }

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int utimensat(int dirfd, string path, timespec* times, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int fchmodat(int dirfd, byte* path, uint mode, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int utimensat(int dirfd, byte* path, timespec* times, int flags);

    [LibraryImport(libc, SetLastError = true)]
    public static partial int futimens(int fd, timespec* times);
}
