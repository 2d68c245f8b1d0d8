namespace Nspawn.Core;

/// <content>Calls by which processes wait for and talk to each other, and those of no particular group.</content>
internal static partial class SyscallTable
{
    /// <summary>@io-event.</summary>
    private static ReadOnlySpan<byte> IoEvent => """
        213 254 epoll_create
        291 329 epoll_create1
        233 255 epoll_ctl
        214   - epoll_ctl_old
        281 319 epoll_pwait
        441 441 epoll_pwait2
        232 256 epoll_wait
        215   - epoll_wait_old
        284 323 eventfd
        290 328 eventfd2
          - 142 _newselect
          7 168 poll
        271 309 ppoll
          - 414 ppoll_time64
        270 308 pselect6
          - 413 pselect6_time64
         23  82 select
        """u8;

    /// <summary>@ipc.</summary>
    private static ReadOnlySpan<byte> Ipc => """
          - 117 ipc
        319 356 memfd_create
        245 282 mq_getsetattr
        244 281 mq_notify
        240 277 mq_open
        243 280 mq_timedreceive
          - 419 mq_timedreceive_time64
        242 279 mq_timedsend
          - 418 mq_timedsend_time64
        241 278 mq_unlink
         71 402 msgctl
         68 399 msgget
         70 401 msgrcv
         69 400 msgsnd
         22  42 pipe
        293 331 pipe2
        440 440 process_madvise
        310 347 process_vm_readv
        311 348 process_vm_writev
         66 394 semctl
         64 393 semget
         65   - semop
        220   - semtimedop
          - 420 semtimedop_time64
         30 397 shmat
         31 396 shmctl
         67 398 shmdt
         29 395 shmget
        """u8;

    /// <summary>@keyring: every container starts with a keyring of its own.</summary>
    private static ReadOnlySpan<byte> Keyring => """
        248 286 add_key
        250 288 keyctl
        249 287 request_key
        """u8;

    /// <summary>@network-io.</summary>
    private static ReadOnlySpan<byte> NetworkIo => """
         43   - accept
        288 364 accept4
         49 361 bind
         42 362 connect
         52 368 getpeername
         51 367 getsockname
         55 365 getsockopt
         50 363 listen
         45 371 recvfrom
        299 337 recvmmsg
          - 417 recvmmsg_time64
         47 372 recvmsg
        307 345 sendmmsg
         46 370 sendmsg
         44 369 sendto
         54 366 setsockopt
         48 373 shutdown
         41 359 socket
          - 102 socketcall
         53 360 socketpair
        """u8;

    /// <summary>@timer less times, whose row stands in @process.</summary>
    private static ReadOnlySpan<byte> Timer => """
         37  27 alarm
         36 105 getitimer
         38 104 setitimer
        222 259 timer_create
        226 263 timer_delete
        225 262 timer_getoverrun
        224 261 timer_gettime
          - 408 timer_gettime64
        223 260 timer_settime
          - 409 timer_settime64
        283 322 timerfd_create
        287 326 timerfd_gettime
          - 410 timerfd_gettime64
        286 325 timerfd_settime
          - 411 timerfd_settime64
        """u8;

    /// <summary>In no smaller group, wanted by ordinary services: @system-service names them one by one.</summary>
    private static ReadOnlySpan<byte> Common => """
        126 185 capset
        326 377 copy_file_range
        221 250 fadvise64
          - 272 fadvise64_64
         73 143 flock
        239 275 get_mempolicy
        309 318 getcpu
        140  96 getpriority
         16  54 ioctl
        252 290 ioprio_get
        312 349 kcmp
         28 219 madvise
         25 163 mremap
        303 341 name_to_handle_at
          -  59 oldolduname
          - 109 olduname
        135 136 personality
        187 225 readahead
          -  89 readdir
        216 257 remap_file_pages
        146 159 sched_get_priority_max
        147 160 sched_get_priority_min
        315 352 sched_getattr
        143 155 sched_getparam
        145 157 sched_getscheduler
        148 161 sched_rr_get_interval
          - 423 sched_rr_get_interval_time64
         40 187 sendfile
          - 239 sendfile64
        123 139 setfsgid
          - 216 setfsgid32
        122 138 setfsuid
          - 215 setfsuid32
        109  57 setpgid
        112  66 setsid
        275 313 splice
         99 116 sysinfo
        276 315 tee
         95  60 umask
         63 122 uname
        323 374 userfaultfd
        278 316 vmsplice
        """u8;

    /// <summary>In no smaller group and not for ordinary services, but part of what a machine does.</summary>
    private static ReadOnlySpan<byte> Container => """
        451 451 cachestat
         27 218 mincore
        171 121 setdomainname
        170  74 sethostname
        """u8;

    /// <summary>
    /// What systemd 262 knows and refuses although it allows the same thing by another call: futex(2) in three calls,
    /// a file of /proc/self/attr as a call, and uretprobe's twin.
    /// </summary>
    private static ReadOnlySpan<byte> Forgotten => """
        456 456 futex_requeue
        455 455 futex_wait
        454 454 futex_wake
        460 460 lsm_set_self_attr
        336   - uprobe
        """u8;
}
