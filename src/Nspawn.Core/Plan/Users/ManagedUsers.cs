using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// <c>--private-users=managed</c>: the ids are systemd-nsresourced's to give. It sets them apart for as long as there is a
/// user namespace that has them, whoever holds it, and takes them back when the last descriptor of it is closed.
/// </summary>
public static class ManagedUsers
{
    /// <summary>systemd-nsresourced's.</summary>
    public const string NamespaceResourceSocket = "/run/systemd/io.systemd.NamespaceResource";

    /// <summary>systemd-mountfsd's, which mounts for a user namespace what its owner may have there.</summary>
    public const string MountFileSystemSocket = "/run/systemd/io.systemd.MountFileSystem";

    public static bool HasNamespaceResource() => IsSocket(NamespaceResourceSocket);

    public static bool HasMountFileSystem() => IsSocket(MountFileSystemSocket);

    /// <summary>What is to be done where a socket is not there.</summary>
    public static string Missing(string socket, string instead)
    {
        string name = socket == NamespaceResourceSocket ? "systemd-nsresourced" : "systemd-mountfsd";
        return $"--private-users=managed needs {name}, and there is no {socket}: start it (systemctl enable --now {name}.socket, systemd 258 or later), or {instead}";
    }

    /// <exception cref="LaunchException">It cannot be had; the message says what to do.</exception>
    internal static void Check(Settings settings, HostFacts host)
    {
        if (!host.HasNamespaceResource)
        {
            throw new LaunchException(Missing(NamespaceResourceSocket, "use --private-users=pick"));
        }

        if (!settings.PrivateNetwork)
        {
            throw new LaunchException("--private-users=managed takes a network of the container's own, as with systemd-nspawn: add --private-network or --network-veth, or use --private-users=pick");
        }
    }

    /// <summary>The ids are somebody else's as soon as the container has ended: no file on disk may belong to them.</summary>
    internal static LaunchException WouldChown(TreeFacts tree) => new(
        $"--private-users=managed changes no owners on disk, and {tree.Path}, of user {tree.Owner.Uid}, cannot be shown with others: it has to belong to root, or to the range from {PrivateUsersSyntax.ForeignBase} on, on a file system that can map ids; use --private-users=pick");

    /// <summary>The range that was given to this run, unless somebody else was found to have it; null: to be asked for.</summary>
    internal static IdRange? RangeOf(HostFacts host) =>
        host.ManagedRange is IdRange given && !host.LockedRanges.Contains(given.Base) ? given : null;

    /// <summary>Short, for it becomes part of names of users, and no other run's.</summary>
    internal static string NameOf(HostFacts host) => RunPaths.CgroupPrefix + host.RunId;

    private static bool IsSocket(string path) => FileStatus.At(path) is { Type: FileType.Socket };
}
