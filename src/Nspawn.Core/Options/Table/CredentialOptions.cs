using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options that hand credentials to the payload's service manager.</summary>
internal static class CredentialOptions
{
    public static readonly ImmutableArray<Option> Rows =
    [
        Option.Value("set-credential", null, "ID:VALUE", "Pass a credential; VALUE may have C escapes",
            (settings, value) => settings with { Credentials = [.. settings.Credentials, CredentialSyntax.Set(value)] }) with
        {
            Secret = true,
        },
        Option.Value("load-credential", null, "ID:PATH", "Pass a credential from a file or socket",
            (settings, value, context) => settings with
            {
                Credentials = [.. settings.Credentials, CredentialSyntax.Load(value, context)],
            }),
    ];
}
