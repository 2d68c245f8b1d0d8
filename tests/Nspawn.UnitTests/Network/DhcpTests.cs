using System.Net;
using Xunit;

namespace Nspawn.UnitTests;

public class DhcpTests
{
    private static readonly IPAddress s_server = IPAddress.Parse("10.1.2.1"), s_client = IPAddress.Parse("10.1.2.2");
    private static readonly DhcpServer s_dhcp = new(s_server, s_client, 28, hasWayOut: true, [IPAddress.Parse("192.0.2.53"), IPAddress.Parse("2001:db8::53")]);

    [Fact]
    public void A_client_is_offered_the_address_and_given_it()
    {
        byte[] offer = Answer(Message(DhcpType.Discover));
        byte[] ack = Answer(Message(DhcpType.Request, (50, [10, 1, 2, 2]), (54, [10, 1, 2, 1])));

        Assert.Equal((byte)DhcpType.Offer, Option(offer, 53).Single());
        Assert.Equal((byte)DhcpType.Ack, Option(ack, 53).Single());
        Assert.Equal([10, 1, 2, 2], ack[16..20]);
        Assert.Equal([0xff, 0xff, 0xff, 0xf0], Option(ack, 1));
        Assert.Equal([10, 1, 2, 1], Option(ack, 3));
        Assert.Equal([192, 0, 2, 53], Option(ack, 6));
        Assert.Equal([0xff, 0xff, 0xff, 0xff], Option(ack, 51));
        Assert.Equal(offer[4..8], Message(DhcpType.Discover)[4..8]);
    }

    [Fact]
    public void Another_address_is_refused_and_another_server_left_alone()
    {
        Assert.Equal((byte)DhcpType.Nak, Option(Answer(Message(DhcpType.Request, (50, [192, 168, 0, 9]))), 53).Single());
        Assert.Null(s_dhcp.Answer(DhcpMessage.FromBytes(Message(DhcpType.Request, (50, [10, 1, 2, 2]), (54, [10, 9, 9, 9])))!));
        Assert.Null(s_dhcp.Answer(DhcpMessage.FromBytes(Message(DhcpType.Release))!));
    }

    [Fact]
    public void Whatever_comes_is_read_or_passed_over()
    {
        Random random = new(4711);
        for (int i = 0; i < 20_000; i++)
        {
            // Noise; noise behind a good header; a good message with one byte changed, cut somewhere.
            byte[] bytes = (i % 3) switch
            {
                0 => Noise(random, 600),
                1 => [.. Message(DhcpType.Discover)[..240], .. Noise(random, 400)],
                _ => Message(DhcpType.Request, (50, [10, 1, 2, 2]), (54, [10, 1, 2, 1])),
            };
            if (i % 3 == 2)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                bytes = bytes[..random.Next(bytes.Length + 1)];
            }

            if (DhcpMessage.FromBytes(bytes) is DhcpMessage message && s_dhcp.Answer(message) is (byte[] answer, IPAddress))
            {
                Assert.InRange(answer.Length, 300, 1000);
            }
        }
    }

    [Fact]
    public void A_router_says_prefix_and_name_servers_and_itself_only_with_a_way_out()
    {
        byte[] hardware = [2, 0, 0, 0, 0, 1];
        IPAddress prefix = IPAddress.Parse("fd00:1::");
        byte[] with = RouterAdvertisement.Of(hardware, prefix, hasWayOut: true, [IPAddress.Parse("2001:db8::53")]);
        byte[] without = RouterAdvertisement.Of(hardware, prefix, hasWayOut: false, []);

        Assert.Equal(16 + 8 + 32 + 24, with.Length);
        Assert.Equal(9000, with[6] << 8 | with[7]);
        Assert.Equal(0, without[6] << 8 | without[7]);
        Assert.Equal(prefix.GetAddressBytes(), without[40..56]);
    }

    private static byte[] Noise(Random random, int most)
    {
        byte[] bytes = new byte[random.Next(most)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Answer(byte[] message) => s_dhcp.Answer(DhcpMessage.FromBytes(message)!)!.Value.Message;

    private static byte[] Message(DhcpType type, params (byte Number, byte[] Value)[] options)
    {
        byte[] header = new byte[240];
        (header[0], header[1], header[2]) = (1, 1, 6);
        new byte[] { 1, 2, 3, 4 }.CopyTo(header, 4);
        new byte[] { 0x63, 0x82, 0x53, 0x63 }.CopyTo(header, 236);
        return [.. header, 53, 1, (byte)type, .. options.SelectMany(one => (byte[])[one.Number, (byte)one.Value.Length, .. one.Value]), 255];
    }

    private static byte[] Option(byte[] message, byte number)
    {
        for (int at = 240; message[at] != 255; at += 2 + message[at + 1])
        {
            if (message[at] == number)
            {
                return message[(at + 2)..(at + 2 + message[at + 1])];
            }
        }

        return [];
    }
}
