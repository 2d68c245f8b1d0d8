using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public sealed class NotifyTests : IDisposable
{
    private readonly string _name = $"nspawn-unit-{Guid.NewGuid():N}";
    private readonly Socket _receiver = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    [Theory]
    [InlineData("READY=1", "READY=1\nSTATUS=Container running.")]
    [InlineData("READY=1\n", "READY=1\nSTATUS=Container running.")]
    [InlineData("STATUS=Starting up", "STATUS=Container running: Starting up")]
    [InlineData("STATUS=up\nREADY=1", "READY=1\nSTATUS=Container running: up")]
    [InlineData("MAINPID=1\nREADY=1\nSTATUS=a=b", "READY=1\nSTATUS=Container running: a=b")]
    [InlineData("STATUS=first\nSTATUS=second", "STATUS=Container running: first")]
    [InlineData("READY=0", null)]
    [InlineData("XREADY=1\nMYSTATUS=x", null)]
    [InlineData("STOPPING=1\nWATCHDOG=1\nMAINPID=1\nEXIT_STATUS=0\nFDSTORE=1", null)]
    [InlineData("", null)]
    public void Only_readiness_and_status_go_to_the_host(string message, string? forwarded) =>
        Assert.Equal(forwarded, NotifyMessage.Forward(Encoding.UTF8.GetBytes(message)));

    [Fact]
    public void A_restart_is_announced_as_one()
    {
        Assert.Equal("STOPPING=1\nSTATUS=Restarting...", NotifyMessage.Ending(133));
        Assert.Equal("STOPPING=1\nSTATUS=Terminating...", NotifyMessage.Ending(0));
    }

    [Theory]
    [InlineData("3000000", "42", 1500)]
    [InlineData("3000000", null, 1500)]
    [InlineData("3000000", "41", null)]
    [InlineData("0", "42", null)]
    [InlineData("-1", "42", null)]
    [InlineData("soon", "42", null)]
    [InlineData(null, null, null)]
    public void The_watchdog_is_fed_twice_in_its_time(string? microseconds, string? pid, int? milliseconds) =>
        Assert.Equal(milliseconds, NotifyChannel.WatchdogOf(microseconds, pid, ownPid: 42)?.TotalMilliseconds);

    [Fact]
    public void A_datagram_reaches_an_abstract_name()
    {
        _receiver.Bind(new UnixDomainSocketEndPoint("\0" + _name));
        using SafeFileHandle? socket = DatagramSocket.Connect(Encoding.UTF8.GetBytes("@" + _name));
        Receives(socket);
    }

    [Fact]
    public void A_datagram_reaches_a_path()
    {
        string path = Path.Combine(Path.GetTempPath(), _name);
        _receiver.Bind(new UnixDomainSocketEndPoint(path));
        using SafeFileHandle? socket = DatagramSocket.Connect(Encoding.UTF8.GetBytes(path));
        File.Delete(path);
        // The path is gone, the connection is not: the launcher changes its mounts after it has connected.
        Receives(socket);
    }

    [Fact]
    public void A_socket_that_is_not_there_is_no_channel() =>
        Assert.Null(DatagramSocket.Connect(Encoding.UTF8.GetBytes("@" + _name)));

    [Fact]
    public void Nothing_waiting_is_not_an_error()
    {
        _receiver.Bind(new UnixDomainSocketEndPoint("\0" + _name));
        Assert.Equal(-1, DatagramSocket.Receive(Handle(), new byte[16]).Length);
    }

    [Fact]
    public void A_datagram_that_does_not_fit_says_so()
    {
        _receiver.Bind(new UnixDomainSocketEndPoint("\0" + _name));
        using SafeFileHandle? socket = DatagramSocket.Connect(Encoding.UTF8.GetBytes("@" + _name));
        Assert.True(DatagramSocket.Send(socket!, new byte[100]));
        Assert.False(DatagramSocket.Receive(Handle(), new byte[16]).Complete);
    }

    public void Dispose() => _receiver.Dispose();

    private void Receives(SafeFileHandle? socket)
    {
        Assert.NotNull(socket);
        Assert.True(DatagramSocket.Send(socket, "READY=1"u8));
        byte[] buffer = new byte[100];
        Datagram datagram = DatagramSocket.Receive(Handle(), buffer);
        Assert.Equal("READY=1", Encoding.UTF8.GetString(buffer, 0, datagram.Length));
        Assert.True(datagram.Complete);
    }

    private SafeFileHandle Handle() => new(_receiver.Handle, ownsHandle: false);
}
