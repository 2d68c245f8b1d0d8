using Nspawn.Core;
using Nspawn.Linux;
using Xunit;
using static Nspawn.UnitTests.DiskImage;

namespace Nspawn.UnitTests;

/// <summary>Which part of an image is mounted where, and how.</summary>
public class ImageLayoutTests
{
    private const ulong At1 = 40, At2 = 80, At3 = 120;

    [Fact]
    public void A_bare_file_system_is_the_root()
    {
        ImageMount mount = Assert.Single(new DiskImage(64 * 1024).Ext4(0).Layout().Mounts);

        Assert.Equal(("/", 0, "ext4", MountFlags.NoDev, "discard"), (mount.Target, mount.Partition, mount.Type, mount.Flags, mount.Options));
        Assert.Equal("ro,noload", Assert.Single(new DiskImage(64 * 1024).Ext4(0).Layout(readOnly: true).Mounts).Options);
    }

    [Fact]
    public void Every_kind_of_partition_has_its_place()
    {
        (string, ulong, ulong, ulong, string)[] partitions = [.. PartitionTypes.All
            .Where(known => !known.Secondary && known.Role < PartitionRole.Swap)
            .Select((known, index) => (known.Type.ToString(), At1 + (20 * (ulong)index), At1 + (20 * (ulong)index) + 19, 0UL, ""))];
        DiskImage disk = new DiskImage(512 * 512).Gpt(partitions);
        for (ulong i = 0; i < (ulong)partitions.Length; i++)
        {
            _ = disk.Ext4((At1 + (20 * i)) * 512);
        }

        Assert.Equal("/ /usr /home /srv /var /var/tmp /boot /efi", string.Join(' ', disk.Layout().Mounts.Select(mount => mount.Target)));
        Assert.Equal(
            "NoDev NoDev NoDev NoDev NoDev NoSuid+NoDev NoSuid+NoDev+NoExec+NoSymfollow NoSuid+NoDev+NoExec+NoSymfollow",
            string.Join(' ', disk.Layout().Mounts.Select(mount => mount.Flags.ToString().Replace(", ", "+", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("os_9", "os_10", 2)]
    [InlineData("os_10", "os_9", 1)]
    [InlineData("same", "same", 1)]
    [InlineData("", "a", 2)]
    public void Of_two_roots_the_newest_label_wins_and_else_the_first(string one, string other, int wins) =>
        Assert.Equal(wins, Two(Root, one, 0, Root, other, 0).Mounts[0].Partition);

    [Fact]
    public void Of_two_homes_the_first_wins()
    {
        DiskImage disk = Filled((Root, At1, ""), (Home, At2, "a_1"), (Home, At3, "a_2"));

        Assert.Equal(2, disk.Layout().Mounts[1].Partition);
    }

    [Fact]
    public void The_processors_own_architecture_wins_and_the_other_is_better_than_none()
    {
        Assert.Equal(2, Two(Root32, "os_9", 0, Root, "os_1", 0).Mounts[0].Partition);
        Assert.Equal(1, Two(Root, "os_1", 0, Root32, "os_9", 0).Mounts[0].Partition);
        Assert.Equal(1, Two(Root32, "os_9", 0, Swap, "", 0).Mounts[0].Partition);
        Assert.Contains("no partition to use as the root", Filled(("b921b045-1df0-41c3-af44-4c6f280d3fae" /* root of arm64 */, At1, "")).Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Flags_are_heeded()
    {
        Assert.Equal(2, Two(Root, "os_9", NoAuto, Root, "os_1", 0).Mounts[0].Partition);
        ImageLayout layout = Two(Root, "", ReadOnly, Home, "", GrowFs);
        Assert.Equal((true, false), (layout.Mounts[0].ReadOnly, layout.Mounts[1].ReadOnly));
        Assert.Equal((false, true), (layout.Mounts[0].Grows, layout.Mounts[1].Grows));
        Assert.True(layout.IsWritten);
    }

    [Fact]
    public void A_single_generic_partition_is_the_root()
    {
        Assert.Equal("partition 1 is the only generic Linux one", Two(Generic, "", 0, Swap, "", 0).Mounts[0].Reason);
        Assert.Contains("which of its 2 generic Linux partitions", Filled((Generic, At1, ""), (Generic, At2, "")).Refusal(), StringComparison.Ordinal);
        Assert.Equal(2, Two(Generic, "", NoAuto, Generic, "", 0).Mounts[0].Partition);
        Assert.Equal("/", Assert.Single(Two(Generic, "", 0, Root, "", 0).Mounts).Target);
    }

    [Fact]
    public void A_usr_alone_is_enough()
    {
        ImageLayout layout = Filled((Usr, At1, "")).Layout();

        Assert.False(layout.HasRoot);
        Assert.Equal("/usr", Assert.Single(layout.Mounts).Target);
    }

    [Fact]
    public void A_single_bootable_partition_of_an_mbr_is_the_root()
    {
        DiskImage disk = new DiskImage(128 * 512).Mbr((0, 0x83, 8, 20), (0x80, 0x83, 40, 40)).Ext4(40 * 512);
        Assert.Equal((2, 40UL * 512, 40UL * 512), disk.Layout().Mounts.Select(mount => (mount.Partition, mount.Offset, mount.Size)).Single());

        Assert.Contains("which of its 2", new DiskImage(128 * 512).Mbr((0x80, 0x83, 8, 20), (0x80, 0x83, 40, 40)).Refusal(), StringComparison.Ordinal);
        Assert.Contains("no partition to use", new DiskImage(128 * 512).Mbr((0, 0x83, 8, 20)).Refusal(), StringComparison.Ordinal);
        Assert.Contains("truncated", new DiskImage(128 * 512).Mbr((0x80, 0x83, 8, 200)).Refusal(), StringComparison.Ordinal);
        Assert.Contains("is empty", new DiskImage(128 * 512).Mbr((0x80, 0x83, 8, 0)).Refusal(), StringComparison.Ordinal);
        Assert.Contains("truncated", new DiskImage(128 * 512).Mbr((0x80, 0x83, uint.MaxValue, uint.MaxValue)).Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("swap", "holds swap, which is nothing to mount")]
    [InlineData("f2fs", "holds f2fs, which is nothing to mount")]
    [InlineData("verity", "holds DM_verity_hash")]
    [InlineData("none", "holds no file system that is known")]
    public void What_cannot_be_mounted_is_refused(string what, string message)
    {
        DiskImage disk = new DiskImage(256 * 512).Gpt((Root, At1, At2, 0, ""));
        _ = what switch
        {
            "swap" => disk.Put((At1 * 512) + 4086, "SWAPSPACE2"u8),
            "f2fs" => disk.Put((At1 * 512) + 1024, [0x10, 0x20, 0xf5, 0xf2]),
            "verity" => disk.Put(At1 * 512, "verity\0\0"u8),
            _ => disk,
        };

        Assert.Contains("its partition 1 (root) " + message, disk.Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "it is empty")]
    [InlineData(100, "it is no disk image: it has 100 bytes")]
    [InlineData(4096, "it holds neither a partition table (GPT or MBR) nor a file system")]
    [InlineData(65536, "it holds neither a partition table (GPT or MBR) nor a file system")]
    public void Bytes_that_are_no_image_are_refused(int size, string message) => Assert.StartsWith(message, new DiskImage(size).Refusal(), StringComparison.Ordinal);

    [Fact]
    public void A_truncated_file_system_is_refused() => Assert.Equal(
        "it is truncated: its ext4 has 102400 bytes, and 65536 are there", new DiskImage(65536).Ext4(0, blocks: 100).Refusal());

    [Fact]
    public void A_file_system_made_over_a_table_wins_over_the_copy_at_the_end()
    {
        DiskImage disk = new DiskImage(256 * 512).Gpt((Root, At1, At2, 0, "")).Ext4(0);
        disk.Bytes[disk.PrimaryHeader] = 0;

        Assert.Equal(0, Assert.Single(disk.Layout().Mounts).Partition);
    }

    [Theory]
    [InlineData(4u, 0x40u, "ext4", "ro,noload")]
    [InlineData(4u, 2u, "ext4", "ro,noload")] // ext3
    [InlineData(0u, 2u, "ext4", "ro")] // ext2
    public void One_driver_mounts_three_file_systems(uint compat, uint incompat, string driver, string options)
    {
        ImageMount mount = Assert.Single(new DiskImage(65536).Ext4(0, 8, compat, incompat).Layout(readOnly: true).Mounts);

        Assert.Equal((driver, options), (mount.Type, mount.Options));
    }

    [Theory]
    [InlineData("root=unprotected", null)]
    [InlineData("root=verity", "--image-policy= wants root to be verity: its partition 1 (root) is unprotected")]
    [InlineData("root=encrypted+verity+unused", "it has no partition to use as the root")]
    [InlineData("*", null)]
    [InlineData("-", "it has no partition to use as the root")]
    [InlineData("=open:root=absent", "--image-policy= wants root to be absent: its partition 1 (root) is unprotected")]
    [InlineData("~", "--image-policy= wants swap to be absent: it has such a partition")]
    [InlineData("=open:usr=unprotected", "--image-policy= wants usr to be unprotected: it has no such partition")]
    [InlineData("=open:swap=absent", "--image-policy= wants swap to be absent: it has such a partition")]
    [InlineData("=open:root=read-only-on", "--image-policy= does not want root to be read-only-off, as partition 1 is")]
    public void A_policy_decides(string policy, string? refusal)
    {
        DiskImage disk = Filled((Root, At1, ""), (Swap, At2, ""), (Home, At3, ""));
        if (refusal is not null)
        {
            Assert.StartsWith(refusal, disk.Refusal(policy), StringComparison.Ordinal);
            return;
        }

        // What a policy does not name is not used.
        Assert.Equal(policy == "*" ? "/ /home" : "/", string.Join(' ', disk.Layout(policy: policy).Mounts.Select(mount => mount.Target)));
    }

    [Fact]
    public void Without_a_policy_everything_is_used() => Assert.Equal(ImagePolicy.Parse("*").Default, new Settings().ImagePolicy.Default);

    [Theory]
    [InlineData("")]
    [InlineData("root")]
    [InlineData("root=some")]
    [InlineData("boot=open")]
    [InlineData("root=open:root=open")]
    [InlineData("=open:=absent")]
    public void A_malformed_policy_is_refused(string policy) => Assert.Throws<UsageException>(() => ImagePolicy.Parse(policy));

    [Theory]
    [InlineData("0123456789abcdef0123456789ABCDEF", true)]
    [InlineData("0123456789abcdef0123456789abcdef0", false)]
    [InlineData("0123456789abcdef", false)]
    [InlineData("0123456789abcdef0123456789abcdeg", false)]
    public void A_root_hash_has_128_bits_at_least(string hash, bool taken)
    {
        if (taken)
        {
            Assert.Equal(hash.ToLowerInvariant(), RootHashes.Parse(hash));
        }
        else
        {
            _ = Assert.Throws<UsageException>(() => RootHashes.Parse(hash));
        }
    }

    private static ImageLayout Two(string type, string label, ulong flags, string otherType, string otherLabel, ulong otherFlags) =>
        new DiskImage(256 * 512).Gpt((type, At1, At2 - 1, flags, label), (otherType, At2, At3 - 1, otherFlags, otherLabel))
            .Ext4(At1 * 512).Ext4(At2 * 512).Layout();

    private static DiskImage Filled(params (string Type, ulong First, string Label)[] partitions)
    {
        DiskImage disk = new DiskImage(256 * 512).Gpt([.. partitions.Select(one => (one.Type, one.First, one.First + 39, 0UL, one.Label))]);
        foreach ((_, ulong first, _) in partitions)
        {
            _ = disk.Ext4(first * 512);
        }

        return disk;
    }
}
