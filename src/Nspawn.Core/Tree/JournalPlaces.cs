using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What stands where the journal of a booted tree is or will be, in the tree and on the host.</summary>
public sealed record JournalPlaces
{
    /// <summary>Where a journal that outlives the boot is kept, on every host and in every tree; journald.conf(5).</summary>
    public const string Parent = "/var/log/journal";

    /// <summary>The host keeps its journal on disk.</summary>
    public bool HostIsPersistent { get; init; }

    /// <summary>What the host has for this machine; null: nothing.</summary>
    public FileType? Host { get; init; }

    /// <summary>Where the host's link leads; null: it is none.</summary>
    public string? HostLink { get; init; }
    public bool HostIsMountPoint { get; init; }
    public bool TreeIsMountPoint { get; init; }

    /// <summary>A link in the tree stands on the way: a link from the host would lead who knows where.</summary>
    public bool TreeHasLinks { get; init; }

    /// <summary>The machine's own directory below <see cref="Parent"/>.</summary>
    public static string PathOf(Guid machine) => $"{Parent}/{machine:N}";

    public static JournalPlaces Read(RootDirectory tree, Guid machine)
    {
        string path = PathOf(machine);
        FileStatus? host = FileStatus.At(path, followLast: false);
        return new JournalPlaces
        {
            HostIsPersistent = FileStatus.At(Parent) is { Type: FileType.Directory },
            Host = host?.Type,
            HostLink = host is { Type: FileType.Symlink } ? HostFiles.ReadLink(path) : null,
            HostIsMountPoint = host is { IsMountPoint: true },
            TreeIsMountPoint = tree.StatusOf(path) is { IsMountPoint: true },
            TreeHasLinks = new[] { "/var", "/var/log", Parent, path }.Any(one => tree.StatusOf(one) is { Type: FileType.Symlink }),
        };
    }
}
