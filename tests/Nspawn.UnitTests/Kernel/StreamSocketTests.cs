using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public sealed class StreamSocketTests : IDisposable
{
    private static readonly string[] s_paths = ["/proc", "/sys", "/dev"];
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"nspawn-{Guid.NewGuid():N}");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public StreamSocketTests()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen();
    }

    public void Dispose()
    {
        _listener.Dispose();
        File.Delete(_path);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Descriptors_come_with_their_message_in_their_order(int count)
    {
        string[] paths = [.. s_paths.Take(count)];
        SafeFileHandle[] sent = [.. paths.Select(path => Descriptors.Open(path, OpenMode.Path | OpenMode.Directory))];
        using SafeFileHandle socket = StreamSocket.Connect(_path);
        using Socket accepted = _listener.Accept();
        using SafeFileHandle other = new(accepted.Handle, ownsHandle: false);
        List<SafeFileHandle> received = [];

        StreamSocket.Send(socket, "{}\0"u8, sent, "test");
        byte[]? message = StreamSocket.ReadMessage(other, 100, Environment.TickCount64 + 5000, "test", received);

        Assert.Equal("{}"u8.ToArray(), message);
        Assert.Equal(paths, received.Select(one => File.ResolveLinkTarget($"/proc/self/fd/{one.DangerousGetHandle()}", false)!.FullName));
        Assert.DoesNotContain(received, one => Descriptors.IsInherited((int)one.DangerousGetHandle()));
        received.ForEach(one => one.Dispose());
        Array.ForEach(sent, one => one.Dispose());
    }
}
