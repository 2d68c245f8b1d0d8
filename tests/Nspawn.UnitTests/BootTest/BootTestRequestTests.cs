using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class BootTestRequestTests
{
    private static BootTestRequest Asked(params string[] words) => Assert.IsType<ParsedCommandLine.Test>(Commands.Parse(["test", .. words])).Request;

    private static string Launched(params string[] words) =>
        string.Join(' ', TestedLaunch.Spell(Asked(words).Launch.Assignments, showsSecrets: true));

    [Fact]
    public void Its_own_options_and_those_of_the_launch_stand_side_by_side()
    {
        BootTestRequest request = Asked(
            "-D", "/srv/tree", "--timeout", "2min", "--allow-failed=a*", "--private-network", "--allow-failed=b*", "--check", "true", "--target=basic.target",
            "--max-boot-time=1500ms", "--reboots=2", "-o", "boot.xml", "-o", "tap", "-ojournal.txt", "-o", "boot.xml", "--", "make", "-k", "test");

        Assert.Equal((TimeSpan.FromMinutes(2), "basic.target", TimeSpan.FromSeconds(1.5), 2), (request.Timeout, request.Target, request.MaxBootTime, request.Reboots));
        Assert.Equal(["a*", "b*"], request.AllowFailed);
        Assert.Equal(["true"], request.Checks);
        Assert.Equal(["make", "-k", "test"], request.Command);
        Assert.Equal([ReportFormat.JUnit, ReportFormat.Tap, null], request.Outputs.Select(one => one.Format));
        Assert.Equal(RecordKind.Journal, request.Outputs[2].Record);
        Assert.Equal("/srv/tree", TestedLaunch.NameOf(request.Launch));
        Assert.Equal(Linux.StandardDescriptors.Error, request.TextDescriptor);
    }

    [Theory]
    [InlineData("-D /t", "--quiet --boot --ephemeral --console=read-only --directory=/t")]
    [InlineData("-D /t -U --ephemeral=no", "--quiet --boot --console=read-only --directory=/t -U --ephemeral=no")]
    [InlineData("-D /t --volatile", "--quiet --boot --console=read-only --directory=/t --volatile")]
    [InlineData("-D /t --read-only -P", "--quiet --boot --directory=/t --read-only --pipe")]
    public void The_launch_boots_and_spares_the_tree_unless_told_otherwise(string words, string launched) => Assert.Equal(launched, Launched(words.Split(' ')));

    [Fact]
    public void A_secret_goes_to_the_launcher_and_into_no_report()
    {
        BootTestRequest request = Asked("-D", "/t", "--set-credential=root.password:hush");

        Assert.Contains("hush", string.Join(' ', TestedLaunch.Spell(request.Launch.Assignments, showsSecrets: true)));
        Assert.DoesNotContain("hush", string.Join(' ', request.Options));
    }

    [Theory]
    [InlineData("-D /t", true)]
    [InlineData("-D /t --bind-ro=/a --tmpfs=/b", true)]
    [InlineData("-D /t --bind=/a", false)]
    [InlineData("-D /t --bind=+/a:/b", true)]
    [InlineData("-D /t --overlay=/a:/b:/c", false)]
    [InlineData("-D /t --overlay=/a::/c", true)]
    [InlineData("-D /t --ephemeral=no", false)]
    [InlineData("-D /t --volatile=overlay", true)]
    public void What_nobody_keeps_need_not_be_shut_down(string words, bool disposable) =>
        Assert.Equal(disposable, TestedLaunch.IsDisposable(Asked(words.Split(' ')).Launch.With(file: null).Settings));

    [Theory]
    [InlineData("--timeout=0", "no machine boots in no time")]
    [InlineData("--timeout=soon", "expected a time")]
    [InlineData("--target=nonsense", "expected the name of a unit")]
    [InlineData("--reboots=-1", "expected a number")]
    [InlineData("--reboots=100000", "expected a number")]
    [InlineData("--check= ", "expected a command")]
    [InlineData("--output=report.pdf", "does not say which report")]
    [InlineData("--as-pid2", "--as-pid2: excludes")]
    [InlineData("--cleanup", "--cleanup does not go with it")]
    [InlineData("--uid=www-data", "--uid does not go with it")]
    [InlineData("--bind=x", "--bind=x")]
    public void What_will_not_do_is_refused_in_a_line(string option, string said)
    {
        UsageException refusal = Assert.Throws<UsageException>(() => Asked("-D", "/t", option));

        Assert.Contains(said, refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
    }
}
