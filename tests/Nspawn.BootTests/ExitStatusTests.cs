using Xunit;

namespace Nspawn.BootTests;

/// <summary>The launcher's exit status is the payload's, and its own errors can be told from it.</summary>
public sealed class ExitStatusTests : IDisposable
{
    private readonly Scratch _scratch = new("trixie");

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("exit 125", 125)]
    [InlineData("exit 133", 133)]
    [InlineData("exit 255", 255)]
    public void Exited_ItsStatus(string script, int status)
    {
        AssertStatus(status, "sh", "-c", script);
        AssertStatus(status, "-a", "sh", "-c", script);
    }

    // As PID 1 a process cannot kill itself by a signal it has no handler for; as PID 2 it can.
    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    [InlineData("HUP", 129)]
    [InlineData("SEGV", 139)]
    public void AsPid2_KilledBySignal_128AndItsNumber(string signal, int status) => AssertStatus(status, "-a", "sh", "-c", $"kill -{signal} $$");

    [Fact]
    public void Pid1_KilledFromTheHost_137()
    {
        using Command launcher = Launcher.Nspawn.Start(_scratch, ["sh", "-c", "echo up; sleep 60"]);
        Assert.True(launcher.WaitForOutput("up", TimeSpan.FromSeconds(10)));
        Leftovers.KillProcesses(_scratch.Name);
        Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(10));
        Assert.True(outcome.ExitStatus == 137, outcome.ToString());
    }

    [Theory]
    [InlineData("/no/such/program")]
    [InlineData("no-such-program")]
    public void NotFound_127(string program)
    {
        Outcome outcome = Launcher.Nspawn.Run(_scratch, [program]);
        Assert.True(outcome.ExitStatus == 127, outcome.ToString());
        OneLine.AssertSaid(outcome.Error, program);
    }

    [Theory]
    [InlineData("/etc/os-release")]
    [InlineData("/etc")]
    public void NotExecutable_126(string program)
    {
        Outcome outcome = Launcher.Nspawn.Run(_scratch, [program]);
        Assert.True(outcome.ExitStatus == 126, outcome.ToString());
        OneLine.AssertSaid(outcome.Error, program);
    }

    [Fact]
    public void CalledSystemdNspawn_AnswersAsItDoes()
    {
        string link = Path.Combine(_scratch.Outside, "systemd-nspawn");
        File.CreateSymbolicLink(link, Launcher.Nspawn.Program);
        string[] start = ["--register=no", "--keep-unit", "-q", "-D", _scratch.Tree];

        Assert.Equal(7, Command.Run(link, [.. start, "sh", "-c", "exit 7"]).ExitStatus);
        Assert.Equal(1, Command.Run(link, [.. start, "no-such-program"]).ExitStatus);
        Assert.Equal(1, Command.Run(link, ["-D", "/no/such/tree"]).ExitStatus);
        Outcome usage = Command.Run(link, ["--no-such-option"]);
        Assert.Equal(1, usage.ExitStatus);
        Assert.Contains("unrecognized option '--no-such-option'", usage.Error, StringComparison.Ordinal);
        string version = Command.Run(link, ["--version"]).Text;
        Assert.True(int.TryParse(version.Split(' ')[1], out _), version);
    }

    public void Dispose() => _scratch.Dispose();

    private void AssertStatus(int status, params string[] arguments)
    {
        Outcome outcome = Launcher.Nspawn.Run(_scratch, arguments);
        Assert.True(outcome.ExitStatus == status, $"wanted {status}: {outcome}");
    }
}
