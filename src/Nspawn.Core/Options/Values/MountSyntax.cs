namespace Nspawn.Core;

/// <summary>The arguments of the options that mount something into the container.</summary>
public static class MountSyntax
{
    private const string DefaultTmpfsOptions = "mode=0755";

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

    /// <summary><c>PATH[:OPTIONS]</c>, the options those of tmpfs(5).</summary>
    public static TmpfsCustomMount Tmpfs(string text)
    {
        string path = ColonFields.Split(text, count: 1, out string? options)[0];
        return new TmpfsCustomMount(
            ContainerPath.ParseMountPoint(path), string.IsNullOrEmpty(options) ? DefaultTmpfsOptions : options);
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
