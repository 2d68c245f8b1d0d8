using Xunit;

namespace Nspawn.BootTests;

/// <summary>What cannot be is refused in one line that names it, with 125, and nothing is left behind.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly Scratch _scratch = new("busybox");

    [Theory]
    [InlineData("--no-such-option", "--no-such-option")]
    [InlineData("-D", "-D")]
    [InlineData("-D /no/such/tree true", "/no/such/tree")]
    [InlineData("-D /etc/hostname true", "/etc/hostname")]
    [InlineData("-D /proc/self/fd true", "")]
    [InlineData("-D / true", "/")]
    [InlineData("-M no-such-image true", "/var/lib/machines")]
    [InlineData("-D /no/such.v true", "/no/such.v")]
    [InlineData("--cleanup", "--machine")]
    public void CommandLine(string line, string about)
    {
        Outcome outcome = Launcher.Nspawn.RunBare(line.Split(' '));
        AssertRefused(outcome, about);
    }

    [Theory]
    [InlineData("--console=nonsense")]
    [InlineData("--bind=/no/such/source")]
    [InlineData("--bind=relative:target")]
    [InlineData("--bind=/tmp:/tmp:nonsense")]
    [InlineData("--bind-ro=/tmp:relative")]
    [InlineData("--tmpfs=relative")]
    [InlineData("--capability=CAP_NONSENSE")]
    [InlineData("--drop-capability=CAP_NONSENSE")]
    [InlineData("--setenv=")]
    [InlineData("--setenv==value")]
    [InlineData("--uuid=nonsense")]
    [InlineData("--hostname=-bad-")]
    [InlineData("--machine=../escape")]
    [InlineData("--chdir=relative")]
    [InlineData("--kill-signal=SIGNONSENSE")]
    [InlineData("--rlimit=NONSENSE=1")]
    [InlineData("--rlimit=NOFILE=2:1")]
    [InlineData("--oom-score-adjust=5000")]
    [InlineData("--cpu-affinity=nonsense")]
    [InlineData("--personality=pdp11")]
    [InlineData("--resolv-conf=nonsense")]
    [InlineData("--timezone=nonsense")]
    [InlineData("--link-journal=perhaps")]
    [InlineData("--register=perhaps")]
    [InlineData("--private-network=perhaps")]
    [InlineData("--user=no-such-user")]
    [InlineData("--inaccessible=/no/such/path")]
    [InlineData("--set-credential=nonsense")]
    [InlineData("--load-credential=id:/no/such/file")]
    [InlineData("--load-credential=id:/dev/zero")]
    public void Option(string option)
    {
        Leftovers leftovers = Leftovers.Watch(_scratch);
        Outcome outcome = Launcher.Nspawn.Run(_scratch, [option, "true"], TimeSpan.FromSeconds(10));
        string value = option[(option.IndexOf('=', StringComparison.Ordinal) + 1)..].Split(':', ',', '=')[0];
        string name = option[..option.IndexOf('=', StringComparison.Ordinal)];
        AssertRefused(outcome, outcome.Error.Contains(name, StringComparison.Ordinal) ? name : value);
        leftovers.AssertNone();
    }

    [Fact]
    public void FilterThatForbidsEvenExit_Ends()
    {
        Outcome outcome = Launcher.Nspawn.Run(_scratch, ["--system-call-filter=~@default", "true"], TimeSpan.FromSeconds(10));
        Assert.True(outcome is { TimedOut: false, ExitStatus: not 0 }, outcome.ToString());
    }

    [Fact]
    public void ArgumentThatIsNotUtf8_IsNotReplaced()
    {
        string line = $"exec {Launcher.Nspawn.Program} -q -P -D {_scratch.Tree} printf %s $(printf 'a\\377b')";
        Outcome outcome = Command.Run("sh", ["-c", line]);
        AssertRefused(outcome, "not UTF-8");
    }

    [Theory]
    [InlineData("bogus=1", "'bogus'")]
    [InlineData("size=1M,mode=999", "'mode'")]
    public void OptionOfATmpfs_IsNamed(string options, string named)
    {
        Outcome outcome = Launcher.Nspawn.Run(_scratch, ["--tmpfs=/mnt:" + options, "true"]);
        AssertRefused(outcome, "/mnt");
        OneLine.AssertSaid(outcome.Error, named);
    }

    [Fact]
    public void OptionalBind_OnADirectory_IsLeftOut()
    {
        _scratch.Remove("/etc/resolv.conf").Write("/etc/resolv.conf/file", "");
        Outcome outcome = Launcher.Nspawn.Run(_scratch, ["--resolv-conf=bind-host", "true"]);
        Assert.True(outcome is { ExitStatus: 0, Error: "" }, outcome.ToString());
    }

    [Fact]
    public void EmptyTree_IsNoTree()
    {
        string empty = Directory.CreateDirectory(Path.Combine(_scratch.Outside, "empty")).FullName;
        AssertRefused(Launcher.Nspawn.RunBare(["-D", empty, "true"]), empty);
        AssertRefused(Launcher.Nspawn.RunBare(["-D", empty, "-b"]), empty);
        Assert.Empty(Directory.EnumerateFileSystemEntries(empty));
    }

    [Fact]
    public void TreeWithoutInit_SaysWhereItLooked()
    {
        _scratch.Remove("/sbin/init");
        Outcome outcome = Launcher.Nspawn.Run(_scratch, ["-b"], TimeSpan.FromSeconds(10));
        Assert.NotEqual(0, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "/sbin/init");
    }

    [Fact]
    public void DirectoryWithOddName_Works()
    {
        string odd = Path.Combine(_scratch.Outside, "a tree, with: \"odd\" näme\\");
        Assert.Equal(0, Command.Run("cp", ["-a", _scratch.Tree, odd]).ExitStatus);
        Outcome outcome = Launcher.Nspawn.RunBare(["-q", "-M", "odd", "-D", odd, "echo", "here"]);
        Assert.True(outcome.ExitStatus == 0 && outcome.Text == "here\n", outcome.ToString());
    }

    public void Dispose() => _scratch.Dispose();

    private static void AssertRefused(Outcome outcome, string about)
    {
        Assert.True(outcome.ExitStatus == Launcher.Nspawn.ErrorStatus && !outcome.TimedOut, outcome.ToString());
        OneLine.AssertSaid(outcome.Error, about);
    }
}
