using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class CompletionScriptTests
{
    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void Every_option_verb_and_value_is_in_the_script(string shell)
    {
        string script = Assert.IsType<ParsedCommandLine.ShowText>(Commands.Parse("completion", shell)).Text;

        Assert.All(OptionTable.All, option => Assert.Contains(shell == "fish" ? $"-l {option.Name} " : $"--{option.Name}", script));
        Assert.All(OptionTable.All.Where(option => option.Values is not null), option => Assert.All(option.Values!(), value => Assert.Contains(value, script)));
        Assert.All(Verb.All, verb => Assert.Contains(verb.Name, script));
        Assert.DoesNotContain('\r', script);
        Assert.All(script.Split('\n'), line => Assert.Equal(line.TrimEnd(), line));
    }

    [Theory]
    [InlineData("completion")]
    [InlineData("completion ksh")]
    [InlineData("completion bash zsh")]
    [InlineData("completion -- bash fish")]
    public void A_shell_that_is_not_known_is_refused(string line)
    {
        UsageException refusal = Assert.Throws<UsageException>(() => Commands.Parse(line.Split(' ')));

        Assert.Equal("completion takes one of bash, zsh, fish", refusal.Message);
    }

    [Fact]
    public void The_verb_takes_no_option_of_a_launch_but_those_that_answer_at_once()
    {
        Assert.Throws<UsageException>(() => Commands.Parse("completion", "--boot", "bash"));
        Assert.StartsWith("Usage: ", Assert.IsType<ParsedCommandLine.ShowText>(Commands.Parse("completion", "--help")).Text);
    }

    [Fact]
    public void Systemd_nspawn_runs_a_command_of_that_name() =>
        Assert.Equal(
            ["completion", "bash"],
            Assert.IsType<ParsedCommandLine.Launch>(CommandLine.Parse(["completion", "bash"], "systemd-nspawn", Commands.Context)).Request.Alone.Arguments.AsEnumerable());
}
