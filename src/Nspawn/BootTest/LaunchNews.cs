using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// What a launcher tells its caller by sd_notify(3): that the machine was started, and each time its init has news, which
/// stand in the machine's state by then.
/// </summary>
internal sealed class LaunchNews : IDisposable
{
    private const int LongestMessage = 4096;

    /// <summary>As many at a time: anybody on this network may send, a machine that shares it too, and it may never stop.</summary>
    private const int Portion = 1000;
    private const string Leader = "X_NSPAWN_LEADER_PID=";

    private readonly SafeFileHandle _socket;

    public LaunchNews()
    {
        // Abstract: nothing is left of it. Who else may send is told by the kernel.
        Address = $"@nspawn-test-{Guid.NewGuid():N}";
        _socket = DatagramSocket.Bind(Encoding.ASCII.GetBytes(Address));
    }

    /// <summary>For $NOTIFY_SOCKET.</summary>
    public string Address { get; }

    public PollEntry Entry => PollEntry.For(_socket, PollEvents.Readable);

    /// <summary>Takes what has come from the launcher, or a portion of it.</summary>
    /// <returns>How many starts of a machine were told.</returns>
    public int Take(int launcher)
    {
        int starts = 0;
        Span<byte> buffer = stackalloc byte[LongestMessage];
        for (int i = 0; i < Portion; i++)
        {
            Datagram datagram = DatagramSocket.Receive(_socket, buffer);
            if (datagram.Length < 0)
            {
                break;
            }

            if (datagram.SenderPid == launcher)
            {
                starts += Encoding.UTF8.GetString(buffer[..datagram.Length]).Split('\n').Count(line => line.StartsWith(Leader, StringComparison.Ordinal));
            }
        }

        return starts;
    }

    public void Dispose() => _socket.Dispose();
}
