using System.Text;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class CredentialValueTests
{
    [Theory]
    [InlineData("a:b", "b")]
    [InlineData("a:", "")]
    [InlineData("a.b-c:b:c", "b:c")]
    [InlineData(@"a:x\ny\t\\\x41\101\u00e4\s\e", null)]
    [InlineData(@"a:x\ny\t\\\x41\101\u00e4\s", "x\ny\t\\AAä ")]
    [InlineData(@"a:\U0001F600", "😀")]
    [InlineData(@"a:\000", "\0")]
    public void A_credential_is_unescaped_as_c_does(string text, string? value)
    {
        if (value is null)
        {
            Commands.Refused(() => CredentialSyntax.Set(text));
            return;
        }

        Assert.Equal(value, Encoding.UTF8.GetString(CredentialSyntax.Set(text).Value!));
    }

    [Fact]
    public void A_credential_may_hold_any_byte() => Assert.Equal([0xff, 0xfe], CredentialSyntax.Set(@"a:\xff\376").Value!);

    [Theory]
    [InlineData("a")]
    [InlineData(":b")]
    [InlineData("a/b:c")]
    [InlineData("..:c")]
    [InlineData(@"a:\")]
    [InlineData(@"a:\x4")]
    [InlineData(@"a:\xgg")]
    [InlineData(@"a:\777")]
    [InlineData(@"a:\ud800")]
    [InlineData(@"a:\U00110000")]
    public void Other_credentials_are_refused(string text) => Commands.Refused(() => CredentialSyntax.Set(text));

    [Theory]
    [InlineData("a:/etc/x", "/etc/x")]
    [InlineData("a:b", "/run/credentials/x.service/b")]
    public void A_credential_is_loaded_by_path_or_from_the_callers_own(string text, string path) =>
        Assert.Equal(path, CredentialSyntax.Load(text, Commands.Context).LoadFrom);

    [Fact]
    public void The_callers_own_credentials_need_a_directory()
    {
        OptionContext bare = new(_ => null, "/");

        Commands.Refused(() => CredentialSyntax.Load("a:b", bare));
        Commands.Refused(() => CredentialSyntax.Load("a:b/c", Commands.Context));
        Commands.Refused(() => CredentialSyntax.Load("a:", Commands.Context));
        Commands.Refused(() => CredentialSyntax.Load("a", Commands.Context));
    }
}
