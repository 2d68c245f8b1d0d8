using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>What tells the partitions of a disk.</summary>
public enum PartitionScheme { Gpt, Mbr }

/// <summary>A partition as its table has it.</summary>
/// <param name="Number">As it is counted everywhere, from 1.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Size">In bytes.</param>
public sealed record Partition(int Number, ulong Offset, ulong Size)
{
    /// <summary>GPT: what it is for.</summary>
    public Guid Type { get; init; }

    /// <summary>GPT: what tells it from every other.</summary>
    public Guid Uuid { get; init; }

    /// <summary>MBR: what it is for.</summary>
    public byte MbrType { get; init; }

    /// <summary>GPT: the name it was given, often with a version.</summary>
    public string Label { get; init; } = "";

    /// <summary>Not to be used unless somebody names it.</summary>
    public bool NoAuto { get; init; }
    public bool ReadOnly { get; init; }

    /// <summary>Its file system shall fill it.</summary>
    public bool GrowsFileSystem { get; init; }

    /// <summary>MBR: the one that is booted from.</summary>
    public bool Bootable { get; init; }

    /// <summary>Why it cannot be used; null: it can.</summary>
    public string? Fault { get; init; }

    public ulong End => Offset + Size;
}

/// <summary>The partitions of a disk.</summary>
public sealed record PartitionTable(PartitionScheme Scheme, uint SectorSize, ImmutableArray<Partition> Partitions)
{
    /// <summary>GPT: only the copy at the end of the disk is whole.</summary>
    public bool IsBackup { get; init; }
}
