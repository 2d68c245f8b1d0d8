using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Nspawn.UnitTests;

public class Sha256Tests
{
    // FIPS 180-4's examples.
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void The_published_examples(string text, string hash) => Assert.Equal(hash, Core.Sha256.HexOf(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Any_bytes_in_any_pieces_are_as_the_framework_says()
    {
        Random random = new(20251101);
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = new byte[random.Next(i < 300 ? 300 : 20_000)];
            random.NextBytes(bytes);
            Core.Sha256 hash = new();
            for (int at = 0; at < bytes.Length;)
            {
                int piece = Math.Min(bytes.Length - at, random.Next(200));
                hash.Append(bytes.AsSpan(at, piece));
                at += piece;
            }

            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), hash.FinishHex());
        }
    }
}
