using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>What the launcher tells its own service manager, and what of it comes from the payload's PID 1.</summary>
public sealed class NotifyTests
{
    [Fact]
    public void Ready_OfTheFirstProcess_GoesOnToTheHost()
    {
        using Scratch scratch = new("trixie");
        string[] messages = MessagesOf(
            scratch, "--notify-ready=yes", "sh", "-c", "exec systemd-notify --no-block --ready --status=well");
        Assert.Contains("READY=1\nSTATUS=Container running: well", messages);
    }

    [Theory]
    [InlineData]
    [InlineData("--as-pid2")]
    public void Started_NamesTheFirstProcess_AsTheHostNumbersIt(params string[] options)
    {
        using Scratch scratch = new("trixie");
        string started = MessagesOf(scratch, [.. options, "true"])[0];
        string leader = started[(started.IndexOf('=', started.IndexOf("PID", StringComparison.Ordinal)) + 1)..];
        // A number of our own pid namespace, and a young one: the tests' own process is older.
        Assert.True(int.Parse(leader, System.Globalization.CultureInfo.InvariantCulture) > 2, started);
    }

    private static string[] MessagesOf(Scratch scratch, params string[] arguments)
    {
        string address = Path.Combine(scratch.Outside, "notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(address));
        using Command launcher = Command.Start(
            Launcher.Nspawn.Program, ["-q", "-D", scratch.Tree, .. arguments],
            Launcher.CallerEnvironment.Append(new("NOTIFY_SOCKET", address)));
        Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(20));
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        List<string> messages = [];
        byte[] buffer = new byte[4096];
        while (manager.Available > 0)
        {
            messages.Add(Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer)));
        }

        return [.. messages];
    }
}
