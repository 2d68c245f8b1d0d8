using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The container's /run/host/notify: what its PID 1 says goes on to the host, in the launcher's words. Other
/// processes in there are not heard; Container Interface, $NOTIFY_SOCKET.
/// </summary>
internal sealed class PayloadNotify
{
    /// <summary>No longer message is accepted by systemd either.</summary>
    private const int LongestMessage = 4096;

    /// <summary>As many at a time: a container that never stops talking keeps the launcher from nothing else.</summary>
    private const int Portion = 64;

    private readonly SafeFileHandle? _socket;
    private readonly int _leader;
    private readonly StateFile _state;

    public PayloadNotify(SafeFileHandle? socket, int leader, StateFile state)
    {
        _state = state;
        _socket = socket;
        _leader = leader;
        if (socket != null)
        {
            // Where it fails, descriptors are closed as they come.
            _ = DatagramSocket.RefuseDescriptors(socket);
        }
    }

    public PollEntry Entry => _socket == null ? PollEntry.Idle : PollEntry.For(_socket, PollEvents.Readable);

    /// <summary>Forwards the messages that are waiting.</summary>
    public void Forward(NotifyChannel to)
    {
        if (_socket == null)
        {
            return;
        }

        Span<byte> buffer = stackalloc byte[LongestMessage];
        for (int i = 0; i < Portion; i++)
        {
            Datagram datagram = DatagramSocket.Receive(_socket, buffer);
            if (datagram.Length < 0)
            {
                return;
            }

            if (datagram.SenderPid != _leader || !datagram.Complete)
            {
                continue;
            }

            _state.Tell(buffer[..datagram.Length]);
            if (NotifyMessage.Forward(buffer[..datagram.Length]) is string message)
            {
                to.Say(message);
            }
        }
    }
}
