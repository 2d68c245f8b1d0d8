using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Whose the files of what the user mounts are, in a container with users of its own.</summary>
internal static class BindMapping
{
    /// <summary>How a bound file or directory has to be shown; null: as it is.</summary>
    public static IdMapping? Of(PlanInput input, BindCustomMount bind)
    {
        if (input.Users is not UserNamespace users || bind.Source is not string path)
        {
            return null;
        }

        FileStatus source = input.Host.BindSources.GetValueOrDefault(path);
        return bind.Owners switch
        {
            BindOwners.SameNumber => users.Mapping,
            BindOwners.Root => Single(source, users.Root, users.Root),
            BindOwners.Owner => OfOwner(input, users, source, bind.Destination),
            _ => null,
        };
    }

    /// <summary>How directories of the host that an overlay is made of have to be shown, by their paths; null: as they are.</summary>
    public static ImmutableDictionary<string, IdMapping>? OfLayers(PlanInput input, OverlayCustomMount overlay)
    {
        // In a user namespace the launcher cannot have the host's file systems show anything.
        if (input.Users is not { Root: not 0, Above: null } users)
        {
            return null;
        }

        ImmutableDictionary<string, IdMapping> maps = ImmutableDictionary<string, IdMapping>.Empty;
        foreach (string path in overlay.HostSources)
        {
            // What belongs to the container's users already, as an upper directory that was given to them, stays theirs.
            if (input.Host.BindSources.TryGetValue(path, out FileStatus source) && !users.Range.Overlaps(new IdRange(source.Uid, 1)))
            {
                maps = maps.SetItem(path, users.Mapping);
            }
        }

        return maps.IsEmpty ? null : maps;
    }

    /// <summary>The options of a tmpfs that the host mounts: <c>uid=</c> and <c>gid=</c> are meant as the container's.</summary>
    public static string OfTmpfs(PlanInput input, string options) => input.Root == 0 ? options : string.Join(',', options.Split(',').Select(option =>
        option.Split('=', 2) is ["uid" or "gid", string id] && uint.TryParse(id, out uint number) && input.Users!.Contains(number)
            ? $"{option[..4]}{input.Root + number}"
            : option));

    private static IdMapping OfOwner(PlanInput input, UserNamespace users, FileStatus source, string destination)
    {
        if (!input.Tree.BindTargets.TryGetValue(destination, out TreeOwner owner))
        {
            return Single(source, users.Root, users.Root); // it will be made, for the container's root
        }

        // On disk it is the host's number, or a shifted one already.
        uint first = users.Ownership switch
        {
            OwnershipMode.Map => 0,
            OwnershipMode.Foreign => PrivateUsersSyntax.ForeignBase,
            OwnershipMode.Chown => owner.Base,
            _ => users.Root,
        };
        return owner.Uid >= first && owner.Gid >= first && users.Contains(owner.Uid - first) && users.Contains(owner.Gid - first)
            ? Single(source, users.Root + (owner.Uid - first), users.Root + (owner.Gid - first))
            : throw new LaunchException(
                $"owneridmap: {destination} in the tree belongs to user {owner.Uid} and group {owner.Gid}, who are none of the container's; use rootidmap");
    }

    private static IdMapping Single(FileStatus source, uint uid, uint gid) =>
        new([new IdExtent(source.Uid, uid, 1)], [new IdExtent(source.Gid, gid, 1)]);
}
