using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>
/// Which parts of an image become which mounts, the root first. The image is hostile: whatever its bytes are, there is
/// a layout or a <see cref="LaunchException"/> whose line says what is wrong with it.
/// </summary>
/// <param name="SectorSize">What the partitions are counted in; the devices made of them have it too.</param>
/// <param name="Mounts">In the order they are mounted.</param>
/// <param name="Notices">What the user should know: one line each.</param>
public sealed record ImageLayout(uint SectorSize, ImmutableArray<ImageMount> Mounts, ImmutableArray<string> Notices)
{
    private const ulong SmallestImage = 2048;

    /// <summary>It has a /usr and no root: that is an empty directory in memory.</summary>
    public bool HasRoot => Mounts.Any(mount => mount.Role == PartitionRole.Root);

    /// <summary>Something of it can be written.</summary>
    public bool IsWritten => Mounts.Any(mount => !mount.ReadOnly);

    /// <param name="image">Its bytes.</param>
    /// <param name="size">How many.</param>
    /// <param name="sectorSize">Of the disk it is on, or 512: what an MBR counts in.</param>
    /// <param name="readOnly">Nothing of it is to be written.</param>
    /// <param name="policy">What may be used.</param>
    /// <param name="verity">How it is to be checked; null: as it says itself.</param>
    public static ImageLayout Of(
        ImageBytes image, ulong size, uint sectorSize, bool readOnly, ImagePolicy policy, VerityRequest? verity = null)
    {
        if (size < SmallestImage)
        {
            throw new LaunchException(size == 0 ? "it is empty" : $"it is no disk image: it has {size} bytes");
        }

        bool mayBeGpt = Mbr.IsProtective(image);
        if (mayBeGpt && Gpt.ReadPrimary(image, size) is PartitionTable table)
        {
            return OfTable(table);
        }

        // Before the copy at the end, which outlives whatever is made over the start.
        if (Superblock.Probe(image, 0, size) is Superblock whole)
        {
            return new ImageLayout(512, [new ImageParts(image, policy, verity, readOnly).Whole(whole, size)], []);
        }

        if (CompressionOf(image) is string compressed)
        {
            throw new LaunchException($"it is compressed by {compressed}: unpack it first");
        }

        return mayBeGpt
            ? OfTable(Gpt.ReadBackup(image, size) ?? throw new LaunchException(
                "its partition table is damaged: neither the GPT at its start nor the copy at its end is whole; is the image truncated? sgdisk(8) can repair one"))
            : OfTable(Mbr.Read(image, size, sectorSize) ?? throw new LaunchException(
                "it holds neither a partition table (GPT or MBR) nor a file system that is known (ext4, xfs, btrfs, squashfs, erofs, vfat)"));

        ImageLayout OfTable(PartitionTable table)
        {
            ImageParts parts = new(image, policy, verity, readOnly);
            ImmutableArray<ImageMount> mounts = parts.Of(table);
            return new ImageLayout(table.SectorSize, mounts,
                table.IsBackup ? [.. parts.Notices, "the GPT at the image's start is damaged: the copy at its end is used; sgdisk(8) can repair it"] : [.. parts.Notices]);
        }
    }

    private static string? CompressionOf(ImageBytes image) => image.Exactly(0, 6) switch
    {
        [0x1f, 0x8b, ..] => "gzip",
        [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0] => "xz",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd",
        [(byte)'B', (byte)'Z', (byte)'h', ..] => "bzip2",
        _ => null,
    };
}
