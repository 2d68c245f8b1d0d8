using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>What an ordinary user's launch can do, which is root only in a user namespace of the user's.</summary>
public static class RootlessRules
{
    private const uint Nobody = 65534;

    /// <summary>Said before the tree is opened: of what is refused here nothing would work.</summary>
    /// <exception cref="LaunchException">It takes root; the message says what to do.</exception>
    public static void Check(Settings settings, HostFacts host)
    {
        if (host.IsRootless && NeedsRoot(settings) is string reason)
        {
            throw new LaunchException(settings.Origins.Name($"{reason}, or start nspawn as root"));
        }
    }

    /// <summary>The container's users: the user's own and their sub-ids, or from the owner of the tree on.</summary>
    internal static UserNamespace UsersOf(HostFacts host, TreeFacts tree, Settings settings)
    {
        ImmutableArray<IdExtent> uids = host.OwnIds!.Uids, gids = host.OwnIds.Gids;
        TreeOwner owner = tree.Owner;
        ulong count = Math.Min(IdMapping.CountOf(uids), IdMapping.CountOf(gids));
        // Whoever has no id in the namespace is shown as nobody.
        if (owner.Uid is Nobody || owner.Uid >= count || owner.Uid != owner.Gid)
        {
            throw new LaunchException(
                $"{tree.Path} belongs to somebody else: its root has to be yours, or the first of your sub-ids (/etc/subuid); copy it with --template=, or start nspawn as root");
        }

        if (settings.Mode == StartMode.Boot && tree.InitProgram == "systemd" && count - owner.Uid < IdRange.WholeCount)
        {
            throw new LaunchException(
                $"cannot boot {tree.Path} with {count - owner.Uid} user ids: its systemd needs {IdRange.WholeCount}; have them given to you in /etc/subuid and /etc/subgid; nspawn doctor shows how");
        }

        IdRange range = new(owner.Uid, (uint)(count - owner.Uid));
        return new UserNamespace(range, OwnershipMode.Off, Picked: false) { Above = host.OwnIds };
    }

    private static string? NeedsRoot(Settings settings) => settings switch
    {
        { Image: not null } => $"--image={settings.Image} needs a loop device: unpack it into a directory of yours",
        { PrivateUsers: PrivateUsersMode.Pick or PrivateUsersMode.Yes or PrivateUsersMode.Range } =>
            "--private-users= has no choice without root: the container's users are you and your sub-ids; leave it out",
        { Ownership: OwnershipMode.Chown or OwnershipMode.Map or OwnershipMode.Foreign, PrivateUsers: not PrivateUsersMode.Managed } =>
            "--private-users-ownership= has no choice without root: the tree belongs to you and your sub-ids; leave it out",
        { BindUsers.IsEmpty: false } => "--bind-user= shows files with other owners than on disk: bind your home with --bind=, it is root's inside",
        { VirtualEthernet: true } or { ExtraLinks.IsEmpty: false } or { MovedInterfaces.IsEmpty: false } or { Macvlans.IsEmpty: false } or { Ipvlans.IsEmpty: false } =>
            "the network of the host is root's to change: use --private-network, or no network option at all",
        { NetworkNamespace: not null } => "--network-namespace-path= leads to a network that is not yours: use --private-network",
        { Register: RegisterMode.Yes } => "--register=yes: systemd-machined lists the machines of root: leave it out",
        { KeepUnit: true } => "--keep-unit is about units of root: leave it out",
        { LinkJournal: LinkJournalMode.Host or LinkJournalMode.Guest } => "--link-journal= writes to the journals of root: leave it out",
        _ => null,
    };
}
