using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class PrivateUsersSyntaxTests
{
    [Theory]
    [InlineData("--private-users", PrivateUsersMode.Yes)]
    [InlineData("--private-users=yes", PrivateUsersMode.Yes)]
    [InlineData("--private-users=no", PrivateUsersMode.No)]
    [InlineData("--private-users=false", PrivateUsersMode.No)]
    [InlineData("--private-users=pick", PrivateUsersMode.Pick)]
    [InlineData("--private-users=identity", PrivateUsersMode.Identity)]
    [InlineData("--private-users=managed", PrivateUsersMode.Managed)]
    [InlineData("-U", PrivateUsersMode.PickWherePossible)]
    public void A_word_is_a_mode(string option, PrivateUsersMode mode) => Assert.Equal(mode, Commands.Launch(option, "true").PrivateUsers);

    [Theory]
    [InlineData("0", 0, 65536)]
    [InlineData("1", 1, 65536)]
    [InlineData("524288", 524288, 65536)]
    [InlineData("524288:1", 524288, 1)]
    [InlineData("4294901759:65536", 4294901759, 65536)]
    [InlineData("0:4294967295", 0, 4294967295)]
    public void Digits_are_a_range_and_no_boolean(string text, uint first, uint count)
    {
        Settings settings = Commands.Launch($"--private-users={text}", "true");

        Assert.Equal(PrivateUsersMode.Range, settings.PrivateUsers);
        Assert.Equal(new IdRange(first, count), settings.PrivateUsersRange);
    }

    [Theory]
    [InlineData("524288:0")]
    [InlineData("4294967295")]
    [InlineData("4294967296")]
    [InlineData("4294901760:65536")]
    [InlineData("1:4294967295")]
    [InlineData("5:")]
    [InlineData("5:x")]
    [InlineData("5:-1")]
    [InlineData("5x")]
    [InlineData("0x10")]
    [InlineData("5:6:7")]
    [InlineData(":5")]
    [InlineData("-5")]
    [InlineData("some")]
    [InlineData("")]
    public void Other_arguments_are_refused_in_a_line_that_names_the_option(string text)
    {
        string refusal = Commands.Refusal($"--private-users={text}", "true");

        Assert.Contains("--private-users", refusal);
        Assert.DoesNotContain('\n', refusal);
    }

    [Theory]
    [InlineData("--private-users-ownership=map", OwnershipMode.Map)]
    [InlineData("--private-users-chown", OwnershipMode.Chown)]
    [InlineData("-U", null)]
    public void Ownership_is_what_was_asked(string option, OwnershipMode? ownership) =>
        Assert.Equal(ownership, Commands.Launch(option, "true").Ownership);

    [Fact]
    public void Another_ownership_is_refused() =>
        Assert.Contains("expected off, chown, map, foreign or auto", Commands.Refusal("--private-users-ownership=mapped"));
}
