using System.Collections.Immutable;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Reads the facts about a tree. The tree is hostile: every path is resolved inside it.</summary>
public static class TreeReader
{
    public static readonly ImmutableArray<string> InitPaths =
        ["/usr/lib/systemd/systemd", "/lib/systemd/systemd", "/sbin/init"];

    /// <summary>The mount points of the API file systems; the first ones have to be there.</summary>
    internal static readonly ImmutableArray<string> MountPoints = ["proc", "sys", "dev", "run", "tmp"];

    private static readonly ImmutableArray<string> s_rootNames =
        [.. MountPoints, "root", "usr", "var", "etc", "bin", "lib", "sbin", "lib64"];

    private const int SmallFile = 64 * 1024;
    private const int LargeFile = 8 * 1024 * 1024;

    /// <summary>Opens the tree as a place on the host.</summary>
    public static SafeFileHandle Open(string path)
    {
        SafeFileHandle? handle = Descriptors.TryOpen(path, OpenMode.Path | OpenMode.Directory, out Errno errno);
        return handle ?? throw new LaunchException(errno switch
        {
            Errno.ENOENT => $"no tree at {path}: no such directory",
            Errno.ENOTDIR => $"{path} is not a directory: --directory= takes the root directory of an OS tree",
            _ => $"cannot open the tree {path}: {ErrnoText.Of(errno)}",
        });
    }

    public static TreeFacts Read(RootDirectory tree, TreeSource source, Settings settings, HostFacts host)
    {
        if (settings.PivotRoot is not RootChange change)
        {
            return ReadRoot(tree, source, settings, host);
        }

        SafeFileHandle? root = tree.TryOpen(change.New, OpenMode.Path | OpenMode.Directory, out Errno errno);
        using RootDirectory inner = new(root ?? throw new LaunchException(
            $"--pivot-root={change.New}: no such directory in the tree ({ErrnoText.Of(errno)})"));
        return ReadRoot(inner, source, settings, host);
    }

    private static TreeFacts ReadRoot(RootDirectory tree, TreeSource source, Settings settings, HostFacts host)
    {
        TreeFacts facts = ReadAll(tree, source, settings, host);
        // The container will see nothing of it but /usr.
        return settings.Volatile != VolatileMode.Yes ? facts : facts with
        {
            MachineId = null,
            MachineIdIsMalformed = false,
            RootEntries = ["usr"],
            BlockedMountPoints = [],
            User = settings.User is null or "root" or "0" ? TreeUser.Root : null,
            ResolvConf = TreeFile.Missing,
            Localtime = TreeFile.Missing,
            Journal = null,
        };
    }

    private static TreeFacts ReadAll(RootDirectory tree, TreeSource source, Settings settings, HostFacts host)
    {
        Dictionary<string, FileType?> entries = [];
        foreach (string name in s_rootNames)
        {
            entries[name] = tree.StatusOf("/" + name)?.Type;
        }

        Guid? machineId = ReadMachineId(tree, out bool malformed);
        bool boots = settings.Mode == StartMode.Boot;
        return new TreeFacts
        {
            Path = source.Path,
            Root = FileStatus.Of(tree.Handle, source.Path),
            Owner = OwnerOf(FileStatus.Of(tree.Handle, source.Path)),
            BindTargets = ReadBindTargets(tree, settings),
            IsReadOnlyImage = source.ReadOnly,
            IsOci = source.IsOci,
            HasUsr = entries["usr"] == FileType.Directory,
            HasMergedUsr = entries["bin"] is null or FileType.Symlink,
            HasOsRelease = tree.Exists("/etc/os-release") || tree.Exists("/usr/lib/os-release"),
            Inits = boots ? [.. InitPaths.Where(tree.Exists)] : [],
            InitProgram = boots ? ProgramBehind(tree, InitPaths.FirstOrDefault(tree.Exists)) : "",
            SystemdVersion = boots ? SystemdVersion.Find(tree) : null,
            MachineId = machineId,
            MachineIdIsMalformed = malformed,
            RootEntries = [.. s_rootNames.Where(name => entries[name] is not null)],
            BlockedMountPoints = [.. MountPoints.Where(name => entries[name] is not (null or FileType.Directory))],
            LoaderDirectory = FindLoader(tree),
            Is32Bit = ElfClass.Is32Bit(tree),
            User = ReadUser(tree, settings),
            UserNames = [.. Entries(tree, settings).Select(fields => fields[0])],
            UserIds = [.. Entries(tree, settings).Select(fields => uint.TryParse(fields[2], out uint id) ? id : 0)],
            ResolvConf = settings.ResolvConf == ResolvConfMode.Off ? TreeFile.Missing : ReadState(tree, "/etc/resolv.conf"),
            Localtime = settings.Timezone == TimezoneMode.Off ? TreeFile.Missing : ReadState(tree, "/etc/localtime"),
            Journal = boots && settings.LinkJournal != LinkJournalMode.No && (machineId ?? settings.Uuid) is Guid machine
                ? JournalPlaces.Read(tree, machine)
                : null,
            HasHostZone = Localtime.ZoneOf(host.LocaltimeLink) is string zone
                && tree.Exists($"/usr/share/zoneinfo/{zone}"),
        };
    }

