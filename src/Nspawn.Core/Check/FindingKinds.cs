using System.Collections.Immutable;
using static Nspawn.Core.Severity;

namespace Nspawn.Core;

/// <summary>Every kind of finding; the man page lists the same.</summary>
public static class FindingKinds
{
    // The tree as such
    public static readonly FindingKind NoUsr = new("no-usr", Error, "name the root directory of an OS tree");
    public static readonly FindingKind MountPointBlocked = new("mount-point-blocked", Error, "make it a directory");
    public static readonly FindingKind MountPointMissing = new("mount-point-missing", Note, "make the directory, or do not boot it read-only");
    public static readonly FindingKind NotAllRead = new("not-all-read", Note, "run the check as root");

    // Init
    public static readonly FindingKind InitMissing = new("init-missing", Error, "install one, such as systemd-sysv; without --boot, commands can be run in it");
    public static readonly FindingKind InitDangling = new("init-dangling", Error, "install what the link is meant to lead to");
    public static readonly FindingKind InitNotExecutable = new("init-not-executable", Error, "install it again, or chmod it to 0755");
    public static readonly FindingKind InitFormat = new("init-format", Error, "install it again: the file is damaged, or no program");
    public static readonly FindingKind InitArchitecture = new("init-architecture", Error, "boot it on such a machine, or register an emulator such as qemu-user with binfmt_misc");
    public static readonly FindingKind InitInterpreter = new("init-interpreter", Error, "install what it needs");
    public static readonly FindingKind InitEmulated = new("init-emulated", Note, "expect it to be slow");

    // systemd
    public static readonly FindingKind SystemdCgroup = new("systemd-cgroup", Warning, "boot it on a kernel with cgroup version 1, or with a newer systemd");
    public static readonly FindingKind SystemdVersionUnknown = new("systemd-version-unknown", Note, "check that libsystemd-shared is installed with it");

    // Identity
    public static readonly FindingKind OsReleaseMissing = new("os-release-missing", Warning, "write /usr/lib/os-release, with a link /etc/os-release to it");
    public static readonly FindingKind OsReleaseMalformed = new("os-release-malformed", Warning, "write it as os-release(5) has it: NAME=\"value\", with an ID");
    public static readonly FindingKind MachineIdShipped = new("machine-id-shipped", Warning, "empty the file before the image is copied: truncate -s 0 etc/machine-id");
    public static readonly FindingKind MachineIdMalformed = new("machine-id-malformed", Error, "empty the file: truncate -s 0 etc/machine-id");
    public static readonly FindingKind MachineIdMissing = new("machine-id-missing", Warning, "put an empty file there: touch etc/machine-id");
    public static readonly FindingKind MachineIdUninitialized = new("machine-id-uninitialized", Note, "empty the file if first-boot questions are not wanted");
    public static readonly FindingKind DbusMachineId = new("dbus-machine-id", Warning, "make it a link to /etc/machine-id");
    public static readonly FindingKind HostnameEmpty = new("hostname-empty", Note, "write a name into it, or remove it");

    // Secrets that many machines would share
    public static readonly FindingKind SshHostKeys = new("ssh-host-keys", Warning, "remove them from the image and make them at the first boot: ssh-keygen -A");
    public static readonly FindingKind RandomSeed = new("random-seed", Warning, "remove it from the image");
    public static readonly FindingKind CredentialSecret = new("credential-secret", Warning, "remove it from the image; it is made when it is needed");

    // Links
    public static readonly FindingKind ResolvConfDangling = new("resolv-conf-dangling", Warning, "remove the link, and the launcher makes the file; or enable what writes it");
    public static readonly FindingKind LocaltimeDangling = new("localtime-dangling", Warning, "install tzdata, or remove the link");

    // Disks
    public static readonly FindingKind FstabMalformed = new("fstab-malformed", Warning, "correct the line, or remove it");
    public static readonly FindingKind FstabRoot = new("fstab-root", Warning, "remove the line: the launcher mounts the root");
    public static readonly FindingKind FstabIgnored = new("fstab-ignored", Note, "remove the line; pass a directory with --bind=");
    public static readonly FindingKind FstabDevice = new("fstab-device", Warning, "remove the line; pass a directory with --bind=");
    public static readonly FindingKind FstabNetwork = new("fstab-network", Warning, "remove the line, or add noauto or x-systemd.automount to its options");

    // Units
    public static readonly FindingKind UnitMissing = new("unit-missing", Warning, "install the unit, or disable it");
    public static readonly FindingKind UnitProgramMissing = new("unit-program-missing", Warning, "install the program, or disable the unit");
    public static readonly FindingKind UnitNeedsDevice = new("unit-needs-device", Warning, "disable the unit");
    public static readonly FindingKind UnitWaitOnline = new("unit-wait-online", Warning, "disable the unit, unless the container gets an interface that it waits for");
    public static readonly FindingKind UnitNoUse = new("unit-no-use", Note, "disable the unit, or give it ConditionVirtualization=!container");

    // Owners and privileges
    public static readonly FindingKind OwnershipShifted = new("ownership-shifted", Warning, "run it with a user name space of that range, or shift it back");
    public static readonly FindingKind OwnershipNotRoot = new("ownership-not-root", Warning, "unpack the tree as root, keeping the owners");
    public static readonly FindingKind OwnershipMixed = new("ownership-mixed", Warning, "shift all of it into one range");
    public static readonly FindingKind OwnershipNobody = new("ownership-nobody", Note, "see whether the tree was copied by somebody to whom the owners were not mapped");
    public static readonly FindingKind SetuidFiles = new("setuid-files", Note, "they gain nothing with --no-new-privileges=yes");
    public static readonly FindingKind RootPasswordEmpty = new("root-password-empty", Warning, "set one, or lock it: passwd --root TREE --lock root");
    public static readonly FindingKind NoLogin = new("no-login", Note, "set a password (passwd --root TREE), or pass the credential passwd.hashed-password.root");

    // What is in the way
    public static readonly FindingKind NotUsrMerged = new("not-usr-merged", Note, "merge /bin, /sbin and /lib into /usr to boot it volatile");
    public static readonly FindingKind PackageCaches = new("package-caches", Note, "clean them: apt-get clean, rm -r var/lib/apt/lists/*, dnf clean all");
    public static readonly FindingKind Logs = new("logs", Note, "remove what was logged while the image was made");
    public static readonly FindingKind TemporaryFiles = new("temporary-files", Note, "remove them");

    public static readonly ImmutableArray<FindingKind> All =
    [
        NoUsr, MountPointBlocked, MountPointMissing, NotAllRead,
        InitMissing, InitDangling, InitNotExecutable, InitFormat, InitArchitecture, InitInterpreter, InitEmulated,
        SystemdCgroup, SystemdVersionUnknown,
        OsReleaseMissing, OsReleaseMalformed, MachineIdShipped, MachineIdMalformed, MachineIdMissing, MachineIdUninitialized, DbusMachineId, HostnameEmpty,
        SshHostKeys, RandomSeed, CredentialSecret,
        ResolvConfDangling, LocaltimeDangling,
        FstabMalformed, FstabRoot, FstabIgnored, FstabDevice, FstabNetwork,
        UnitMissing, UnitProgramMissing, UnitNeedsDevice, UnitWaitOnline, UnitNoUse,
        OwnershipShifted, OwnershipNotRoot, OwnershipMixed, OwnershipNobody, SetuidFiles, RootPasswordEmpty, NoLogin,
        NotUsrMerged, PackageCaches, Logs, TemporaryFiles,
    ];
}
