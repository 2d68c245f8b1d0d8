using System.Buffers.Binary;

namespace Nspawn.Core;

/// <summary>What is in a partition, by its first bytes.</summary>
/// <param name="Name">As the kernel and blkid(8) call it.</param>
public sealed record Superblock(string Name)
{
    /// <summary>The kernel's name of the driver; null: nothing that is mounted.</summary>
    public string? Driver { get; init; }

    /// <summary>The bytes that have to be there, as the file system says; 0: it does not.</summary>
    public ulong Size { get; init; }

    /// <summary>Made once, never written.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>What it is can be told only with a key.</summary>
    public bool IsEncrypted => Name == "crypto_LUKS";

    private const int HeadLength = 4096;
    private const string Known = "ext4, xfs, btrfs, squashfs, erofs, vfat";

    /// <summary>What begins at the offset; null: nothing that is known.</summary>
    public static Superblock? Probe(ImageBytes image, ulong offset, ulong size)
    {
        byte[] buffer = new byte[HeadLength];
        Span<byte> head = buffer.AsSpan(0, Math.Clamp(image(offset, buffer.AsSpan(0, (int)Math.Min(size, HeadLength))), 0, HeadLength));
        return head.Length < 2048
            ? null
            : AtStart(head) ?? AtOneKilobyte(head[1024..]) ?? Farther(image, offset, size) ?? Fat(head) ?? Swap(head);
    }

    /// <summary>It, if it is that of a file system that can be mounted and is whole.</summary>
    /// <param name="superblock">What was found.</param>
    /// <param name="size">The bytes that are there.</param>
    /// <param name="subject">What they are called in the refusal.</param>
    public static Superblock Usable(Superblock? superblock, ulong size, string subject) =>
        superblock is null ? throw new LaunchException($"{subject} holds no file system that is known ({Known})")
        : superblock.Driver is null ? throw new LaunchException($"{subject} holds {superblock.Name}, which is nothing to mount ({Known})")
        : superblock.Size > size ? throw new LaunchException($"{subject} is truncated: its {superblock.Name} has {superblock.Size} bytes, and {size} are there")
        : superblock;

    private static Superblock? AtStart(ReadOnlySpan<byte> head) =>
        head.StartsWith("hsqs"u8) && U16(head, 28) == 4 ? new("squashfs") { Driver = "squashfs", Size = U64(head, 40), IsReadOnly = true }
        : head.StartsWith("XFSB"u8) ? new("xfs")
        {
            Driver = "xfs",
            Size = Product(BinaryPrimitives.ReadUInt64BigEndian(head[8..]), BinaryPrimitives.ReadUInt32BigEndian(head[4..])),
        }
        : head.StartsWith((ReadOnlySpan<byte>)[(byte)'L', (byte)'U', (byte)'K', (byte)'S', 0xba, 0xbe]) ? new("crypto_LUKS")
        : head.StartsWith("verity\0\0"u8) ? new("DM_verity_hash")
        : null;

    private static Superblock? AtOneKilobyte(ReadOnlySpan<byte> block) => U32(block, 0) switch
    {
        0xE0F5_E1E2 => new("erofs") { Driver = "erofs", Size = Shifted(U32(block, 36), block[12]), IsReadOnly = true },
        0xF2F5_2010 => new("f2fs"),
        _ => Ext(block),
    };

    private static Superblock? Ext(ReadOnlySpan<byte> block)
    {
        uint logBlockSize = U32(block, 0x18), blocks = U32(block, 4), compat = U32(block, 0x5c), incompat = U32(block, 0x60), readOnlyCompat = U32(block, 0x64);
        // Two bytes are little to go by: the rest has to make sense.
        if (U16(block, 0x38) != 0xEF53 || logBlockSize > 6 || U32(block, 0x4c) > 1 || (incompat & 0x8 /* a journal of another */) != 0)
        {
            return null;
        }

        ulong count = blocks | ((incompat & 0x80 /* 64bit */) != 0 ? (ulong)U32(block, 0x150) << 32 : 0);
        bool isExt4 = (incompat & ~0x16u) != 0 || (readOnlyCompat & ~0x7u) != 0;
        bool hasJournal = (compat & 0x4) != 0;
        // One driver reads all three.
        return new Superblock(isExt4 ? "ext4" : hasJournal ? "ext3" : "ext2") { Driver = "ext4", Size = Shifted(count, (int)logBlockSize + 10) };
    }

    private static Superblock? Farther(ImageBytes image, ulong offset, ulong size)
    {
        const int Btrfs = 65536;
        byte[]? block = size > Btrfs + 512 ? image.Exactly(offset + Btrfs, 512) : null;
        return block is not null && block.AsSpan(0x40).StartsWith("_BHRfS_M"u8)
            ? new("btrfs") { Driver = "btrfs", Size = U64(block, 0x70) }
            : null;
    }

    private static Superblock? Fat(ReadOnlySpan<byte> head)
    {
        if (head[510] != 0x55 || head[511] != 0xAA
            || !(head[0x52..].StartsWith("FAT32"u8) || head[0x36..].StartsWith("FAT1"u8) || head[0x36..].StartsWith("FAT  "u8)))
        {
            return null;
        }

        ulong sectors = U16(head, 0x13) != 0 ? U16(head, 0x13) : U32(head, 0x20);
        return new("vfat") { Driver = "vfat", Size = Product(sectors, U16(head, 0x0b)) };
    }

    private static Superblock? Swap(ReadOnlySpan<byte> head) =>
        head.Length == HeadLength && (head[(HeadLength - 10)..].SequenceEqual("SWAPSPACE2"u8) || head[(HeadLength - 10)..].SequenceEqual("SWAP-SPACE"u8))
            ? new("swap")
            : null;

    private static ulong Product(ulong a, ulong b) => (ulong)UInt128.Min((UInt128)a * b, ulong.MaxValue);

    private static ulong Shifted(ulong value, int bits) => bits > 63 ? ulong.MaxValue : Product(value, 1UL << bits);

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
