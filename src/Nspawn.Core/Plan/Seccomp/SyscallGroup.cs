namespace Nspawn.Core;

/// <summary>
/// A group of system calls by the name systemd gives it, for <c>--system-call-filter=</c>; the members are those of
/// systemd 262, and the calls it forgot to group are in <c>@known</c> alone.
/// </summary>
/// <param name="Name">With the leading <c>@</c>.</param>
/// <param name="Sections">The sections it holds entirely.</param>
/// <param name="Calls">Its members from other sections.</param>
internal sealed record SyscallGroup(string Name, SyscallSection[] Sections, params string[] Calls)
{
    private static readonly SyscallGroup[] All =
    [
        new("@aio", [SyscallSection.Aio]),
        new("@basic-io", [SyscallSection.BasicIo]),
        new("@chown", [SyscallSection.Chown]),
        new("@clock", [SyscallSection.Clock]),
        new("@cpu-emulation", [SyscallSection.CpuEmulation]),
        new("@debug", [SyscallSection.Debug, SyscallSection.Tracing]),
        new("@default", [SyscallSection.Default, SyscallSection.Sandbox]),
        new("@file-system", [SyscallSection.FileSystem], "close"),
        new("@io-event", [SyscallSection.IoEvent]),
        new("@ipc", [SyscallSection.Ipc]),
        new("@keyring", [SyscallSection.Keyring]),
        new("@known", Enum.GetValues<SyscallSection>()),
        new("@memlock", [SyscallSection.Memlock]),
        new("@module", [SyscallSection.Module]),
        new("@mount", [SyscallSection.Mount]),
        new("@network-io", [SyscallSection.NetworkIo]),
        new("@obsolete", [SyscallSection.Obsolete, SyscallSection.Removed]),
        new("@pkey", [SyscallSection.Pkey]),
        new(
            "@privileged",
            [
                SyscallSection.Chown, SyscallSection.Clock, SyscallSection.Module, SyscallSection.RawIo,
                SyscallSection.Kexec, SyscallSection.Rebooting, SyscallSection.Swap, SyscallSection.Accounting,
                SyscallSection.Hangup, SyscallSection.Privileged,
            ],
            "_sysctl", "capset", "chroot", "nfsservctl", "pivot_root", "setdomainname", "setfsuid", "setfsuid32",
            "setgroups", "setgroups32", "sethostname", "setresuid", "setresuid32", "setreuid", "setreuid32", "setuid",
            "setuid32"),
        new("@process", [SyscallSection.Process]),
        new("@raw-io", [SyscallSection.RawIo]),
        new("@reboot", [SyscallSection.Kexec, SyscallSection.Rebooting]),
        new("@resources", [SyscallSection.Resources]),
        new("@sandbox", [SyscallSection.Sandbox]),
        new("@setuid", [SyscallSection.Setuid]),
        new("@signal", [SyscallSection.Signal]),
        new("@swap", [SyscallSection.Swap]),
        new("@sync", [SyscallSection.Sync]),
        new(
            "@system-service",
            [
                SyscallSection.Default, SyscallSection.Sandbox, SyscallSection.Aio, SyscallSection.BasicIo,
                SyscallSection.Chown, SyscallSection.FileSystem, SyscallSection.IoEvent, SyscallSection.Ipc,
                SyscallSection.Keyring, SyscallSection.Memlock, SyscallSection.NetworkIo, SyscallSection.Process,
                SyscallSection.Resources, SyscallSection.Setuid, SyscallSection.Signal, SyscallSection.Sync,
                SyscallSection.Timer, SyscallSection.Common,
            ]),
        new("@timer", [SyscallSection.Timer], "times"),
    ];

    /// <summary>The group of that name, or null.</summary>
    public static SyscallGroup? Find(string name) => Array.Find(All, group => group.Name == name);
}
