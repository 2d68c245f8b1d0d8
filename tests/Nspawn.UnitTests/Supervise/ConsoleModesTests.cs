using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class ConsoleModesTests
{
    [Theory]
    [InlineData(ConsoleMode.Default, true, true, ConsoleMode.Interactive)]
    [InlineData(ConsoleMode.Default, true, false, ConsoleMode.ReadOnly)]
    [InlineData(ConsoleMode.Default, false, true, ConsoleMode.ReadOnly)]
    [InlineData(ConsoleMode.Default, false, false, ConsoleMode.ReadOnly)]
    [InlineData(ConsoleMode.Autopipe, true, true, ConsoleMode.Interactive)]
    [InlineData(ConsoleMode.Autopipe, true, false, ConsoleMode.Pipe)]
    [InlineData(ConsoleMode.Autopipe, false, false, ConsoleMode.Pipe)]
    public void A_mode_that_depends_on_the_terminal_is_settled_by_both_ends(
        ConsoleMode asked, bool input, bool output, ConsoleMode settled) =>
        Assert.Equal(settled, asked.Resolve(input, output));

    [Theory]
    [InlineData(ConsoleMode.Interactive)]
    [InlineData(ConsoleMode.ReadOnly)]
    [InlineData(ConsoleMode.Passive)]
    [InlineData(ConsoleMode.Pipe)]
    public void A_mode_that_was_asked_for_stays(ConsoleMode asked)
    {
        Assert.Equal(asked, asked.Resolve(inputIsTerminal: true, outputIsTerminal: true));
        Assert.Equal(asked, asked.Resolve(inputIsTerminal: false, outputIsTerminal: false));
    }
}
