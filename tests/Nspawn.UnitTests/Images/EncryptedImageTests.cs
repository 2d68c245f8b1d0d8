using System.Text.Json;
using Nspawn.Core;
using Nspawn.Linux;
using Xunit;
using static Nspawn.UnitTests.DiskImage;

namespace Nspawn.UnitTests;

/// <summary>Parts of an image that are encrypted (LUKS): what is known before they are open, and after.</summary>
public class EncryptedImageTests
{
    private const ulong At1 = 40, At2 = 80, At3 = 120, Size = 40 * 512;

    private static readonly Superblock s_ext4 = new("ext4") { Driver = "ext4", Size = 8192 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_bare_one_is_the_root(byte version)
    {
        ImageMount mount = Assert.Single(new DiskImage(64 * 1024).Put(0, Luks(version)).Layout().Mounts);

        Assert.Equal(("/", 0, "crypto_LUKS", "", true), (mount.Target, mount.Partition, mount.Type, mount.Options, mount.Encrypted));
        Assert.True(mount.IsMapped);
    }

    [Fact]
    public void Every_kind_of_partition_may_be_one()
    {
        (string, ulong, ulong, ulong, string)[] partitions = [.. PartitionTypes.All
            .Where(known => !known.Secondary && known.Role < PartitionRole.Esp)
            .Select((known, index) => (known.Type.ToString(), At1 + (20 * (ulong)index), At1 + (20 * (ulong)index) + 19, 0UL, ""))];
        DiskImage disk = new DiskImage(512 * 512).Gpt(partitions);
        for (ulong i = 0; i < (ulong)partitions.Length; i++)
        {
            _ = disk.Put((At1 + (20 * i)) * 512, Luks(2));
        }

        Assert.Equal("/ /usr /home /srv /var /var/tmp", string.Join(' ', disk.Layout().Mounts.Select(mount => mount.Target)));
        Assert.All(disk.Layout().Mounts, mount => Assert.True(mount.Encrypted));
    }

    [Fact]
    public void A_generic_one_is_the_root_and_its_flags_count()
    {
        ImageMount mount = Assert.Single(new DiskImage(256 * 512).Gpt((Generic, At1, At2 - 1, DiskImage.ReadOnly, "")).Put(At1 * 512, Luks(2)).Layout().Mounts);

        Assert.Equal(("/", true, true), (mount.Target, mount.Encrypted, mount.ReadOnly));
        Assert.Equal("ro,noload", mount.Decrypted(s_ext4, Size).Options);
    }

    [Fact]
    public void Only_those_are()
    {
        DiskImage disk = RootAndHome();

        Assert.Equal([true, false], disk.Layout().Mounts.Select(mount => mount.Encrypted));
        Assert.DoesNotContain("Encrypted", JsonSerializer.Serialize(disk.Layout().Mounts[1]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root=encrypted:home=unprotected", null)]
    [InlineData("*", null)]
    [InlineData("root=unprotected:=open", "--image-policy= wants root to be unprotected: its partition 1 (root) is encrypted")]
    [InlineData("root=verity+signed:=open", "--image-policy= wants root to be verity or signed: its partition 1 (root) is encrypted")]
    [InlineData("root=unprotected+unused:=open", "it has no partition to use as the root")]
    [InlineData("=encrypted+absent:swap=open", "--image-policy= wants home to be encrypted or absent: its partition 2 (home) is unprotected")]
    public void A_policy_decides(string policy, string? refusal)
    {
        if (refusal is null)
        {
            Assert.Equal(2, RootAndHome().Layout(policy: policy).Mounts.Length);
            return;
        }

        Assert.StartsWith(refusal, RootAndHome().Refusal(policy), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_it_is_what_is_in_it()
    {
        ImageMount mount = RootAndHome(GrowFs).Layout().Mounts[0];
        ImageMount inside = mount.Decrypted(s_ext4, Size / 2);

        Assert.Equal(("/", 1, "ext4", Size / 2, true), (inside.Target, inside.Partition, inside.Type, inside.Size, inside.Encrypted));
        Assert.Equal(mount.Offset, inside.Offset);
        Assert.True(inside.Grows);
        Assert.Equal("", inside.Options); // what is free is not told to the host
        Assert.False(mount.Decrypted(s_ext4, s_ext4.Size).Grows);
        Assert.False(RootAndHome().Layout().Mounts[0].Decrypted(s_ext4, Size).Grows);
    }

    [Fact]
    public void Something_made_once_can_only_be_read() => Assert.True(
        RootAndHome().Layout().Mounts[0].Decrypted(new Superblock("squashfs") { Driver = "squashfs", IsReadOnly = true }, Size).ReadOnly);

    [Fact]
    public void What_is_in_it_has_to_be_of_use()
    {
        Assert.Equal("x holds crypto_LUKS, which is nothing to mount (ext4, xfs, btrfs, squashfs, erofs, vfat)", Refusal(new Superblock("crypto_LUKS")));
        Assert.StartsWith("x holds no file system that is known", Refusal(null), StringComparison.Ordinal);
        Assert.StartsWith("x is truncated", Refusal(s_ext4 with { Size = Size + 1 }), StringComparison.Ordinal);
        Assert.Same(s_ext4, Superblock.Usable(s_ext4, Size, "x"));

        static string Refusal(Superblock? inside) => Assert.Throws<LaunchException>(() => Superblock.Usable(inside, Size, "x")).Message;
    }

    [Fact]
    public void What_verity_checks_is_not_decrypted() => Assert.Contains(
        "holds crypto_LUKS, which is nothing to mount",
        new DiskImage(64 * 1024).Put(0, Luks(2)).Refusal(verity: new VerityRequest(PartitionRole.Root, new string('0', 64), [], HasDataFile: true)), StringComparison.Ordinal);

    [Fact]
    public void A_silent_terminal_shows_nothing_but_the_lines_end()
    {
        using var master = Descriptors.Open("/dev/ptmx", OpenMode.ReadWrite);
        using var slave = PseudoTerminal.Unlock(master);
        TerminalAttributes before = TerminalAttributes.Of(slave)!;
        Assert.True(before.Raw().Silent().Apply(slave));
        Descriptors.Write(master, "open sesame\r"u8, "terminal");
        byte[] buffer = new byte[64];
        Assert.Equal("open sesame\n"u8, buffer.AsSpan(0, Descriptors.TryRead(slave, buffer).Count));
        PseudoTerminal.MakeNonBlocking(master);
        Assert.Equal("\n"u8, buffer.AsSpan(0, Descriptors.TryRead(master, buffer).Count));
    }

    private static DiskImage RootAndHome(ulong flags = 0) =>
        new DiskImage(256 * 512).Gpt((Root, At1, At2 - 1, flags, ""), (Home, At2, At3 - 1, 0, "")).Put(At1 * 512, Luks(2)).Ext4(At2 * 512);

    private static byte[] Luks(byte version) => [(byte)'L', (byte)'U', (byte)'K', (byte)'S', 0xba, 0xbe, 0, version];
}
