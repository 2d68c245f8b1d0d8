using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>/run/host: what the container manager tells and gives its payload, read-only.</summary>
internal static class RunHostSteps
{
    public const string Notify = "/run/host/notify";
    public const string Credentials = "/run/host/credentials";
    public const string BootId = "/run/host/proc-sys-kernel-random-boot-id";
    public const string Kmsg = "/run/host/proc-kmsg";
    public const string Inaccessible = "/run/host/inaccessible";

    private const string Interface = "Container Interface: ";
    private const MountFlags Sealed = MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec;

    public static IEnumerable<Step> Of(PlanInput input)
    {
        yield return new MakeDirectory("/run/host", 0x1ed) { Reason = Interface + "/run/host" };
        yield return new Bind("/run/host", "/run/host", MountFlags.None) { Reason = "a mount of its own, so that it can be sealed" };
        IEnumerable<Step>[] parts = [Identity(input), InaccessibleNodes(), Doors(input), CredentialFiles(input), BindUserSteps.Of(input)];
        foreach (Step step in parts.SelectMany(part => part))
        {
            yield return step;
        }

        yield return new Remount("/run/host", Sealed) { Reason = Interface + "/run/host is read-only" };
    }

    private static IEnumerable<Step> Identity(PlanInput input)
    {
        yield return new WriteFile("/run/host/container-manager", input.Host.ContainerService + "\n", 0x124 /* 0444 */)
        {
            Reason = Interface + "the manager's name",
        };
        yield return new WriteFile("/run/host/container-uuid", $"{input.Uuid:D}\n", 0x124)
        {
            Reason = Interface + "the machine's identity",
        };
        if (input.Host.OsRelease is string osRelease)
        {
            yield return new WriteFile("/run/host/os-release", osRelease, 0x124) { Reason = Interface + "the host's os-release" };
        }

        yield return new WriteBootId(BootId) { Reason = "a boot id of the container's own, bound over the kernel's later" };
        yield return new MakeNode(Kmsg, FileType.Fifo, 0x180 /* 0600 */) { Reason = "no kernel messages: bound over /proc/kmsg later" };
        yield return new HoldFifo(Kmsg) { Reason = "whoever reads kernel messages waits, and sees no end of file" };
    }

    private static IEnumerable<Step> InaccessibleNodes()
    {
        const string Reason = Interface + "the six nodes that nobody may open, to cover others with";
        yield return new MakeDirectory(Inaccessible, 0x16d /* 0555 */) { Reason = Reason };
        yield return new MakeDirectory(Inaccessible + "/dir", 0) { Reason = Reason };
        (string Name, FileType Kind)[] nodes =
        [
            ("reg", FileType.Regular), ("fifo", FileType.Fifo), ("sock", FileType.Socket),
            ("chr", FileType.CharacterDevice), ("blk", FileType.BlockDevice),
        ];
        foreach ((string name, FileType kind) in nodes)
        {
            bool device = kind is FileType.CharacterDevice or FileType.BlockDevice;
            yield return new MakeNode($"{Inaccessible}/{name}", kind, 0) { Reason = Reason, Optional = device };
        }
    }

    private static IEnumerable<Step> Doors(PlanInput input)
    {
        yield return new ListenForNotify(Notify) { Reason = Interface + "$NOTIFY_SOCKET" };
        if (input.Host.IsRootless)
        {
            yield break; // nobody can mount on the host for it, and limit what it leaves there
        }

        yield return new BindHost(HostSteps.Incoming(input), "/run/host/incoming", MountFlags.ReadOnly)
        {
            Reason = Interface + "/run/host/incoming, where the host mounts things for the container",
        };
        yield return new BindHost(
            HostSteps.UnixExport(input), "/run/host/unix-export",
            MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec | MountFlags.NoSymfollow)
        {
            Reason = Interface + "/run/host/unix-export, where the container puts sockets for the host",
        };
    }

    private static IEnumerable<Step> CredentialFiles(PlanInput input)
    {
        if (input.Settings.Credentials.IsEmpty)
        {
            yield break;
        }

        const string Reason = "--set-credential=, --load-credential=";
        const MountFlags Flags = MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec;
        // ramfs: what is secret is never swapped out.
        bool readable = IsReadByUser(input);
        yield return new Mount("ramfs", Credentials, Flags, readable ? "mode=0755" : "mode=0700") { Reason = Reason };
        foreach (Credential credential in input.Settings.Credentials)
        {
            yield return new WriteCredential($"{Credentials}/{credential.Name}", credential.Name, readable ? 0x124u /* 0444 */ : 0x100u /* 0400 */) { Reason = Reason };
        }

        yield return new Remount(Credentials, Flags | MountFlags.ReadOnly) { Reason = Reason };
    }

    // A user other than root, who cannot become root any more, could not read them otherwise.
    private static bool IsReadByUser(PlanInput input) =>
        input.Settings.NoNewPrivileges && !input.Boots && input.Tree.User is { Uid: not 0 };
}
