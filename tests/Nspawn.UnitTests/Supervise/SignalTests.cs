using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class SignalTests
{
    [Theory]
    [InlineData(1, "HUP")]
    [InlineData(9, "KILL")]
    [InlineData(15, "TERM")]
    [InlineData(28, "WINCH")]
    [InlineData(31, "SYS")]
    [InlineData(34, "RTMIN")]
    [InlineData(37, "RTMIN+3")]
    [InlineData(64, "RTMIN+30")]
    [InlineData(32, "32")]
    public void A_signal_has_the_name_that_kill_lists(int signal, string name) =>
        Assert.Equal(name, Signal.NameOf(signal));

    [Fact]
    public void A_set_holds_its_signals_and_no_others()
    {
        SignalSet set = SignalSet.Of(Signal.Hangup, Signal.RealTimeMax);
        Assert.True(set.Contains(Signal.Hangup));
        Assert.True(set.Contains(Signal.RealTimeMax));
        Assert.False(set.Contains(Signal.Interrupt));
        Assert.Equal(0x8000_0000_0000_0001UL, set.Mask);
    }
}
