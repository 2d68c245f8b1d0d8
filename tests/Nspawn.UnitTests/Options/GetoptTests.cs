using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class GetoptTests
{
    [Theory]
    [InlineData("-D /tree -b", "/tree", true)]
    [InlineData("-D/tree -b", "/tree", true)]
    [InlineData("-bD /tree", "/tree", true)]
    [InlineData("-bqD/tree", "/tree", true)]
    [InlineData("--directory /tree --boot", "/tree", true)]
    [InlineData("--directory=/tree --boot", "/tree", true)]
    [InlineData("--dir=/tree --bo", "/tree", true)]
    [InlineData("--di /tree", "/tree", false)]
    public void An_option_may_be_written_in_every_way_getopt_takes(string line, string directory, bool boot)
    {
        Settings settings = Commands.LaunchLine(line);

        Assert.Equal(directory, settings.Directory);
        Assert.Equal(boot, settings.Mode == StartMode.Boot);
    }

    [Theory]
    [InlineData("-D t ls -b", "ls -b")]
    [InlineData("-D t -- ls -b", "ls -b")]
    [InlineData("-D t -- -b", "-b")]
    [InlineData("-D t -q - -b", "- -b")]
    [InlineData("-D t sh -c -- x --", "sh -c -- x --")]
    [InlineData("-D t -- explain @x [suggest]", "explain @x [suggest]")]
    [InlineData("-D t -- -- x", "-- x")]
    [InlineData("-D t", "")]
    public void Options_end_at_the_first_operand(string line, string arguments)
    {
        Settings settings = Commands.LaunchLine(line);

        Assert.Equal(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), settings.Arguments);
        Assert.Equal(StartMode.Command, settings.Mode);
    }

    [Theory]
    [InlineData("--bogus", "unrecognized option '--bogus'")]
    [InlineData("--bogus=x", "unrecognized option '--bogus'")]
    [InlineData("--=x", "unrecognized option '--'")]
    [InlineData("-qkD t", "unrecognized option '-k'")]
    [InlineData("--oci-bundle=x", "unrecognized option '--oci-bundle'")]
    [InlineData("--system -b", "unrecognized option '--system'")]
    [InlineData("-D", "option '-D' requires an argument")]
    [InlineData("-bqD", "option '-D' requires an argument")]
    [InlineData("--machine", "option '--machine' requires an argument")]
    [InlineData("--boot=yes", "option '--boot' takes no argument")]
    [InlineData("--set=x", "option '--set' is ambiguous; possibilities: '--settings' '--setenv' '--set-credential'")]
    [InlineData("--u=x", "option '--u' is ambiguous; possibilities: '--uid' '--uuid'")]
    public void What_is_no_option_is_named(string line, string message) =>
        Assert.Equal(message, Commands.Refusal(line.Split(' ')));

    [Fact]
    public void An_exact_name_is_not_ambiguous_with_a_longer_one() =>
        Assert.False(Assert.IsType<BindCustomMount>(Commands.LaunchLine("--bind=/a").Mounts[0]).ReadOnly);

    [Theory]
    [InlineData("--user=joe")]
    [InlineData("--user joe")]
    [InlineData("--use joe")]
    [InlineData("-u joe")]
    [InlineData("-ujoe")]
    public void The_old_name_of_uid_is_taken(string line) => Assert.Equal("joe", Commands.LaunchLine(line).User);

    [Fact]
    public void An_option_is_never_taken_for_a_user() =>
        Assert.Equal("--uid=--boot: expected the name or the number of a user in the container", Commands.Refusal("--user", "--boot"));

    [Fact]
    public void An_optional_argument_does_not_swallow_the_next_word()
    {
        Assert.Equal(["--ephemeral", "--", "ls"], Words("--ephemeral", "ls"));
        Assert.Equal(["--ephemeral=disk", "--", "ls"], Words("--ephemeral=disk", "ls"));
        Assert.Equal(["--quiet", "--ephemeral", "--", "ls"], Words("-qx", "ls"));
        Assert.Equal(["--quiet", "--ephemeral", "--directory=t", "--", "ls"], Words("-qxDt", "ls"));

        static IReadOnlyList<string> Words(params string[] args) => Getopt.Normalise(args, OptionTable.All).Words;
    }

    [Fact]
    public void Empty_arguments_and_arguments_that_look_like_options_arrive()
    {
        Assert.Null(Commands.Launch("--machine=a", "--machine=").Machine);
        Assert.Null(Commands.Launch("--machine=a", "--machine", "").Machine);
        Assert.Equal(["A=-b", "B=", "C=@x", "D=\"q\"", "E=a:b=c"],
            Commands.Launch("-E", "A=-b", "-EB=", "-E", "C=@x", "-E", "D=\"q\"", "--setenv=E=a:b=c").Environment);
        Assert.Equal(["", "x"], Commands.Launch("", "x").Arguments.AsEnumerable());
    }

    [Fact]
    public void Order_of_appearance_is_kept_between_different_options() =>
        Assert.Equal(["/a", "/b", "/c", "/d"],
            Commands.LaunchLine("--tmpfs=/a --bind=/b --tmpfs=/c --bind-ro=/d").Mounts.Select(mount => mount.Destination));

    [Fact]
    public void Help_answers_whatever_stands_behind_it() =>
        Assert.All([["--help", "--bogus"], ["-qh", "x"], ["--version", "--bogus"], ["--console=help", "--bogus"]],
            (string[] args) => Assert.IsType<ParsedCommandLine.ShowText>(Commands.Parse(args)));

    [Fact]
    public void Messages_stay_on_one_line() =>
        Assert.Equal("unrecognized option '--a?b?c'", Commands.Refusal("--a\nb\ec"));
}
