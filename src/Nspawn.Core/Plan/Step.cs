using System.Text.Json.Serialization;

namespace Nspawn.Core;

/// <summary>
/// One thing a launch does. Paths are absolute and, unless the name says host, inside the tree. Every step says why it
/// is there: the clause of systemd's Container Interface, or the option that asked for it.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "step")]
[JsonDerivedType(typeof(MakeCgroup), "make-cgroup")]
[JsonDerivedType(typeof(MakeLegacyCgroup), "make-legacy-cgroup")]
[JsonDerivedType(typeof(MakeHostDirectory), "make-host-directory")]
[JsonDerivedType(typeof(MountHostTmpfs), "mount-host-tmpfs")]
[JsonDerivedType(typeof(MakeScratch), "make-scratch")]
[JsonDerivedType(typeof(MakeWorkDirectory), "make-work-directory")]
[JsonDerivedType(typeof(LockTree), "lock-tree")]
[JsonDerivedType(typeof(HoldHostDirectory), "hold-host-directory")]
[JsonDerivedType(typeof(RecordMachine), "record-machine")]
[JsonDerivedType(typeof(MakeJournalDirectory), "make-journal-directory")]
[JsonDerivedType(typeof(LinkJournal), "link-journal")]
[JsonDerivedType(typeof(MakeSupervisorGroup), "make-supervisor-group")]
[JsonDerivedType(typeof(LimitCgroup), "limit-cgroup")]
[JsonDerivedType(typeof(MakeScope), "make-scope")]
[JsonDerivedType(typeof(MakePayloadGroup), "make-payload-group")]
[JsonDerivedType(typeof(RegisterMachine), "register-machine")]
[JsonDerivedType(typeof(AttachTree), "attach-tree")]
[JsonDerivedType(typeof(AttachMounts), "attach-mounts")]
[JsonDerivedType(typeof(AddLayer), "add-layer")]
[JsonDerivedType(typeof(PivotTree), "pivot-tree")]
[JsonDerivedType(typeof(KeepUsrOnly), "keep-usr-only")]
[JsonDerivedType(typeof(MountOverlay), "mount-overlay")]
[JsonDerivedType(typeof(SetReadOnly), "set-read-only")]
[JsonDerivedType(typeof(MakeDirectory), "make-directory")]
[JsonDerivedType(typeof(MakeSymlink), "make-symlink")]
[JsonDerivedType(typeof(MakeNode), "make-node")]
[JsonDerivedType(typeof(WriteFile), "write-file")]
[JsonDerivedType(typeof(WriteBootId), "write-boot-id")]
[JsonDerivedType(typeof(WriteCredential), "write-credential")]
[JsonDerivedType(typeof(ReplaceFile), "replace-file")]
[JsonDerivedType(typeof(ReplaceSymlink), "replace-symlink")]
[JsonDerivedType(typeof(CopyHostFile), "copy-host-file")]
[JsonDerivedType(typeof(RemoveFile), "remove-file")]
[JsonDerivedType(typeof(Mount), "mount")]
[JsonDerivedType(typeof(BindHost), "bind-host")]
[JsonDerivedType(typeof(Bind), "bind")]
[JsonDerivedType(typeof(Remount), "remount")]
[JsonDerivedType(typeof(Cover), "cover")]
[JsonDerivedType(typeof(Unmount), "unmount")]
[JsonDerivedType(typeof(RemoveDirectory), "remove-directory")]
[JsonDerivedType(typeof(ListenForNotify), "listen-for-notify")]
[JsonDerivedType(typeof(OpenConsole), "open-console")]
[JsonDerivedType(typeof(SwitchRoot), "switch-root")]
[JsonDerivedType(typeof(SetSlave), "set-slave")]
[JsonDerivedType(typeof(EnterCgroupNamespace), "enter-cgroup-namespace")]
[JsonDerivedType(typeof(WriteProc), "write-proc")]
[JsonDerivedType(typeof(BringLoopbackUp), "bring-loopback-up")]
[JsonDerivedType(typeof(HoldFifo), "hold-fifo")]
[JsonDerivedType(typeof(SetHostname), "set-hostname")]
[JsonDerivedType(typeof(NewSession), "new-session")]
[JsonDerivedType(typeof(UseConsole), "use-console")]
[JsonDerivedType(typeof(SetPersonality), "set-personality")]
[JsonDerivedType(typeof(SetRlimit), "set-rlimit")]
[JsonDerivedType(typeof(SetAffinity), "set-affinity")]
[JsonDerivedType(typeof(NewKeyring), "new-keyring")]
[JsonDerivedType(typeof(BecomeStubInit), "become-stub-init")]
[JsonDerivedType(typeof(LoadFilter), "load-filter")]
[JsonDerivedType(typeof(SetUser), "set-user")]
[JsonDerivedType(typeof(SetCapabilities), "set-capabilities")]
[JsonDerivedType(typeof(SetNoNewPrivileges), "set-no-new-privileges")]
[JsonDerivedType(typeof(ChangeDirectory), "change-directory")]
[JsonDerivedType(typeof(Execute), "execute")]
public abstract record Step
{
    /// <summary>Why the step is there.</summary>
    [JsonPropertyOrder(100)]
    public required string Reason { get; init; }

    /// <summary>The launch goes on without it where the kernel or the tree does not have what it is about.</summary>
    [JsonPropertyOrder(101)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Optional { get; init; }
}
