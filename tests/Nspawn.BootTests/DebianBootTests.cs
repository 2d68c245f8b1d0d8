using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Debian trees boot with their own systemd, come up completely, and power off.</summary>
public sealed class DebianBootTests
{
    [Theory]
    [InlineData("bookworm", "252")]
    [InlineData("trixie", "257")]
    [InlineData("forky", null)]
    public void Boot_Default_IsRunning(string fixture, string? version) => AssertBoots(fixture, version);

    [Theory]
    [InlineData("bookworm", "252")]
    [InlineData("trixie", "257")]
    [InlineData("forky", null)]
    public void Boot_PrivateNetwork_IsRunning(string fixture, string? version) => AssertBoots(fixture, version, "--private-network");

    [Fact]
    public void Boot_OnTerminal_ShowsLoginPromptAndPowersOffOnSigterm()
    {
        Need.Tool("script");
        using Scratch scratch = new("trixie");
        Leftovers leftovers = Leftovers.Watch(scratch);
        using Command launcher = Launcher.Nspawn.StartOnTerminal(scratch, ["-b"]);
        Assert.True(launcher.WaitForOutput("login: ", TimeSpan.FromSeconds(60)), launcher.OutputSoFar);
        launcher.SignalOnlyChild(Signum.SIGTERM);
        Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(60));
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        leftovers.AssertNone();
    }

    private static void AssertBoots(string fixture, string? version, params string[] options)
    {
        using Scratch scratch = BootReport.InjectInto(new Scratch(fixture), BootReport.SystemState);
        Leftovers leftovers = Leftovers.Watch(scratch);

        Outcome outcome = Launcher.Nspawn.Run(scratch, [.. options, "-b"], TimeSpan.FromSeconds(90));

        string[] report = BootReport.In(outcome);
        Assert.True(report.Contains("state=running"), $"{string.Join('\n', report)}\n{outcome}");
        Assert.DoesNotContain(report, line => line.StartsWith("failed=", StringComparison.Ordinal));
        Assert.Contains(report, line => version is null
            ? line.StartsWith("SYSTEMD_VERSION=2", StringComparison.Ordinal)
            : line == "SYSTEMD_VERSION=" + version);
        Assert.Equal(0, outcome.ExitStatus);
        leftovers.AssertNone();
    }
}
