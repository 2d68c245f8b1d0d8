using System.Diagnostics;
using Nspawn.Core;
using Xunit;
using static Nspawn.UnitTests.DiskImage;

namespace Nspawn.UnitTests;

/// <summary>Partition tables: right ones, damaged ones, and ones that were made to hurt.</summary>
public class GptTests
{
    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(2048)]
    public void A_table_is_read_whatever_its_sectors(int sector)
    {
        DiskImage disk = new DiskImage(256 * sector, sector).Gpt((Root, 40, 79, ReadOnly, "os_1"), (Swap, 80, 80, 0, "")).Ext4(40 * (ulong)sector);

        PartitionTable table = Assert.IsType<PartitionTable>(Gpt.ReadPrimary(disk.Read, (ulong)disk.Bytes.Length));

        Assert.Equal((uint)sector, table.SectorSize);
        Assert.Equal(
            new Partition(1, 40 * (ulong)sector, 40 * (ulong)sector) { Type = new Guid(Root), Uuid = UuidOf(1), Label = "os_1", ReadOnly = true },
            table.Partitions[0]);
        Assert.Equal((uint)sector, disk.Layout().SectorSize);
    }

    [Fact]
    public void A_table_is_as_sfdisk_made_it()
    {
        Need.Tool("sfdisk");
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, new byte[8 << 20]);
            using Process sfdisk = Process.Start(new ProcessStartInfo("sfdisk", ["-q", file]) { RedirectStandardInput = true })!;
            sfdisk.StandardInput.Write($"label: gpt\nsize=1MiB, type={Esp}, name=esp\nsize=2MiB, type={Root}, name=\"ü_2\", attrs=\"GUID:59,60\"\ntype={Home}, attrs=GUID:63\n");
            sfdisk.StandardInput.Close();
            sfdisk.WaitForExit();
            byte[] bytes = File.ReadAllBytes(file);
            DiskImage disk = new DiskImage(bytes.Length).Put(0, bytes);

            foreach (PartitionTable? table in (PartitionTable?[])[Gpt.ReadPrimary(disk.Read, (ulong)bytes.Length), Gpt.ReadBackup(disk.Read, (ulong)bytes.Length)])
            {
                Assert.Equal(["1 1048576 1048576 esp False False False", "2 2097152 2097152 ü_2 False True True", "3 4194304 3145728  True False False"],
                    table!.Partitions.Select(one => $"{one.Number} {one.Offset} {one.Size} {one.Label} {one.NoAuto} {one.ReadOnly} {one.GrowsFileSystem}"));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(0)] // the signature
    [InlineData(20)] // reserved, but summed
    [InlineData(72)] // where the entries are
    public void A_damaged_header_leaves_the_copy_at_the_end(int at)
    {
        DiskImage disk = Disk();
        disk.Bytes[disk.PrimaryHeader + at] ^= 1;

        ImageLayout layout = disk.Layout();

        Assert.Contains("the copy at its end is used", Assert.Single(layout.Notices), StringComparison.Ordinal);
        Assert.Equal("/", Assert.Single(layout.Mounts).Target);
    }

    [Fact]
    public void Damaged_entries_leave_the_copy_at_the_end()
    {
        DiskImage disk = Disk();
        disk.Bytes[(2 * disk.Sector) + 40] ^= 1;

        Assert.Null(Gpt.ReadPrimary(disk.Read, (ulong)disk.Bytes.Length));
        Assert.Single(disk.Layout().Notices);
    }

    [Fact]
    public void Two_damaged_copies_are_refused()
    {
        DiskImage disk = Disk();
        disk.Bytes[disk.PrimaryHeader + 30] ^= 1;
        disk.Bytes[disk.BackupHeader + 30] ^= 1;

        Assert.Contains("neither the GPT at its start nor the copy at its end is whole", disk.Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80, 0xFFFFFFFF)] // so many entries
    [InlineData(80, 0x40000000)]
    [InlineData(80, 0)]
    [InlineData(84, 0)] // so long
    [InlineData(84, 1)]
    [InlineData(84, 127)]
    [InlineData(84, 192)]
    [InlineData(84, 0x80000000)]
    [InlineData(84, 0xFFFFFFFF)]
    [InlineData(72, 0xFFFFFFFF)] // so far away
    [InlineData(12, 0xFFFFFFFF)] // so long a header
    [InlineData(12, 10)]
    [InlineData(24, 2)] // elsewhere
    public void An_absurd_header_is_none(int at, uint value)
    {
        DiskImage disk = Disk();
        disk.Patch(disk.PrimaryHeader, at, value).Patch(disk.BackupHeader, at, value);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("damaged", disk.Refusal(), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Theory]
    [InlineData(40, 39, "is empty")]
    [InlineData(1, 20, "is not where the table says that partitions are")]
    [InlineData(40, 253, "is not where the table says that partitions are")]
    [InlineData(40, ulong.MaxValue, "is not where the table says that partitions are")]
    [InlineData(ulong.MaxValue, ulong.MaxValue, "is not where the table says that partitions are")]
    public void A_root_that_cannot_be_is_refused_and_another_partition_ignored(ulong first, ulong last, string fault)
    {
        Assert.Equal($"its partition 1 (root) {fault}", new DiskImage(256 * 512).Gpt((Root, first, last, 0, "")).Refusal());

        DiskImage other = new DiskImage(256 * 512).Gpt((Root, 40, 79, 0, ""), (Swap, first, last, 0, "")).Ext4(40 * 512);
        Assert.Single(other.Layout().Mounts);
    }

    [Fact]
    public void Partitions_that_overlap_are_refused() => Assert.Equal(
        "its partitions 1 and 2 overlap: one would destroy the other",
        new DiskImage(256 * 512).Gpt((Root, 40, 99, 0, ""), (Home, 90, 120, 0, "")).Ext4(40 * 512).Ext4(90 * 512).Refusal());

    [Fact]
    public void A_truncated_image_is_refused()
    {
        byte[] whole = Disk().Bytes;
        DiskImage half = new DiskImage(60 * 512).Put(0, whole.AsSpan(0, 60 * 512));

        Assert.Equal("its partition 1 (root) ends behind the end of the image: it is truncated", half.Refusal());
    }

    [Fact]
    public void Large_entries_are_read()
    {
        DiskImage disk = new DiskImage(256 * 512) { EntrySize = 256, Entries = 8 }.Gpt((Root, 40, 79, 0, "a"), (Home, 80, 120, 0, "b")).Ext4(40 * 512).Ext4(80 * 512);

        Assert.Equal(["/", "/home"], disk.Layout().Mounts.Select(mount => mount.Target));
    }

    [Fact]
    public void Whatever_the_bytes_there_is_a_layout_or_one_line()
    {
        int refused = 0, read = 0;
        for (int seed = 0; seed < 4000; seed++)
        {
            Random random = new(seed);
            DiskImage disk = seed % 4 == 0 ? new DiskImage(256 * 512).Mbr((0x80, 0x83, 8, 100)).Ext4(8 * 512) : Disk();
            for (int change = random.Next(1, 8); change > 0; change--)
            {
                int at = random.Next(5) switch
                {
                    0 => random.Next(446, 512),
                    1 => disk.PrimaryHeader + random.Next(92),
                    2 => disk.BackupHeader + random.Next(92),
                    3 => (2 * 512) + random.Next(3 * 128),
                    _ => random.Next(disk.Bytes.Length),
                };
                disk.Bytes[at] = (byte)random.Next(256);
            }

            if (seed % 2 == 1)
            {
                // The attacker makes the sums right.
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(
                    disk.Bytes.AsSpan(disk.PrimaryHeader + 88), System.IO.Hashing.Crc32.HashToUInt32(disk.Bytes.AsSpan(1024, 16 * 128)));
                disk.Sign(disk.PrimaryHeader);
            }

            DiskImage shown = seed % 7 == 0 ? new DiskImage(random.Next(disk.Bytes.Length)) : disk;
            disk.Bytes.AsSpan(0, shown.Bytes.Length).CopyTo(shown.Bytes);
            try
            {
                ImageLayout layout = shown.Layout();
                read++;
                Assert.All(layout.Mounts, mount => Assert.True(mount.Size > 0 && mount.Offset + mount.Size <= (ulong)shown.Bytes.Length, $"seed {seed}"));
            }
            catch (LaunchException refusal)
            {
                refused++;
                Assert.DoesNotContain(refusal.Message, char.IsControl);
            }
        }

        Assert.True(refused > 300 && read > 300, $"{refused} refused, {read} read");
    }

    private static DiskImage Disk() => new DiskImage(256 * 512).Gpt((Root, 40, 79, 0, "root")).Ext4(40 * 512);
}
