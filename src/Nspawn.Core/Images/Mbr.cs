using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>
/// Reads the four partitions of a master boot record. Those in an extended partition are left out: no image that can
/// be started without being told where its root is has them.
/// </summary>
public static class Mbr
{
    public const byte Linux = 0x83, Xbootldr = 0xEA;

    private const byte Protective = 0xEE;
    private const int Length = 512, FirstEntry = 446, EntryLength = 16, Entries = 4;

    /// <summary>The table; null when the first sector is no such record.</summary>
    public static PartitionTable? Read(ImageBytes image, ulong size, uint sectorSize) =>
        Record(image) is byte[] record && !HasType(record, Protective)
        && Enumerable.Range(0, Entries).Select(index => Entry(record, index, size, sectorSize)).OfType<Partition>().ToImmutableArray()
            is { IsEmpty: false } partitions
            ? new PartitionTable(PartitionScheme.Mbr, sectorSize, partitions)
            : null;

    /// <summary>The record only says that there is a GPT.</summary>
    public static bool IsProtective(ImageBytes image) => Record(image) is byte[] record && HasType(record, Protective);

    private static byte[]? Record(ImageBytes image)
    {
        byte[]? record = image.Exactly(0, Length);
        // A boot sector has the same signature; its code is no table.
        return record is not null && record[510] == 0x55 && record[511] == 0xAA
            && Enumerable.Range(0, Entries).All(index => record[FirstEntry + (index * EntryLength)] is 0 or 0x80)
            ? record
            : null;
    }

    private static bool HasType(byte[] record, byte type) =>
        Enumerable.Range(0, Entries).Any(index => record[FirstEntry + (index * EntryLength) + 4] == type);

    private static Partition? Entry(byte[] record, int index, ulong size, uint sectorSize)
    {
        ReadOnlySpan<byte> entry = record.AsSpan(FirstEntry + (index * EntryLength), EntryLength);
        ulong offset = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]) * sectorSize;
        ulong length = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]) * sectorSize;
        return entry[4] == 0 ? null : new Partition(index + 1, offset, length)
        {
            MbrType = entry[4],
            Bootable = entry[0] == 0x80,
            Fault = offset == 0 || length == 0 ? "is empty"
                : offset + length > size ? "ends behind the end of the image: it is truncated"
                : null,
        };
    }
}
