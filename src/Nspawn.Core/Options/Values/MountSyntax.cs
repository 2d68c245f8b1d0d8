using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>The arguments of the options that mount something into the container.</summary>
public static class MountSyntax
{
    private const string DefaultTmpfsOptions = "mode=0755";

    /// <summary>Options that are the mount's and not the file system's. Access times are kept strictly whatever is said.</summary>
    private static readonly Dictionary<string, (MountFlags Set, MountFlags Cleared)> s_mountOptions = new()
    {
        ["nosuid"] = (MountFlags.NoSuid, MountFlags.None),
        ["suid"] = (MountFlags.None, MountFlags.NoSuid),
        ["nodev"] = (MountFlags.NoDev, MountFlags.None),
        ["dev"] = (MountFlags.None, MountFlags.NoDev),
        ["noexec"] = (MountFlags.NoExec, MountFlags.None),
        ["exec"] = (MountFlags.None, MountFlags.NoExec),
        ["nosymfollow"] = (MountFlags.NoSymfollow, MountFlags.None),
        ["symfollow"] = (MountFlags.None, MountFlags.NoSymfollow),
        ["atime"] = default,
        ["noatime"] = default,
        ["diratime"] = default,
        ["nodiratime"] = default,
        ["relatime"] = default,
        ["norelatime"] = default,
        ["strictatime"] = default,
        ["nostrictatime"] = default,
    };

    /// <summary>
    /// <c>[+]SOURCE[:DESTINATION[:OPTIONS]]</c>. Without a destination the source's path is used in the container too;
    /// with <c>+</c> the source is in the tree; an empty source is a fresh directory.
    /// </summary>
    public static BindCustomMount Bind(string text, bool readOnly, OptionContext context)
    {
        List<string> fields = ColonFields.Split(text, count: 2, out string? options);
        string source = fields[0];
        string destination = fields.Count > 1 ? fields[1] : "";
        bool recursive = IsRecursive(options ?? "", out BindOwners owners);
        bool inTree = source.StartsWith('+');
        source = inTree ? ContainerPath.Parse(source[1..]) : source;
        if (destination.Length == 0)
        {
            // A path relative to the caller's directory says nothing about a place in the container.
            return source.StartsWith('/')
                ? Mount(source, ContainerPath.ParseMountPoint(source))
                : throw new UsageException("expected [+]SOURCE[:DESTINATION[:OPTIONS]]; a source that is no absolute path needs a destination");
        }

        return Mount(source, ContainerPath.ParseMountPoint(destination));

        BindCustomMount Mount(string from, string to) => new(
            from.Length == 0 ? null : inTree ? from : HostPath.Absolute(from, context), to, inTree, readOnly, recursive)
        {
            Owners = owners,
        };
    }

    /// <summary>
    /// <c>LOWER[:LOWER…]:UPPER:DESTINATION</c>, the lowest first; with two paths the upper one is the destination too. With
    /// <c>+</c> a path is in the tree; an empty upper one is a fresh directory.
    /// </summary>
    public static OverlayCustomMount Overlay(string text, bool readOnly, OptionContext context)
    {
        List<string> paths = ColonFields.Split(text, int.MaxValue, out _);
        if (paths.Count == 2)
        {
            paths.Add(paths[1].TrimStart('+'));
        }

        if (paths.Count < 2 || paths[..^2].Contains(""))
        {
            throw new UsageException("expected LOWER[:LOWER...]:UPPER:DESTINATION, or LOWER:UPPER for both");
        }

        string destination = paths[^1];
        return new OverlayCustomMount(
            [.. paths[..^2].Select(path => Source(path, context))],
            paths[^2].Length == 0 ? null : Source(paths[^2], context),
            ContainerPath.Parse(destination), readOnly);
    }

    private static MountSource Source(string text, OptionContext context) => text.StartsWith('+')
        ? new MountSource(ContainerPath.Parse(text[1..]), InTree: true)
        : new MountSource(HostPath.Absolute(text, context), InTree: false);

    /// <summary><c>NEW[:OLD]</c>, both paths of the tree, the second one in the first.</summary>
    public static RootChange? PivotRoot(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        List<string> fields = ColonFields.Split(text, count: 2, out string? rest);
        return rest is null
            ? new RootChange(ContainerPath.ParseMountPoint(fields[0]), fields.Count > 1 ? ContainerPath.ParseMountPoint(fields[1]) : null)
            : throw new UsageException("expected NEW[:OLD], two absolute paths");
    }

    /// <summary><c>PATH[:OPTIONS]</c>, the options those of tmpfs(5) and of mounts; mount(8).</summary>
    public static TmpfsCustomMount Tmpfs(string text)
    {
        string path = ContainerPath.ParseMountPoint(ColonFields.Split(text, count: 1, out string? options)[0]);
        MountFlags flags = MountFlags.NoDev;
        List<string> own = [];
        foreach (string option in (string.IsNullOrEmpty(options) ? DefaultTmpfsOptions : options).Split(','))
        {
            if (s_mountOptions.TryGetValue(option, out (MountFlags Set, MountFlags Cleared) change))
            {
                flags = (flags & ~change.Cleared) | change.Set;
            }
            else
            {
                own.Add(option);
            }
        }

        return new TmpfsCustomMount(path, string.Join(',', own)) { Flags = flags };
    }

    public static InaccessibleCustomMount Inaccessible(string text) => new(ContainerPath.ParseMountPoint(text));

    private static bool IsRecursive(string options, out BindOwners owners)
    {
        bool recursive = true;
        owners = BindOwners.Same;
        foreach (string option in options.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            recursive = option switch
            {
                "rbind" => true,
                "norbind" => false,
                _ => recursive,
            };
            owners = option switch
            {
                "rbind" or "norbind" => owners,
                "noidmap" => BindOwners.Same,
                "idmap" => BindOwners.SameNumber,
                "rootidmap" => BindOwners.Root,
                "owneridmap" => BindOwners.Owner,
                _ => throw new UsageException(
                    $"unknown option '{Message.Printable(option)}'; expected rbind, norbind, noidmap, idmap, rootidmap or owneridmap"),
            };
        }

        return recursive;
    }
}
