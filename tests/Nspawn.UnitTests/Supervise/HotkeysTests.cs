using System.Text;
using Xunit;

namespace Nspawn.UnitTests;

public class HotkeysTests
{
    private readonly Hotkeys _hotkeys = new();

    [Fact]
    public void Three_presses_within_a_second_kill()
    {
        Assert.Equal(HotkeyAction.None, Press("\x1d", 5_000));
        Assert.Equal(HotkeyAction.None, Press("\x1d", 5_400));
        Assert.Equal(HotkeyAction.Kill, Press("\x1d", 6_000));
    }

    [Fact]
    public void A_third_press_that_comes_late_is_a_first_one()
    {
        _ = Press("\x1d\x1d", 5_000);
        Assert.Equal(HotkeyAction.None, Press("\x1d", 6_001));
        Assert.Equal(HotkeyAction.None, Press("\x1d", 6_100));
        Assert.Equal(HotkeyAction.Kill, Press("\x1d", 6_200));
    }

    [Theory]
    [InlineData("\x1d\x1dr", nameof(HotkeyAction.Reboot))]
    [InlineData("\x1d\x1dp", nameof(HotkeyAction.PowerOff))]
    [InlineData("\x1d\x1d\x1d", nameof(HotkeyAction.Kill))]
    [InlineData("ls\r\x1d\x1d\x1dx", nameof(HotkeyAction.Kill))]
    [InlineData("\x1d\x1dx\x1d", nameof(HotkeyAction.None))]
    [InlineData("\x1dr", nameof(HotkeyAction.None))]
    [InlineData("\x1d\x1dR", nameof(HotkeyAction.None))]
    [InlineData("\x1dx\x1dx\x1d", nameof(HotkeyAction.None))]
    [InlineData("rp", nameof(HotkeyAction.None))]
    [InlineData("", nameof(HotkeyAction.None))]
    public void A_sequence_typed_at_once_means_what_the_manual_says(string typed, string action) =>
        Assert.Equal(action, Press(typed, 1).ToString());

    [Fact]
    public void A_letter_long_after_two_presses_is_a_letter()
    {
        _ = Press("\x1d\x1d", 5_000);
        Assert.Equal(HotkeyAction.None, Press("p", 7_000));
    }

    [Fact]
    public void Another_key_starts_the_count_again()
    {
        _ = Press("\x1d\x1d", 0);
        _ = Press("x", 10);
        Assert.Equal(HotkeyAction.None, Press("\x1d", 20));
    }

    private HotkeyAction Press(string keys, long now) => _hotkeys.Watch(Encoding.Latin1.GetBytes(keys), now);
}
