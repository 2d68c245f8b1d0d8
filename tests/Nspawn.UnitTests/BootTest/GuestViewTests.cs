using Xunit;

namespace Nspawn.UnitTests;

public class GuestViewTests
{
    [Theory]
    [InlineData(10, 15, 5)]
    [InlineData(10, 10, 0)]
    [InlineData(10, 9, null)]
    [InlineData(10, 0, null)]
    [InlineData(0, ulong.MaxValue, null)]
    [InlineData(0, 9_000_000_000_000_000_000, null)]
    public void What_a_guest_says_of_its_time_is_a_time_or_none(ulong start, ulong time, int? microseconds) =>
        Assert.Equal(microseconds, (int?)GuestView.Between(start, time)?.TotalMicroseconds);
}
