namespace Nspawn.Core;

/// <content>Calls about a process, its identity and its limits.</content>
internal static partial class SyscallTable
{
    /// <summary>
    /// @default less @sandbox: what every process needs to run at all. uretprobe is here and not refused because the
    /// kernel itself makes a process call it.
    /// </summary>
    private static ReadOnlySpan<byte> Default => """
        158 384 arch_prctl
         12  45 brk
        229 266 clock_getres
          - 406 clock_getres_time64
        228 265 clock_gettime
          - 403 clock_gettime64
        230 267 clock_nanosleep
          - 407 clock_nanosleep_time64
         59  11 execve
         60   1 exit
        231 252 exit_group
        202 240 futex
          - 422 futex_time64
        449 449 futex_waitv
        274 312 get_robust_list
        211 244 get_thread_area
        108  50 getegid
          - 202 getegid32
        107  49 geteuid
          - 201 geteuid32
        104  47 getgid
          - 200 getgid32
        115  80 getgroups
          - 205 getgroups32
        121 132 getpgid
        111  65 getpgrp
         39  20 getpid
        110  64 getppid
        318 355 getrandom
        120 171 getresgid
          - 211 getresgid32
        118 165 getresuid
          - 209 getresuid32
         97  76 getrlimit
        124 147 getsid
        186 224 gettid
         96  78 gettimeofday
        102  24 getuid
          - 199 getuid32
        459 459 lsm_get_self_attr
        461 461 lsm_list_modules
        324 375 membarrier
          9  90 mmap
          - 192 mmap2
         10 125 mprotect
        462 462 mseal
         11  91 munmap
         35 162 nanosleep
         34  29 pause
        302 340 prlimit64
        219   0 restart_syscall
        334 386 rseq
         15 173 rt_sigreturn
        204 242 sched_getaffinity
         24 158 sched_yield
        273 311 set_robust_list
        205 243 set_thread_area
        218 258 set_tid_address
          - 119 sigreturn
        201  13 time
          - 191 ugetrlimit
        335   - uretprobe
        """u8;

    /// <summary>@sandbox: a process giving up rights of its own.</summary>
    private static ReadOnlySpan<byte> Sandbox => """
        445 445 landlock_add_rule
        444 444 landlock_create_ruleset
        446 446 landlock_restrict_self
        317 354 seccomp
        """u8;

    /// <summary>@process.</summary>
    private static ReadOnlySpan<byte> Process => """
        125 184 capget
         56 120 clone
        435 435 clone3
        322 358 execveat
         57   2 fork
         98  77 getrusage
         62  37 kill
        434 434 pidfd_open
        424 424 pidfd_send_signal
        157 172 prctl
        129 178 rt_sigqueueinfo
        297 335 rt_tgsigqueueinfo
        308 346 setns
        234 270 tgkill
        100  43 times
        200 238 tkill
        272 310 unshare
         58 190 vfork
         61 114 wait4
        247 284 waitid
          -   7 waitpid
        """u8;

    /// <summary>@resources.</summary>
    private static ReadOnlySpan<byte> Resources => """
        251 289 ioprio_set
        237 274 mbind
        256 294 migrate_pages
        279 317 move_pages
          -  34 nice
        203 241 sched_setaffinity
        314 351 sched_setattr
        142 154 sched_setparam
        144 156 sched_setscheduler
        238 276 set_mempolicy
        450 450 set_mempolicy_home_node
        141  97 setpriority
        160  75 setrlimit
        """u8;

    /// <summary>@setuid.</summary>
    private static ReadOnlySpan<byte> Setuid => """
        106  46 setgid
          - 214 setgid32
        116  81 setgroups
          - 206 setgroups32
        114  71 setregid
          - 204 setregid32
        119 170 setresgid
          - 210 setresgid32
        117 164 setresuid
          - 208 setresuid32
        113  70 setreuid
          - 203 setreuid32
        105  23 setuid
          - 213 setuid32
        """u8;

    /// <summary>@signal.</summary>
    private static ReadOnlySpan<byte> Signal => """
         13 174 rt_sigaction
        127 176 rt_sigpending
         14 175 rt_sigprocmask
        130 179 rt_sigsuspend
        128 177 rt_sigtimedwait
          - 421 rt_sigtimedwait_time64
          -  67 sigaction
        131 186 sigaltstack
          -  48 signal
        282 321 signalfd
        289 327 signalfd4
          -  73 sigpending
          - 126 sigprocmask
          -  72 sigsuspend
        """u8;
}
