using Nspawn.Core;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>A failed step in the user's words: what was attempted, on what, and what would help.</summary>
internal static class StepText
{
    /// <summary>The step failed for that reason, and the launch with it.</summary>
    public static LaunchException Failed(Step step, string reason, Errno errno) => new($"{Of(step)}: {reason}{Remedy(step, errno)}");

    public static string Of(Step step) => step switch
    {
        SwitchRoot => "cannot make the tree the root",
        AttachMounts attach => $"cannot use {attach.Source} as the root",
        AttachTree attach => $"cannot use {attach.HostPath} as the root",
        PivotTree pivot => $"cannot make {pivot.New} of the tree the root ({pivot.Reason})",
        KeepUsrOnly keep => $"cannot make a root of memory ({keep.Reason.Split(':')[0]})",
        MountOverlay overlay => $"cannot mount an overlay on {overlay.Target} ({overlay.Reason})",
        MakeWorkDirectory make => $"cannot make {make.Path} {(make.HostTree is null ? "" : "in the tree ")}for an overlay ({make.Reason})",
        AddLayer layer => $"cannot put a layer on the tree ({layer.Reason.Split(':')[0]})",
        SnapshotTree snapshot => $"cannot make the snapshot {snapshot.Path} of the tree (--ephemeral)",
        MakeScratch make => $"cannot make {make.Path} ({make.Reason})",
        Mount mount => $"cannot mount {mount.Type} on {mount.Target}",
        BindHost bind => $"cannot bind {bind.HostPath} on {bind.Target} ({bind.Reason})",
        Bind bind => $"cannot bind {bind.Source} on {bind.Target} ({bind.Reason})",
        Cover cover => $"cannot make {cover.Path} inaccessible",
        Remount remount => $"cannot remount {remount.Target}",
        MakeDirectory make => $"cannot make the directory {make.Path} in the tree",
        MakeNode make => $"cannot make {make.Path}",
        MakeSymlink make => $"cannot make the link {make.Path}",
        WriteFile write => $"cannot write {write.Path}",
        WriteUserPassword write => $"cannot write {write.Path}",
        ReplaceFile replace => $"cannot write {replace.Path} in the tree",
        LockTree take => $"cannot lock the tree {take.HostPath}",
        HoldManagedRange => "cannot get user ids from systemd-nsresourced",
        LockUidRange take => $"cannot lock the user ids from {take.Base} on",
        ChownTree chown => $"cannot give {chown.HostPath} to the user ids from {chown.Base} on",
        ActAs act => $"cannot make files for the user id {act.Id} of the host",
        WriteIdMap write => $"cannot map the container's user ids to those from {write.Map.Uids[0].Outside} on",
        BecomeRoot => "cannot become root of the container's user namespace",
        SetShared => "cannot share the container's mounts",
        HoldHostMount hold => $"cannot copy the mount of {hold.HostPath}",
        AttachHeld attach => $"cannot put {attach.HostPath} of the host on {attach.Target}",
        ReplacePin replace => $"cannot mount {replace.Type} on {replace.Target}",
        HoldHostDirectory hold => $"cannot hold {hold.Path}",
        RecordMachine record => $"cannot write {record.HostPath}",
        MakeJournalDirectory make => $"cannot make {make.Path} on the host ({make.Reason})",
        LinkJournal link => $"cannot link {link.Path} of the host to the tree's ({link.Reason})",
        MakeCgroup make => $"cannot make the cgroup {make.Name}",
        MakeLegacyCgroup make => $"cannot make the version 1 cgroup {make.Name}",
        LimitCgroup limit => $"cannot write {limit.Value} to {limit.File} ({limit.Reason})",
        MakeScope make => $"no scope unit {make.Unit}",
        MakePayloadGroup => "cannot make the container's cgroup",
        RegisterMachine register => $"machine {register.Machine} is not registered",
        MakeHostDirectory make => $"cannot make {make.Path}",
        MountHostTmpfs mount => $"cannot mount a tmpfs on {mount.Path}",
        OpenConsole => "cannot open the container's console",
        JoinNetwork join => $"cannot join the network namespace {join.HostPath}",
        KeepNetworkLedger keep => $"cannot write {keep.Directory}/{keep.Name}",
        MakeVeth make => $"cannot make the link {make.HostName} ({make.Reason})",
        MakeMacvlan make => $"cannot make a macvlan interface on {make.Parent}",
        MakeIpvlan make => $"cannot make an ipvlan interface on {make.Parent}",
        MoveInterface move => $"cannot move the interface {move.HostName} to the container",
        ServeLink serve => $"cannot serve the container on {serve.Link}",
        ForwardPorts => "cannot forward ports",
        SetUser user => $"cannot become the user {user.Uid}",
        LoadFilter => "cannot load the system call filter",
        SetRlimit limit => $"cannot set the limit {limit.Resource.ToString().ToUpperInvariant()} ({limit.Reason})",
        SetAffinity => "cannot run on the processors given (--cpu-affinity=)",
        ChangeDirectory change => $"cannot change to the directory {change.Path} ({change.Reason})",
        WriteProc write => $"cannot write {write.Value} to {write.Path} ({write.Reason})",
        SetCapabilities => "cannot set the capabilities",
        Execute execute => execute.Candidates is [var one, ..] ? $"cannot execute {one.Arguments[0]}" : "cannot execute the payload",
        _ => $"cannot carry out {step.GetType().Name} ({step.Reason})",
    };

    /// <summary>What to do about it, where there is something to do.</summary>
    public static string Remedy(Step step, Errno errno) => (step, errno) switch
    {
        (Mount { Type: "cgroup2" }, Errno.ENODEV) => "; the kernel has no cgroup2 (CONFIG_CGROUPS)",
        (ActAs, Errno.EINVAL) => "; it is none here: in a container, name a range of its own with --private-users=BASE:COUNT",
        (WriteIdMap, Errno.EPERM) => "; the range is not the launcher's to give",
        (ReplacePin, Errno.EPERM) => "; something covers a part of the host's, as in a container: there, add --nesting to the options of its launch",
        (LoadFilter, Errno.EINVAL) => "; the kernel needs CONFIG_SECCOMP and CONFIG_SECCOMP_FILTER",
        (Mount or BindHost or MakeDirectory, Errno.EROFS) => "; the tree cannot be written: make the directory in it first",
        (AttachTree or AttachMounts or SwitchRoot, Errno.EINVAL) => "; the launcher's own root has to be a mount: neither a chroot nor an initramfs",
        (AttachTree or AttachMounts or Mount, Errno.EPERM) => "; the launcher needs CAP_SYS_ADMIN",
        (MakeVeth or MakeMacvlan or MakeIpvlan or MoveInterface, Errno.EPERM) => "; the launcher needs CAP_NET_ADMIN",
        (MountOverlay, Errno.EINVAL) => "; on one of its directories no overlay can be made, or the upper one is itself on an overlay or no file system of this host's",
        (MountOverlay, Errno.ELOOP) => "; one of its directories is in another of them",
        (MountOverlay, Errno.EBUSY) => "; its upper directory is that of another overlay already",
        (Mount or BindHost or Bind or MakeDirectory or MakeSymlink, Errno.ELOOP or Errno.EXDEV) => "; a link in the tree leads nowhere",
        (MakeDirectory or MakeSymlink or ReplaceFile, Errno.ENOTDIR) => "; something on the way is not a directory",
        (LockTree, Errno.EROFS or Errno.EACCES or Errno.EPERM or Errno.ENOLCK) => "; use --read-only, or SYSTEMD_NSPAWN_LOCK=0 if nobody else uses it",
        _ => "",
    };
}
