using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Ids that follow one another on both sides of a mapping; user_namespaces(7).</summary>
/// <param name="Inside">The first, as the namespace has it; of a mount's mapping, as the file system has it.</param>
/// <param name="Outside">What the host takes it for.</param>
/// <param name="Count">How many.</param>
public readonly record struct IdExtent(uint Inside, uint Outside, uint Count);

/// <summary>Which ids of the host the ids of a user namespace, or of the files of a mount, are.</summary>
public sealed record IdMapping(ImmutableArray<IdExtent> Uids, ImmutableArray<IdExtent> Gids)
{
    /// <summary>The same for users and groups.</summary>
    public static IdMapping Of(params ImmutableArray<IdExtent> extents) => new(extents, extents);

    /// <summary>As /proc/PID/uid_map takes it.</summary>
    public static string TextOf(ImmutableArray<IdExtent> extents) =>
        string.Concat(extents.Select(one => $"{one.Inside} {one.Outside} {one.Count}\n"));
}
