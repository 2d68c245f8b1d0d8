using System.Text;
using Nspawn.Core;
using Xunit;
using static Nspawn.UnitTests.DiskImage;

namespace Nspawn.UnitTests;

/// <summary>Which partitions are checked with dm-verity, and by which.</summary>
public class VerityTests
{
    private const ulong At1 = 40, At2 = 80, At3 = 120, At4 = 160;

    // Two roots and two hash trees: the first pair is of partitions 1 and 2, the other of 3 and 4.
    private static readonly string s_first = Hash(1, 2), s_second = Hash(3, 4);

    [Fact]
    public void The_hash_says_which_partitions()
    {
        foreach ((string hash, int data, ulong tree) in ((string, int, ulong)[])[(s_first, 1, At2), (s_second, 3, At4)])
        {
            ImageMount mount = Assert.Single(Versions().Layout(verity: Request(hash)).Mounts);

            Assert.Equal((data, true), (mount.Partition, mount.ReadOnly));
            Assert.Equal(new VerityTree(hash, tree * 512, 40 * 512), mount.Verity);
        }
    }

    [Fact]
    public void Without_a_hash_nothing_is_checked() => Assert.Null(Assert.Single(Versions().Layout().Mounts).Verity);

    [Theory]
    [InlineData(1, 4, "it has no partition for root-verity whose UUID is that of the root hash")]
    [InlineData(2, 1, "it has no partition for root whose UUID is that of the root hash")]
    [InlineData(7, 8, "it has no partition for root whose UUID is that of the root hash")]
    public void What_does_not_fit_is_refused(int data, int tree, string reason)
    {
        DiskImage disk = new DiskImage(256 * 512).Gpt((Root, At1, At2 - 1, 0, ""), (RootVerity, At2, At3 - 1, 0, "")).Ext4(At1 * 512);

        Assert.Equal(reason, disk.Refusal(verity: Request(Hash(data, tree))));
    }

    [Fact]
    public void One_file_system_needs_a_file_with_the_tree()
    {
        DiskImage disk = new DiskImage(64 * 1024).Ext4(0);

        Assert.Contains("--verity-data=", disk.Refusal(verity: Request(s_first)), StringComparison.Ordinal);
        Assert.True(Assert.Single(disk.Layout(verity: Request(s_first) with { HasDataFile = true }).Mounts).Verity is { IsInFile: true });
        Assert.Contains("--verity-data=", Versions().Refusal(verity: Request(s_first) with { HasDataFile = true }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root=verity:=open", true, false)]
    [InlineData("root=signed:=open", false, false)]
    [InlineData("root=unprotected:=open", false, false)]
    public void The_policy_says_what_counts(string policy, bool allowed, bool signed)
    {
        VerityRequest request = Request(s_first) with { Signature = signed ? [1] : [] };
        if (allowed)
        {
            Assert.NotNull(Versions().Layout(policy: policy, verity: request).Mounts[0].Verity);
        }
        else
        {
            Assert.Contains("--image-policy=", Versions().Refusal(policy, request), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_must_be_checked_is_not_used_without_a_hash() =>
        Assert.Contains("root to be verity", Versions().Refusal("root=verity:=open"), StringComparison.Ordinal);

    [Fact]
    public void A_signature_in_the_image_asks_for_the_check()
    {
        DiskImage disk = Signed($$"""{"rootHash":"{{s_first}}","signature":"AQID"}""");
        VerityTree tree = disk.Layout().Mounts[0].Verity!;

        Assert.Equal((s_first, At2 * 512, true, false), (tree.RootHash, tree.Offset, tree.MayBeSkipped, tree.MustBeSigned));
        Assert.Equal<byte>([1, 2, 3], tree.Signature);
        tree = disk.Layout(policy: "root=signed:=open").Mounts[0].Verity!;
        Assert.Equal((false, true), (tree.MayBeSkipped, tree.MustBeSigned));
        Assert.Null(disk.Layout(policy: "root=unprotected:=open").Mounts[0].Verity);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"rootHash\":1,\"signature\":2}")]
    [InlineData("{\"rootHash\":\"xyz\",\"signature\":\"AQID\"}")]
    [InlineData("{\"rootHash\":\"00000001000000000000000000000000\",\"signature\":\"AQID\"}")]
    [InlineData("{\"rootHash\":\"0000000900000000000000000000000000000002000000000000000000000000\",\"signature\":\"AQID\"}")]
    public void A_signature_of_something_else_is_none(string json) => Assert.Null(Signed(json).Layout().Mounts[0].Verity);

    [Fact]
    public void Whatever_a_signature_holds_there_is_an_answer()
    {
        string whole = $$"""{"rootHash":"{{s_first}}","signature":"AQID"}""";
        Random random = new(1);
        for (int i = 0; i < 2000; i++)
        {
            char[] text = whole.ToCharArray();
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                text[random.Next(text.Length)] = (char)random.Next(1, 127);
            }

            _ = Signed(new string(text)[..random.Next(text.Length + 1)]).Layout();
        }
    }

    private static DiskImage Versions() => new DiskImage(512 * 512)
        .Gpt((Root, At1, At2 - 1, 0, "os_1"), (RootVerity, At2, At3 - 1, 0, ""), (Root, At3, At4 - 1, 0, "os_2"), (RootVerity, At4, At4 + 39, 0, ""))
        .Ext4(At1 * 512).Ext4(At3 * 512);

    private static DiskImage Signed(string json) => new DiskImage(512 * 512)
        .Gpt((Root, At1, At2 - 1, 0, ""), (RootVerity, At2, At3 - 1, 0, ""), (RootSignature, At3, At4 - 1, 0, ""))
        .Ext4(At1 * 512).Put(At3 * 512, Encoding.UTF8.GetBytes(json));

    private static VerityRequest Request(string hash) => new(PartitionRole.Root, hash, [], HasDataFile: false);

    private static string Hash(int data, int tree) => $"{UuidOf(data):N}{UuidOf(tree):N}";
}
