using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class ModeNamesTests
{
    [Fact]
    public void Every_mode_has_one_name_that_leads_back_to_it()
    {
        RoundTrip(ModeNames.Console, except: ConsoleMode.Default);
        RoundTrip(ModeNames.ResolvConf);
        RoundTrip(ModeNames.Timezone);
        RoundTrip(ModeNames.Personality, except: Personality.Default);
        RoundTrip(ModeNames.Register);
    }

    [Theory]
    [InlineData("off", ResolvConfMode.Off)]
    [InlineData("no", ResolvConfMode.Off)]
    [InlineData("yes", ResolvConfMode.Auto)]
    [InlineData("bind-stub", ResolvConfMode.BindStub)]
    public void A_boolean_picks_a_mode(string text, ResolvConfMode mode) =>
        Assert.Equal(mode, Commands.Launch($"--resolv-conf={text}").ResolvConf);

    [Theory]
    [InlineData("auto", RegisterMode.Auto)]
    [InlineData("1", RegisterMode.Yes)]
    [InlineData("false", RegisterMode.No)]
    public void Registering_is_a_boolean_or_auto(string text, RegisterMode mode) =>
        Assert.Equal(mode, Commands.Launch($"--register={text}").Register);

    [Fact]
    public void A_name_is_taken_as_it_is_written()
    {
        Assert.Null(ModeNames.Console.TryParse("Pipe"));
        Assert.Equal("--console=tty: expected interactive, read-only, passive, pipe or autopipe", Commands.Refusal("--console=tty"));
        Assert.Equal("--personality=arm64: expected x86 or x86-64", Commands.Refusal("--personality=arm64"));
    }

    private static void RoundTrip<T>(NameTable<T> table, params T[] except)
        where T : struct, Enum
    {
        Assert.All(Enum.GetValues<T>().Except(except), value => Assert.Equal(value, table.Parse(table.NameOf(value))));
        Assert.Equal(table.Rows.Length, table.Names.Distinct().Count());
        Assert.All(except, value => Assert.Throws<ArgumentOutOfRangeException>(() => table.NameOf(value)));
    }
}
