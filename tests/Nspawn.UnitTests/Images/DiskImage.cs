using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Nspawn.Core;

namespace Nspawn.UnitTests;

/// <summary>A disk image in memory, its tables written by hand: right, or wrong in the way a test wants.</summary>
internal sealed class DiskImage(int size, int sector = 512)
{
    public const string Root = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709", Root32 = "44479540-f297-41b2-9af7-d131d5f0458a";
    public const string Usr = "8484680c-9521-48c6-9c11-b0720656f69e", Home = "933ac7e1-2eb4-4f13-b844-0e14e2aef915";
    public const string Esp = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", Swap = "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f";
    public const string RootVerity = "2c7357ed-ebd2-46d9-aec1-23d437ec2bf5", RootSignature = "41092b05-9fc8-4523-994f-2def0408b176";
    public const string Generic = "0fc63daf-8483-4772-8e79-3d69d8477de4", Tmp = "7ec6f557-3bc5-4aca-b293-16ef5df639d1";
    public const ulong NoAuto = 1UL << 63, ReadOnly = 1UL << 60, GrowFs = 1UL << 59;

    private const int HeaderLength = 92;

    public byte[] Bytes { get; } = new byte[size];

    public int Sector => sector;

    public int Sectors => size / sector;

    public uint EntrySize { get; init; } = 128;

    public uint Entries { get; init; } = 16;

    /// <summary>What is said of the entries, when it is not what there is.</summary>
    public uint? SaidEntries { get; init; }

    public int PrimaryHeader => sector;

    public int BackupHeader => (Sectors - 1) * sector;

    /// <summary>What reads it.</summary>
    public int Read(ulong offset, Span<byte> buffer)
    {
        int length = offset >= (ulong)Bytes.Length ? 0 : Math.Min(buffer.Length, Bytes.Length - (int)offset);
        Bytes.AsSpan((int)Math.Min(offset, (ulong)Bytes.Length), length).CopyTo(buffer);
        return length;
    }

    public ImageLayout Layout(bool readOnly = false, string policy = "*", VerityRequest? verity = null) =>
        ImageLayout.Of(Read, (ulong)Bytes.Length, 512, readOnly, ImagePolicy.Parse(policy), verity);

    public string Refusal(string policy = "*", VerityRequest? verity = null) =>
        Xunit.Assert.Throws<LaunchException>(() => Layout(policy: policy, verity: verity)).Message;

    /// <summary>The UUID of the partition with that number.</summary>
    public static Guid UuidOf(int number) => new(number, 0, 0, new byte[8]);

    /// <summary>Writes both copies of a GPT; sectors are counted from 0, the last one is the partition's.</summary>
    public DiskImage Gpt(params (string Type, ulong First, ulong Last, ulong Flags, string Label)[] partitions)
    {
        Bytes[510] = 0x55;
        Bytes[511] = 0xAA;
        Bytes[446 + 4] = 0xEE;
        int entriesLength = (int)(Entries * EntrySize), entriesSectors = (entriesLength + sector - 1) / sector;
        byte[] entries = new byte[entriesLength];
        for (int i = 0; i < partitions.Length; i++)
        {
            Span<byte> entry = entries.AsSpan(i * (int)EntrySize);
            new Guid(partitions[i].Type).TryWriteBytes(entry);
            UuidOf(i + 1).TryWriteBytes(entry[16..]);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], partitions[i].First);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], partitions[i].Last);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[48..], partitions[i].Flags);
            Encoding.Unicode.GetBytes(partitions[i].Label, entry[56..128]);
        }

        int backupEntries = Sectors - 1 - entriesSectors;
        entries.CopyTo(Bytes, 2 * sector);
        entries.CopyTo(Bytes, backupEntries * sector);
        Header(PrimaryHeader, 1, 2, entries);
        Header(BackupHeader, (ulong)Sectors - 1, (ulong)backupEntries, entries);
        return this;
    }

    /// <summary>Makes the sum of a header right again.</summary>
    public void Sign(int header)
    {
        Bytes.AsSpan(header + 16, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(header + 16), Crc32.HashToUInt32(Bytes.AsSpan(header, HeaderLength)));
    }

    /// <summary>Four bytes of a header, and its sum.</summary>
    public DiskImage Patch(int header, int at, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(header + at), value);
        Sign(header);
        return this;
    }

    public DiskImage Mbr(params (byte Flags, byte Type, uint First, uint Count)[] partitions)
    {
        Bytes[510] = 0x55;
        Bytes[511] = 0xAA;
        for (int i = 0; i < partitions.Length; i++)
        {
            Span<byte> entry = Bytes.AsSpan(446 + (i * 16), 16);
            entry[0] = partitions[i].Flags;
            entry[4] = partitions[i].Type;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], partitions[i].First);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], partitions[i].Count);
        }

        return this;
    }

    /// <summary>The superblock of an ext4 of so many blocks of 1 KiB, at a byte.</summary>
    public DiskImage Ext4(ulong at, uint blocks = 8, uint compat = 4, uint incompat = 0x40)
    {
        Span<byte> block = Bytes.AsSpan((int)at + 1024);
        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], blocks);
        BinaryPrimitives.WriteUInt16LittleEndian(block[0x38..], 0xEF53);
        BinaryPrimitives.WriteUInt32LittleEndian(block[0x5c..], compat);
        BinaryPrimitives.WriteUInt32LittleEndian(block[0x60..], incompat);
        return this;
    }

    public DiskImage Put(ulong at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Bytes.AsSpan((int)at));
        return this;
    }

    private void Header(int at, ulong lba, ulong entriesLba, byte[] entries)
    {
        Span<byte> header = Bytes.AsSpan(at, HeaderLength);
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], 0x10000);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], HeaderLength);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], lba);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], 2 + ((ulong)entries.Length / (ulong)sector));
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], (ulong)Sectors - 2 - ((ulong)entries.Length / (ulong)sector));
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], entriesLba);
        BinaryPrimitives.WriteUInt32LittleEndian(header[80..], SaidEntries ?? Entries);
        BinaryPrimitives.WriteUInt32LittleEndian(header[84..], EntrySize);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32.HashToUInt32(entries));
        Sign(at);
    }
}
