using Xunit;

namespace Nspawn.Tests;

/// <summary>What a test cannot do without. Unmet, it is skipped with the reason; where everything must run, it fails.</summary>
internal static class Need
{
    private static readonly bool s_mustRun =
        Environment.GetEnvironmentVariable("NSPAWN_TESTS_MUST_RUN") == "1" || Environment.GetEnvironmentVariable("CI") == "true";

    public static void That(bool met, string reason)
    {
        if (met)
        {
            return;
        }

        if (s_mustRun)
        {
            Assert.Fail("must run, but: " + reason);
        }

        Assert.Skip(reason);
    }

    public static void Root() => That(Environment.IsPrivilegedProcess, "needs root: trees are mounted");

    public static void Tool(string name) => That(
        (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin").Split(':').Any(directory => File.Exists($"{directory}/{name}")),
        $"needs {name}; scripts/setup installs it");
}
