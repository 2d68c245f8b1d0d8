using Xunit;

namespace Nspawn.UnitTests;

public class ForwardBufferTests
{
    [Fact]
    public void Bytes_come_out_as_they_went_in_however_they_are_portioned()
    {
        Random random = new(1);
        ForwardBuffer buffer = new();
        byte next = 0;
        byte expected = 0;
        for (int turn = 0; turn < 5_000; turn++)
        {
            if (buffer.HasRoom)
            {
                Span<byte> room = buffer.Room();
                int count = Math.Min(room.Length, random.Next(1, 4096));
                foreach (ref byte b in room[..count])
                {
                    b = next++;
                }

                buffer.Filled(count);
            }

            int taken = random.Next(0, Math.Min(buffer.Content.Length, 3000) + 1);
            foreach (byte b in buffer.Content[..taken])
            {
                Assert.Equal(expected++, b);
            }

            buffer.Taken(taken);
        }

        Assert.Equal(next, (byte)(expected + buffer.Content.Length));
    }

    [Fact]
    public void A_full_buffer_has_no_room_until_something_is_taken()
    {
        ForwardBuffer buffer = new();
        buffer.Filled(buffer.Room().Length);
        Assert.False(buffer.HasRoom);
        buffer.Taken(1);
        Assert.True(buffer.HasRoom);
        Assert.Equal(1, buffer.Room().Length);
    }

    [Fact]
    public void An_empty_buffer_offers_all_its_room()
    {
        ForwardBuffer buffer = new();
        int all = buffer.Room().Length;
        buffer.Filled(10);
        buffer.Taken(10);
        Assert.True(buffer.IsEmpty);
        Assert.Equal(all, buffer.Room().Length);
    }
}
