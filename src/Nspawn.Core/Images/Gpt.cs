using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;

namespace Nspawn.Core;

/// <summary>
/// Reads a GUID partition table: UEFI specification, chapter 5. Both copies are checked as that asks for, header and
/// entries; the sectors' size is where the header is found. Everything in it may be a lie.
/// </summary>
public static class Gpt
{
    private const int EntrySize = 128;

    /// <summary>64 times what is usual. More is no table but an attack on the reader's memory.</summary>
    private const uint MaxEntryBytes = 1024 * 1024;

    private const ulong NoBlockIo = 1UL << 1, GrowFs = 1UL << 59, ReadOnlyFlag = 1UL << 60, NoAuto = 1UL << 63;

    private static readonly ImmutableArray<uint> s_sectorSizes = [512, 4096, 1024, 2048];

    /// <summary>The table at the start of the disk; null when there is none, or none that is whole.</summary>
    public static PartitionTable? ReadPrimary(ImageBytes image, ulong size) =>
        s_sectorSizes.Select(sector => ReadAt(image, size, sector, 1)).FirstOrDefault(table => table is not null);

    /// <summary>The copy in the last sector, for when the one at the start is damaged.</summary>
    public static PartitionTable? ReadBackup(ImageBytes image, ulong size) => s_sectorSizes
        .Where(sector => size / sector > 2)
        .Select(sector => ReadAt(image, size, sector, (size / sector) - 1))
        .FirstOrDefault(table => table is not null) is PartitionTable table ? table with { IsBackup = true } : null;

    private static PartitionTable? ReadAt(ImageBytes image, ulong size, uint sector, ulong lba)
    {
        byte[]? header = image.Exactly(lba * sector, (int)sector);
        if (header is null || !header.AsSpan().StartsWith("EFI PART"u8) || !IsWhole(header, lba))
        {
            return null;
        }

        ulong entriesLba = U64(header, 72);
        uint count = U32(header, 80), entrySize = U32(header, 84);
        bool sane = entrySize is >= EntrySize and <= 4096 && (entrySize & (entrySize - 1)) == 0
            && count > 0 && count <= MaxEntryBytes / entrySize && entriesLba <= size / sector;
        byte[]? entries = sane ? image.Exactly(entriesLba * sector, (int)(count * entrySize)) : null;
        if (entries is null || Crc32.HashToUInt32(entries) != U32(header, 88))
        {
            return null;
        }

        ulong firstUsable = U64(header, 40), lastUsable = U64(header, 48);
        return new PartitionTable(PartitionScheme.Gpt, sector,
            [.. Enumerable.Range(0, (int)count)
                .Select(index => Entry(entries.AsSpan(index * (int)entrySize, EntrySize), index + 1, sector, size, firstUsable, lastUsable))
                .OfType<Partition>()]);
    }

    private static bool IsWhole(byte[] header, ulong lba)
    {
        uint length = U32(header, 12), checksum = U32(header, 16);
        if (length < 92 || length > header.Length || U64(header, 24) != lba)
        {
            return false;
        }

        byte[] summed = header[..(int)length];
        summed.AsSpan(16, 4).Clear(); // the sum is made without itself
        return Crc32.HashToUInt32(summed) == checksum;
    }

    private static Partition? Entry(ReadOnlySpan<byte> entry, int number, uint sector, ulong size, ulong firstUsable, ulong lastUsable)
    {
        Guid type = new(entry[..16]);
        if (type == Guid.Empty)
        {
            return null;
        }

        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]), last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
        ulong flags = BinaryPrimitives.ReadUInt64LittleEndian(entry[48..]);
        string? fault = last < first ? "is empty"
            : first < firstUsable || last > lastUsable || last >= (ulong)long.MaxValue / sector ? "is not where the table says that partitions are"
            : (last + 1) * sector > size ? "ends behind the end of the image: it is truncated"
            : null;
        bool isEsp = type == PartitionTypes.Esp;
        return new Partition(number, fault is null ? first * sector : 0, fault is null ? (last - first + 1) * sector : 0)
        {
            Type = type,
            Uuid = new Guid(entry[16..32]),
            Label = LabelOf(entry[56..128]),
            // The flag is not defined for the ESP, which has one of UEFI's own for it.
            NoAuto = (flags & (isEsp ? NoBlockIo : NoAuto)) != 0,
            ReadOnly = !isEsp && (flags & ReadOnlyFlag) != 0,
            GrowsFileSystem = !isEsp && (flags & GrowFs) != 0,
            Fault = fault,
        };
    }

    private static string LabelOf(ReadOnlySpan<byte> text)
    {
        string label = Encoding.Unicode.GetString(text);
        int end = label.IndexOf('\0');
        // It is shown to people.
        return string.Concat((end < 0 ? label : label[..end]).Select(c => char.IsControl(c) ? '?' : c));
    }

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static ulong U64(byte[] bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
}
