namespace Nspawn.Core;

/// <content>Calls about files, directories and mounts.</content>
internal static partial class SyscallTable
{
    /// <summary>@basic-io.</summary>
    private static ReadOnlySpan<byte> BasicIo => """
          3   6 close
        436 436 close_range
         32  41 dup
         33  63 dup2
        292 330 dup3
          - 140 _llseek
          8  19 lseek
         17 180 pread64
        295 333 preadv
        327 378 preadv2
         18 181 pwrite64
        296 334 pwritev
        328 379 pwritev2
          0   3 read
         19 145 readv
          1   4 write
         20 146 writev
        """u8;

    /// <summary>@file-system less close, whose row stands in @basic-io.</summary>
    private static ReadOnlySpan<byte> FileSystem => """
         21  33 access
         80  12 chdir
         90  15 chmod
         85   8 creat
        269 307 faccessat
        439 439 faccessat2
        285 324 fallocate
         81 133 fchdir
         91  94 fchmod
        268 306 fchmodat
        452 452 fchmodat2
         72  55 fcntl
          - 221 fcntl64
        193 231 fgetxattr
        468 468 file_getattr
        469 469 file_setattr
        196 234 flistxattr
        199 237 fremovexattr
        190 228 fsetxattr
          5 108 fstat
          - 197 fstat64
          - 300 fstatat64
        138 100 fstatfs
          - 269 fstatfs64
         77  93 ftruncate
          - 194 ftruncate64
        261 299 futimesat
         79 183 getcwd
         78 141 getdents
        217 220 getdents64
        191 229 getxattr
        464 464 getxattrat
        254 292 inotify_add_watch
        253 291 inotify_init
        294 332 inotify_init1
        255 293 inotify_rm_watch
        192 230 lgetxattr
         86   9 link
        265 303 linkat
        458 458 listmount
        194 232 listxattr
        465 465 listxattrat
        195 233 llistxattr
        198 236 lremovexattr
        189 227 lsetxattr
          6 107 lstat
          - 196 lstat64
         83  39 mkdir
        258 296 mkdirat
        133  14 mknod
        259 297 mknodat
        262   - newfstatat
          -  28 oldfstat
          -  84 oldlstat
          -  18 oldstat
          2   5 open
        428 428 open_tree
        257 295 openat
        437 437 openat2
         89  85 readlink
        267 305 readlinkat
        197 235 removexattr
        466 466 removexattrat
         82  38 rename
        264 302 renameat
        316 353 renameat2
         84  40 rmdir
        188 226 setxattr
        463 463 setxattrat
          4 106 stat
          - 195 stat64
        137  99 statfs
          - 268 statfs64
        457 457 statmount
        332 383 statx
         88  83 symlink
        266 304 symlinkat
         76  92 truncate
          - 193 truncate64
         87  10 unlink
        263 301 unlinkat
        132  30 utime
        280 320 utimensat
          - 412 utimensat_time64
        235 271 utimes
        """u8;

    /// <summary>@chown.</summary>
    private static ReadOnlySpan<byte> Chown => """
         92 182 chown
          - 212 chown32
         93  95 fchown
          - 207 fchown32
        260 298 fchownat
         94  16 lchown
          - 198 lchown32
        """u8;

    /// <summary>@sync.</summary>
    private static ReadOnlySpan<byte> Sync => """
         75 148 fdatasync
         74 118 fsync
         26 144 msync
        162  36 sync
        277 314 sync_file_range
        306 344 syncfs
        """u8;

    /// <summary>@mount.</summary>
    private static ReadOnlySpan<byte> Mount => """
        161  61 chroot
        431 431 fsconfig
        432 432 fsmount
        430 430 fsopen
        433 433 fspick
        165  21 mount
        442 442 mount_setattr
        429 429 move_mount
        467 467 open_tree_attr
        155 217 pivot_root
          -  22 umount
        166  52 umount2
        """u8;

    /// <summary>@aio.</summary>
    private static ReadOnlySpan<byte> Aio => """
        210 249 io_cancel
        207 246 io_destroy
        208 247 io_getevents
        333 385 io_pgetevents
          - 416 io_pgetevents_time64
        206 245 io_setup
        209 248 io_submit
        426 426 io_uring_enter
        427 427 io_uring_register
        425 425 io_uring_setup
        """u8;
}