    private static TreeOwner OwnerOf(FileStatus status) => new(status.Uid, status.Gid);

    private static ImmutableDictionary<string, TreeOwner> ReadBindTargets(RootDirectory tree, Settings settings)
    {
        ImmutableDictionary<string, TreeOwner> targets = ImmutableDictionary<string, TreeOwner>.Empty;
        foreach (CustomMount mount in settings.Mounts)
        {
            if (mount is BindCustomMount { Owners: BindOwners.Owner })
            {
                using SafeFileHandle? place = tree.TryOpen(mount.Destination, OpenMode.Path, out _);
                targets = place is null ? targets : targets.SetItem(mount.Destination, OwnerOf(FileStatus.Of(place, mount.Destination)));
            }
        }

        return targets;
    }

    private static string ProgramBehind(RootDirectory tree, string? path)
    {
        using SafeFileHandle? program = path is null ? null : tree.TryOpen(path, OpenMode.Path, out _);
        return program is null ? "" : RootDirectory.Split(HostFiles.PathOf(program)).Name;
    }

    private static Guid? ReadMachineId(RootDirectory tree, out bool malformed)
    {
        string text = ReadText(tree, "/etc/machine-id", SmallFile)?.Trim() ?? "";
        malformed = false;
        if (text is "" or "uninitialized")
        {
            return null;
        }

        malformed = !Guid.TryParseExact(text, "N", out Guid id) || id == Guid.Empty;
        return malformed ? null : id;
    }

    private static string? FindLoader(RootDirectory tree)
    {
        foreach (string directory in (ReadOnlySpan<string>)["usr/lib64", "usr/lib"])
        {
            if (tree.Exists($"/{directory}/ld-linux-x86-64.so.2"))
            {
                return directory;
            }
        }

        return null;
    }

    private static TreeUser? ReadUser(RootDirectory tree, Settings settings)
    {
        string name = settings.User ?? "root";
        TreeUser? user = FindUser(tree, name) ?? (settings.UserNeedNotExist ? UserDatabase.Unnamed(name) : null);
        return settings.Group is not string group || user is null ? user
            : UserDatabase.FindGroup(group, ReadGroups(tree)) is uint gid ? user with { Gid = gid, Groups = settings.UserGroups ?? [] }
            : null;
    }

    /// <summary>The user of that name or number; null when the tree has none.</summary>
    public static TreeUser? FindUser(RootDirectory tree, string name)
    {
        string passwd = ReadText(tree, "/etc/passwd", LargeFile) ?? "";
        TreeUser? user = UserDatabase.Find(name, passwd, () => ReadGroups(tree));
        // Whatever the tree calls root: the payload is uid 0 when no other user was asked for.
        return name is not ("root" or "0") ? user : (user ?? TreeUser.Root) with { Uid = 0, Gid = 0, Groups = [] };
    }

    private static IEnumerable<string[]> Entries(RootDirectory tree, Settings settings) => settings.BindUsers.IsEmpty ? []
        : $"{ReadText(tree, "/etc/passwd", LargeFile)}\n{ReadGroups(tree)}".Split('\n').Select(line => line.Split(':')).Where(fields => fields.Length > 2);

    private static string ReadGroups(RootDirectory tree) => ReadText(tree, "/etc/group", LargeFile) ?? "";

    private static TreeFile ReadState(RootDirectory tree, string path) => tree.StatusOf(path)?.Type switch
    {
        null => TreeFile.Missing,
        FileType.Symlink => new TreeFile(TreeFileKind.Symlink, tree.ReadLink(path) ?? ""),
        FileType.Regular => new TreeFile(TreeFileKind.Regular, ReadText(tree, path, SmallFile) ?? ""),
        _ => new TreeFile(TreeFileKind.Other, ""),
    };

    private static string? ReadText(RootDirectory tree, string path, int limit) =>
        tree.ReadFile(path, limit) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;
}
