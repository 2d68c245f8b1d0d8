using Xunit;

namespace Nspawn.UnitTests;

public class WireTests
{
    [Fact]
    public void A_call_is_read_as_it_was_written()
    {
        byte[] bytes = WireWriter.Call(7, "/a/b", "i.face", "Do", "text", true, 5u);
        Assert.Equal(bytes.Length, WireMessage.LengthOf(bytes));
        WireMessage message = WireMessage.Parse(bytes);

        Assert.Equal((WireKind.Call, "/a/b", "Do"), (message.Kind, message.Path, message.Member));
        Assert.Equal(["text", true, 5UL], message.Body);
    }

    [Fact]
    public void A_call_without_arguments_has_no_body() => Assert.Empty(WireMessage.Parse(WireWriter.Call(1, "/", "i", "M")).Body);

    [Fact]
    public void Values_of_every_kind_are_read_in_both_orders()
    {
        byte[] little = [1, 0, 0xfe, 0xff, 5, 0, 0, 0, 1, 0, 0, 0, (byte)'x', 0, 1, (byte)'u', 0, 0, 0, 0, 9, 0, 0, 0];
        Assert.Equal([1UL, -2L, 5UL, "x", 9UL], new WireReader(little, littleEndian: true).Read("ynusv"));

        byte[] big = [0, 0, 0, 1, 0, 0, 0, 2, (byte)'h', (byte)'i', 0];
        Assert.Equal([true, "hi"], new WireReader(big, littleEndian: false).Read("bs"));
    }

    [Fact]
    public void A_dictionary_is_an_array_of_pairs()
    {
        byte[] bytes = [16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, (byte)'k', 0, 1, (byte)'b', 0, 0, 0, 0, 1, 0, 0, 0];
        object[] pairs = Assert.IsType<object[]>(Assert.Single(new WireReader(bytes, littleEndian: true).Read("a{sv}")));
        Assert.Equal(["k", true], Assert.IsType<object[]>(Assert.Single(pairs)));
    }

    [Theory]
    [InlineData("s", new byte[] { 255, 255, 255, 255, 1 })]
    [InlineData("s", new byte[] { 1, 0, 0, 0, 65, 66 })]
    [InlineData("au", new byte[] { 255, 255, 255, 127 })]
    [InlineData("au", new byte[] { 3, 0, 0, 0, 1, 0, 0, 0 })]
    [InlineData("u", new byte[] { 1, 2 })]
    [InlineData("(u", new byte[] { 1, 0, 0, 0 })]
    [InlineData("()", new byte[] { })]
    [InlineData("?", new byte[] { 1 })]
    [InlineData("v", new byte[] { 2, (byte)'u', (byte)'u', 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("a", new byte[] { 0, 0, 0, 0 })]
    public void What_makes_no_sense_is_said_to(string signature, byte[] bytes) =>
        Assert.Throws<GuestException>(() => new WireReader(bytes, littleEndian: true).Read(signature));

    [Fact]
    public void Variants_in_variants_come_to_an_end()
    {
        byte[] bytes = [.. Enumerable.Range(0, 100).SelectMany(_ => (byte[])[1, (byte)'v', 0])];
        Assert.Throws<GuestException>(() => new WireReader(bytes, littleEndian: true).Read("v"));
        Assert.Throws<GuestException>(() => new WireReader([], littleEndian: true).Read(new string('a', 1000)));
    }

    [Theory]
    [InlineData("ay")]
    [InlineData("a((((((((((y))))))))))")]
    public void What_would_take_all_memory_is_refused(string signature)
    {
        byte[] bytes = new byte[12 * 1024 * 1024];
        BitConverter.TryWriteBytes(bytes, bytes.Length - 8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<GuestException>(() => new WireReader(bytes, littleEndian: true).Read(signature));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200 * 1024 * 1024);
    }

    [Fact]
    public void No_bytes_lead_to_anything_but_a_message_or_a_refusal()
    {
        Random random = new(4711);
        byte[] message = WireWriter.Call(7, "/a/b", "i.face", "Do", "text", true, 5u);
        for (int run = 0; run < 20_000; run++)
        {
            byte[] damaged = [.. message];
            for (int i = 0; i < 1 + run % 4; i++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                _ = WireMessage.LengthOf(damaged);
                _ = WireMessage.Parse(damaged);
            }
            catch (GuestException)
            {
                // Said to make no sense.
            }
        }
    }

    [Theory]
    [InlineData(0xffffffffu)]
    [InlineData(0x08000000u)]
    public void A_message_without_measure_is_refused(uint length)
    {
        byte[] prefix = WireWriter.Call(1, "/", "i", "M")[..WireMessage.PrefixLength];
        BitConverter.TryWriteBytes(prefix.AsSpan(4), length);
        Assert.Throws<GuestException>(() => WireMessage.LengthOf(prefix));
    }
}
