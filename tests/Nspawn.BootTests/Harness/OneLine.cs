using Xunit;

namespace Nspawn.BootTests;

/// <summary>An error is one line, says what it is about, and is no stack trace.</summary>
internal static class OneLine
{
    public static void AssertSaid(string error, string about)
    {
        string[] lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 1, "not one line:\n" + error);
        Assert.StartsWith("nspawn: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(about, lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", lines[0], StringComparison.Ordinal);
    }
}
