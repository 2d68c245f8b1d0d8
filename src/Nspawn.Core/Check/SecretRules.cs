using static Nspawn.Core.FindingKinds;

namespace Nspawn.Core;

/// <summary>Secrets that were made once and would be the same in every copy; ways in that are open, or none at all.</summary>
internal static class SecretRules
{
    public static IEnumerable<Finding> Of(TreeSurvey survey, HostFacts host)
    {
        if (!survey.SshHostKeys.IsEmpty)
        {
            yield return SshHostKeys.With($"ssh host keys are shipped: {string.Join(", ", survey.SshHostKeys)}");
        }

        if (!survey.RandomSeeds.IsEmpty)
        {
            yield return RandomSeed.With($"a random seed is shipped: {string.Join(", ", survey.RandomSeeds)}");
        }

        if (!survey.CredentialSecrets.IsEmpty)
        {
            yield return CredentialSecret.With($"the key that seals credentials is shipped: {string.Join(", ", survey.CredentialSecrets)}");
        }

        if (survey.Logins == LoginState.RootWithoutPassword)
        {
            yield return RootPasswordEmpty.With("root has no password: whoever reaches the console is let in");
        }
        else if (survey.Logins == LoginState.Impossible)
        {
            yield return NoLogin.With("nobody has a password, and no key is there: nobody can log in");
        }
    }
}
