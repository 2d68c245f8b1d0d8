using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>What goes in and out: all of it, unchanged where it must be.</summary>
public sealed class ConsoleTests : IDisposable
{
    private readonly Scratch _scratch = new("trixie");

    [Theory]
    [InlineData("--console=pipe")]
    [InlineData("-P")]
    public void Pipe_IsByteExact(string option)
    {
        byte[] sent = RandomNumberGenerator.GetBytes(1 << 20);
        Outcome outcome = Launcher.Nspawn.Run(_scratch, [option, "cat"], input: sent);
        Assert.True(outcome.ExitStatus == 0, outcome.Error);
        Assert.True(sent.AsSpan().SequenceEqual(outcome.Output), $"{outcome.Output.Length} bytes came back, changed or not all");
    }

    [Fact]
    public void Pipe_KeepsOutputAndErrorApart()
    {
        Outcome outcome = Launcher.Nspawn.Run(_scratch, ["-P", "sh", "-c", "echo out; echo err >&2"]);
        Assert.Equal("out\n", Encoding.UTF8.GetString(outcome.Output));
        Assert.Equal("err\n", outcome.Error);
    }

    [Fact]
    public void Console_OutputOnly_Works()
    {
        // Standard input is no terminal, so nothing is read from it.
        Outcome outcome = Launcher.Nspawn.Run(_scratch, ["sh", "-c", "tty; echo done"], input: Encoding.ASCII.GetBytes("ignored\n"));
        Assert.Equal("/dev/pts/0\ndone\n", outcome.Text);
        Assert.Equal(0, outcome.ExitStatus);
    }

    [Fact]
    public void Console_LastByteArrives()
    {
        const int Size = 256 * 1024;
        for (int run = 0; run < 30; run++)
        {
            Outcome outcome = Launcher.Nspawn.Run(_scratch, ["sh", "-c", $"head -c {Size} /dev/zero | tr '\\0' x; printf END"]);
            Assert.Equal(Size + 3, outcome.Output.Length);
            Assert.EndsWith("xEND", outcome.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Console_WritersLeftBehindDoNotHoldItOpen()
    {
        Outcome outcome = Launcher.Nspawn.Run(_scratch, ["sh", "-c", "sleep 60 & echo gone"], TimeSpan.FromSeconds(10));
        Assert.False(outcome.TimedOut, outcome.ToString());
        Assert.Equal("gone\n", outcome.Text);
    }

    [Fact]
    public void Terminal_IsInteractive()
    {
        Need.Tool("script");
        using Command launcher = Launcher.Nspawn.StartOnTerminal(
            _scratch, ["sh", "-c", "stty size; read line; echo \"got $line\""], Encoding.ASCII.GetBytes("hello\n"));
        Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(15));
        Assert.Contains("got hello", outcome.Text, StringComparison.Ordinal);
        Assert.Equal(0, outcome.ExitStatus);
    }

    [Fact]
    public void Terminal_EscapeKillsThePayload()
    {
        Need.Tool("script");
        using Command launcher = Launcher.Nspawn.StartOnTerminal(_scratch, ["sleep", "60"], [0x1d, 0x1d, 0x1d]);
        Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(15));
        Assert.False(outcome.TimedOut);
        Assert.NotEqual(0, outcome.ExitStatus);
    }

    public void Dispose() => _scratch.Dispose();
}
