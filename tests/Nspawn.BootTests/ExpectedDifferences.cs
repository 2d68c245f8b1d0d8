namespace Nspawn.BootTests;

/// <summary>Where nspawn means to differ from systemd-nspawn 252, the reference, and why.</summary>
internal static class ExpectedDifferences
{
    private const string Anything = ".*";

    public static readonly ExpectedDifference[] All =
    [
        // Differs between any two runs.
        new("boot_id|runhost/proc-sys-kernel-random-boot-id.content", "[0-9a-f-]{36}", "fresh for every start"),
        new(@"keys\.session|pid1\.environ", Anything, "holds serial numbers, or the stub's environment, which has a test of its own"),
        new(@"(mount_root|mount_super)\..*", Anything, "paths and numbers of this start; sizes and modes have tests of their own"),
        new(@"fd\.([3-9]|\d\d+)|pid|ppid|sid|pgrp", Anything, "what systemd opens, and who the probe is among its children; for commands there are tests"),
        new(@"limit\.(processes|pending signals)", Anything, "follow the host's PID 1, which may be asked or not"),

        // What systemd-nspawn later learned to do better.
        new(@"env\.TERM", "dumb", "252 says nothing without a terminal; a guest of systemd 262 then asks the terminal and waits for the answer"),
        new(@"proc\.(kallsyms|keys|timer_list)(\.size)?", @"f 0000 0:0|empty|EACCES", "252 looks for its empty file where none is, so its masks are not there"),
        new(@"mount\./proc/(kallsyms|kcore|keys|sysrq-trigger|timer_list)", "tmpfs ro,.*", "the masks again"),
        new(@"runhost/container-(manager|uuid)", "f 0444 0:0", "nobody is to write to it; 0444 since 253"),
        new("runhost/os-release", "f 0444 0:0", "a copy: the host's file is not mounted into the container"),
        new("runhost/notify", "s 0200 0:0", "only for writing; since 253"),
        new("runhost/inaccessible", "d 0555 0:0", "nobody is to write to it"),
        new("runhost/proc-(kmsg|sys-kernel-random-boot-id)(.content)?", Anything, "stays where it can be seen, instead of being a deleted file"),
        new("mount./proc/kmsg|mount./proc/sys/kernel/random/boot_id", "tmpfs r[ow],.*", "bound from /run/host, with its options"),
        new("runhost/unix-export", "d .*", "sockets for the host to connect to; since 256"),
        new("mount./run/host/(unix-export|incoming|os-release)", Anything, "one mount where 252 has two"),
        new("mount./", "(overlay|tmpfs) r[ow],relatime(,idmapped)? shared", "252 leaves the tree a slave of the host's mounts; newer ones cut it off too"),
        new("mount./etc/localtime|mount./usr/share/zoneinfo/.*", Anything, "mounted over the link itself, not on what the tree makes it lead to"),
        new("dev/pts/0", "c 0600 0:5 136:0", "systemd 258 made terminals private"),
        new("mount_super./dev/pts", Anything, "the same"),
        new("dev/fuse|dev/char/10:229|device.fuse", "c 06.*|l -> .*|ok", "user-space file systems, where the host has the device open to us; since 258"),
        new("dev/net.*|dev/char/10:200|device.net/tun", Anything, "only where the host's can be opened; since 258"),
        new("sys.list|mount./sys/fs/.*", Anything, "252 leaves an empty folder for SELinux; newer ones one for bpf"),
        new("status.Seccomp_filters", "[1-9]", "the same rules in one program instead of one for each architecture"),
        new(@"call\.(keyctl|add_key|request_key|landlock_create_ruleset|cachestat|statmount|listmount|mseal|setxattrat|open_tree_attr|file_getattr|map_shadow_stack|futex_wake|futex_wait)", Anything,
            "known to newer systemd, or newer than 252's tables"),

        // What systemd-nspawn does not do, or only when it can ask the system bus for a scope.
        new(@"device\.(mem|kmsg|loop-control|disk|tty0)\.(mknod|open)", "EPERM|absent",
            "devices are the container's own in every mode; 252 leaves that to a scope, which it cannot have without a bus"),
        new(@"status\.Cap(Bnd|Eff|Inh|Prm)", "00000000[0-9a-f]{8}",
            "without CAP_AUDIT_CONTROL and CAP_AUDIT_WRITE, as the Container Interface asks; the exact sets have tests of their own"),
        new(@"mount\./etc/localtime|mount\./usr/share/zoneinfo/.*", "ext4 ro,.*|overlay ro,.*|absent",
            "a bound zone covers the link; 252 follows it, and hides one zone behind another"),
        new("pid1.exe|pid1.comm", Anything, "the stub of --as-pid2 is a program of another name"),
        new("parent_death_signal", "9", "the payload does not outlive its launcher"),

        // With users of its own.
        new("dev/mqueue|runhost/incoming", "d [0-7]+ 0:0", "the container's root's, as all else; 252 leaves them nobody's"),
        new(@"proc\.write\.sys/.*", "EACCES", "with a network as well /proc/sys is not read-only; the host's part is the host's root's"),
        new("mount./proc/sys(/net)?", Facts.Absent, "the same"),

        new("cgroup2.owner", "0:0", "252 leaves a group behind without a scope, and the next run finds it with the owner of the last"),

        // The host's kind of cgroup hierarchy decides how it is shown.
        new("cgroup|cgroup.list|cgroup2.at|mount./sys/fs/cgroup.*|cgroup2.limits", Anything, "a cgroup2-only view is shown where 252 copies the host's hybrid one"),
    ];
}
