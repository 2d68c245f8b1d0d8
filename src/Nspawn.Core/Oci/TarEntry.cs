using System.Collections.Immutable;

namespace Nspawn.Core;

public enum TarEntryType { File, HardLink, Symlink, CharacterDevice, BlockDevice, Directory, Fifo }

/// <summary>An entry of a tar archive. Names are bytes, as files have them; they may say anything.</summary>
public sealed record TarEntry
{
    public TarEntryType Type { get; init; }
    public required byte[] Name { get; init; }

    /// <summary>What a link leads to.</summary>
    public byte[] Target { get; init; } = [];

    /// <summary>Permissions with the set-user-ID, set-group-ID and sticky bits.</summary>
    public uint Mode { get; init; }
    public uint Uid { get; init; }
    public uint Gid { get; init; }
    public long Size { get; init; }

    /// <summary>When it was changed: seconds since 1970, and the rest in nanoseconds.</summary>
    public long Seconds { get; init; }
    public uint Nanoseconds { get; init; }

    /// <summary>Extended attributes by name.</summary>
    public ImmutableDictionary<string, byte[]> Attributes { get; init; } = ImmutableDictionary<string, byte[]>.Empty;
}

/// <summary>No tar archive, or one that is damaged; the message says how.</summary>
public sealed class TarException(string message) : Exception(message);
