#!/usr/bin/perl
# probe.pl [PID]: what a process in a container finds, as key=value lines between two markers.
# About PID (itself) where /proc tells; about its own surroundings otherwise. Only what perl-base has.
use strict;
use warnings;
use Errno;
use Fcntl qw(:DEFAULT :mode);
use POSIX ();
use Socket;

my $subject = $ARGV[0] // 'self';
my @facts;

my %errno_name = map { Errno->can($_)->() => $_ } reverse sort @Errno::EXPORT_OK;
sub errno { my $number = $! + 0; return $errno_name{$number} // "errno-$number" }

sub fact {
    my ($key, $value) = @_;
    $value //= 'absent';
    $value =~ s/([^\x20-\x7e])/sprintf '\\x%02x', ord $1/ge;
    push @facts, "$key=$value";
}

sub slurp {
    my ($path) = @_;
    sysopen my $file, $path, O_RDONLY | O_NONBLOCK or return undef;
    my $text = '';
    while (length $text < 1 << 20) {
        my $read = sysread $file, $text, 65536, length $text;
        last unless $read;
    }
    return $text;
}

# "ok" or why not.
sub opened {
    my ($path, $flags) = @_;
    sysopen my $file, $path, $flags | O_NONBLOCK | O_NOCTTY or return errno();
    return 'ok';
}

sub rdev_of { my ($rdev) = @_; return (($rdev >> 8) & 0xfff) . ':' . (($rdev & 0xff) | (($rdev >> 12) & 0xfff00)) }

# "c 0666 0:0 1:3", "l -> pts/0", "f 0444 0:0".
sub described {
    my ($path) = @_;
    my @st = lstat $path or return undef;
    my $mode = $st[2];
    return 'l -> ' . readlink $path if S_ISLNK($mode);
    my $type = S_ISDIR($mode) ? 'd' : S_ISCHR($mode) ? 'c' : S_ISBLK($mode) ? 'b' : S_ISFIFO($mode) ? 'p' : S_ISSOCK($mode) ? 's' : 'f';
    my $text = sprintf '%s %04o %d:%d', $type, $mode & 07777, $st[4], $st[5];
    $text .= ' ' . rdev_of($st[6]) if $type eq 'c' || $type eq 'b';
    return $text;
}

sub entries {
    my ($directory) = @_;
    opendir my $handle, $directory or return ();
    return sort grep { $_ ne '.' && $_ ne '..' } readdir $handle;
}

# Every entry below a directory that is on the same file system, and with contents where asked.
sub walk {
    my ($key, $top, $with_contents) = @_;
    my @todo = ('');
    while (defined(my $relative = shift @todo)) {
        for my $name (entries("$top$relative")) {
            my $path = "$relative/$name";
            my $what = described("$top$path") // next;
            fact("$key$path", $what);
            push @todo, $path if $what =~ /^d/;
            fact("$key$path.content", slurp("$top$path")) if $with_contents && $what =~ /^f/;
        }
    }
}

sub who {
    fact('pid', $$);
    fact('ppid', getppid());
    fact('pgrp', POSIX::getpgrp());
    fact('sid', syscall(124, 0));
    fact('uid', "$< $>");
    fact('gid', "$( $)");
    fact('cwd', readlink "/proc/$subject/cwd");
    fact('uname', join ' ', (POSIX::uname())[0, 4]);
    fact('hostname', (POSIX::uname())[1]);
    fact('machine_id', slurp('/etc/machine-id'));
    fact('argv', slurp("/proc/$subject/cmdline"));
    for (split /\0/, slurp("/proc/$subject/environ") // '') {
        my ($name, $value) = split /=/, $_, 2;
        fact("env.$name", $value);
    }
    fact("ns.$_", readlink "/proc/$subject/ns/$_") for qw(cgroup ipc mnt net pid time user uts);
    my $other = slurp('/proc/1/environ') // errno();
    fact('pid1.environ', $other);
    fact('pid1.exe', readlink('/proc/1/exe') // errno());
    fact('pid1.comm', slurp('/proc/1/comm'));
}

sub terminal {
    fact('stdin.tty', -t STDIN ? POSIX::ttyname(0) // 'unnamed' : 'no');
    fact('controlling_tty', opened('/dev/tty', O_RDWR));
    my @console = stat '/dev/console';
    my @pts = stat '/dev/pts';
    fact('console.own_pts', @console && @pts && $console[0] == $pts[0] ? 'yes' : 'no');
    fact('console.open', opened('/dev/console', O_RDWR));
    fact('pts.open_ptmx', opened('/dev/ptmx', O_RDWR));
    fact("fd.$_", readlink("/proc/$subject/fd/$_"))
        for grep { (readlink("/proc/$subject/fd/$_") // '') !~ /probe\.pl$/ && -e "/proc/$subject/fd/$_" } entries("/proc/$subject/fd");
}

# Two mounts may have one mount point; only the one a path leads to counts.
sub mounts {
    for (split /\n/, slurp("/proc/$subject/mountinfo")) {
        my ($left, $right) = split / - /, $_, 2;
        my ($id, undef, undef, $root, $point, $options, @propagation) = split / /, $left;
        my ($type, $source, $super) = split / /, $right;
        my $spread = @propagation ? join ',', map { s/:.*//r } @propagation : 'private';
        if (sysopen my $path, $point, 0x200000) { # O_PATH
            next if slurp('/proc/self/fdinfo/' . fileno $path) !~ /^mnt_id:\s*$id$/m;
        }
        fact("mount.$point", "$type $options $spread");
        fact("mount_super.$point", $super);
        fact("mount_root.$point", $root);
    }
}

sub file_systems {
    walk('dev', '/dev');
    walk('runhost', '/run/host', 1);
    for my $name (qw(kallsyms kcore keys sysrq-trigger timer_list kmsg)) {
        fact("proc.$name", described("/proc/$name"));
        next if $name eq 'kmsg' || $name eq 'sysrq-trigger' || $name eq 'kcore';
        my $text = slurp("/proc/$name");
        fact("proc.$name.size", defined $text ? length $text ? 'full' : 'empty' : errno());
    }
    fact('proc.kmsg.open', opened('/proc/kmsg', O_RDONLY));
    fact("proc.write.$_", opened("/proc/$_", O_WRONLY)) for qw(sys/kernel/hostname sys/kernel/panic sys/vm/swappiness sys/net/ipv4/ip_forward sysrq-trigger);
    for my $name (qw(acpi apm asound bus fs irq scsi)) {
        fact("proc.mount.$name", -e "/proc/$name" ? (POSIX::access("/proc/$name", 2) ? 'writable' : errno()) : 'absent');
    }
    fact('boot_id', slurp('/proc/sys/kernel/random/boot_id'));
    fact('sys.list', join ' ', entries('/sys'));
    fact('sys.class.net', join ' ', entries('/sys/class/net'));
    fact('sys.write', POSIX::access('/sys', 2) ? 'writable' : errno());
    fact('sys.kernel.write', POSIX::access('/sys/kernel', 2) ? 'writable' : errno());
    fact("write.$_", mkdir("$_/.probe", 0700) && rmdir("$_/.probe") ? 'ok' : errno()) for qw(/ /dev /dev/shm /etc /run /run/host /tmp /var/tmp);
}

sub control_groups {
    fact('cgroup', slurp("/proc/$subject/cgroup"));
    my ($point) = -e '/sys/fs/cgroup/cgroup.procs' ? '/sys/fs/cgroup' : '/sys/fs/cgroup/unified';
    fact('cgroup2.at', -e "$point/cgroup.procs" ? $point : 'absent');
    my @st = stat $point;
    fact('cgroup2.owner', @st ? "$st[4]:$st[5]" : undef);
    fact('cgroup2.mkdir', mkdir("$point/probe") && rmdir("$point/probe") ? 'ok' : errno());
    fact('cgroup2.limits', opened("$point/cgroup.max.depth", O_WRONLY));
    fact('cgroup.list', join ' ', -e '/sys/fs/cgroup/cgroup.procs' ? 'cgroup2' : entries('/sys/fs/cgroup'));
}

sub security {
    my $status = slurp("/proc/$subject/status");
    fact("status.$1", $2) while $status =~ /^(Cap\w+|NoNewPrivs|Seccomp|Seccomp_filters|SigBlk|SigIgn|Umask|Groups):[ \t]*(.*?)[ \t]*$/mg;
    fact('securebits', syscall(157, 27, 0, 0, 0, 0));
    fact('keepcaps', syscall(157, 7, 0, 0, 0, 0));
    fact('dumpable', syscall(157, 3, 0, 0, 0, 0));
    my $signal = pack 'i', 0;
    syscall(157, 2, $signal, 0, 0, 0);
    fact('parent_death_signal', unpack 'i', $signal);
    fact('oom_score_adj', slurp("/proc/$subject/oom_score_adj"));
    fact('loginuid', slurp("/proc/$subject/loginuid"));
    fact('personality', slurp("/proc/$subject/personality"));
    fact('nice', getpriority(0, 0));
    for (split /\n/, slurp("/proc/$subject/limits")) {
        fact("limit.$1", "$2:$3") if /^Max (.*?)\s{2,}(\S+)\s+(\S+)/;
    }
    fact('keys.session', slurp('/proc/keys') // errno());
}

# Every argument is wrong, so that a call the filter lets through does nothing; EPERM is then the filter's or a missing capability's.
sub system_calls {
    my @calls = (
        [add_key => 248, 0, 0, 0, 0, 0], [request_key => 249, 0, 0, 0, 0], [keyctl => 250, 0, -3, 0],
        [bpf => 321, 9999, 0, 0], [perf_event_open => 298, 0, 0, -1, -1, 0], [kexec_load => 246, 0, 0, 0, 9999],
        [init_module => 175, 0, 0, 0], [finit_module => 313, -1, 0, 0], [delete_module => 176, 0, 0], [syslog => 103, 9999, 0, 0],
        [nonexistent => 9999], [unshare => 272, 0x200], [setns => 308, -1, 0], [open_by_handle_at => 304, -1, 0, 0],
        [name_to_handle_at => 303, -1, 0, 0, 0, 0], [clock_settime => 227, 0, 0], [settimeofday => 164, 1, 0], [adjtimex => 159, 0],
        [swapon => 167, 0, 0], [swapoff => 168, 0], [quotactl => 179, 0, 0, 0, 0], [acct => 163, 1], [iopl => 172, 9], [ioperm => 173, 0, 0, 9],
        [mount => 165, 0, 0, 0, 0, 0], [pivot_root => 155, 0, 0], [chroot => 161, 0], [fsopen => 430, 0, 0], [open_tree => 428, -1, 0, 0],
        [mount_setattr => 442, -1, 0, 0, 0, 0], [fanotify_init => 300, 0xffffffff, 0], [userfaultfd => 323, 0xffffffff], [io_uring_setup => 425, 0, 0],
        [ptrace => 101, 9999, 999999, 0, 0], [process_vm_readv => 310, 999999, 0, 0, 0, 0, 0], [kcmp => 312, 999999, 999999, 0, 0, 0],
        [mlock => 149, 0, 0], [mlockall => 151, 0], [pkey_alloc => 330, 9999, 0], [memfd_secret => 447, 0xffffffff], [landlock_create_ruleset => 444, 0, 0, 1],
        [modify_ldt => 154, 0, 0, 0], [reboot => 169, 0, 0, 0, 0], [seccomp => 317, 9999, 0, 0], [lookup_dcookie => 212, 0, 0, 0],
        [cachestat => 451, -1, 0, 0, 0], [map_shadow_stack => 453, 0, 0, 9999], [futex_wake => 454, 0, 0, 0, 0], [futex_wait => 455, 0, 0, 0, 0, 0, 0],
        [statmount => 457, 0, 0, 0, 0], [listmount => 458, 0, 0, 0, 0], [mseal => 462, 0, 0, 9999], [setxattrat => 463, -1, 0, 0, 0, 0, 0],
        [open_tree_attr => 467, -1, 0, 0, 0, 0], [file_getattr => 468, -1, 0, 0, 0, 0], [x32_getpid => 0x40000027],
    );
    for (@calls) {
        my ($name, $number, @arguments) = @$_;
        my $result = syscall $number, @arguments;
        fact("call.$name", $result == -1 ? errno() : 'ok');
    }
    my %families = (netlink_audit => [16, 3, 9], netlink_route => [16, 3, 0], packet => [17, 3, 0], inet_raw => [2, 3, 1], unix => [1, 1, 0], vsock => [40, 1, 0]);
    for (sort keys %families) {
        fact("socket.$_", socket(my $socket, $families{$_}[0], $families{$_}[1], $families{$_}[2]) ? 'ok' : errno());
    }
}

# Making a node is one question, opening it another.
sub devices {
    my ($disk) = (slurp('/proc/partitions') // '') =~ /^\s*(\d+\s+\d+)\s/m;
    my %nodes = (mem => ['c', 1, 1], 'loop-control' => ['c', 10, 237], kmsg => ['c', 1, 11], null => ['c', 1, 3], tty0 => ['c', 4, 0], ptmx => ['c', 5, 2]);
    $nodes{disk} = ['b', split /\s+/, $disk] if defined $disk;
    for my $name (sort keys %nodes) {
        my ($type, $major, $minor) = @{ $nodes{$name} };
        my $path = "/dev/.probe-$name";
        my $mode = ($type eq 'c' ? S_IFCHR : S_IFBLK) | 0600;
        my $made = syscall(133, $path, $mode, $major << 8 | $minor) == 0;
        fact("device.$name.mknod", $made ? 'ok' : errno());
        fact("device.$name.open", opened($path, O_RDONLY)) if $made;
        unlink $path;
    }
    fact("device.$_", opened("/dev/$_", O_RDWR)) for qw(null zero full random urandom tty ptmx net/tun fuse);
}

sub network {
    fact('net.interfaces', join ' ', sort map { /^\s*([^:\s]+):/ ? $1 : () } split /\n/, slurp("/proc/net/dev"));
    socket my $socket, AF_INET, SOCK_STREAM, 0;
    fact('net.loopback', bind($socket, pack_sockaddr_in(0, inet_aton('127.0.0.1'))) ? 'ok' : errno());
    fact('net.lo_flags', slurp('/sys/class/net/lo/flags'));
}

terminal();
who();
mounts();
file_systems();
control_groups();
security();
system_calls();
devices();
network();
print "\n<<< facts\n", (map { "$_\n" } @facts), ">>> facts\n";
