using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>One connection from the host's loopback, passed on byte by byte; each side's end is passed on too.</summary>
internal sealed class TcpRelay(SafeFileHandle client, SafeFileHandle container) : IDisposable
{
    private readonly Direction _in = new(), _out = new();
    private bool _connected;

    /// <summary>Both sides have ended, or one is broken.</summary>
    public bool Done { get; private set; }

    public PollEntry Client => PollEntry.For(client, Events(_in, _out));

    public PollEntry Container => PollEntry.For(container, _connected ? Events(_out, _in) : PollEvents.Writable);

    /// <summary>Moves what can be moved.</summary>
    public void Move(PollEntry fromClient, PollEntry fromContainer)
    {
        if (!_connected && fromContainer.Ready)
        {
            _connected = true;
            Done = InternetSocket.ErrorOf(container) != 0;
        }

        if (!Done)
        {
            Move(_in, client, container, fromClient.CanRead, _connected);
            Move(_out, container, client, fromContainer.CanRead && _connected, true);
            Done |= _in.IsOver && _out.IsOver;
        }
    }

    public void Dispose()
    {
        client.Dispose();
        container.Dispose();
    }

    private static PollEvents Events(Direction read, Direction written) =>
        (!read.Ended && read.Bytes.HasRoom ? PollEvents.Readable : PollEvents.None)
        | (written.Bytes.IsEmpty ? PollEvents.None : PollEvents.Writable);

    private void Move(Direction direction, SafeFileHandle from, SafeFileHandle to, bool canRead, bool canWrite)
    {
        ForwardBuffer bytes = direction.Bytes;
        if (canRead && !direction.Ended && bytes.HasRoom)
        {
            IoResult got = InternetSocket.Receive(from, bytes.Room());
            bytes.Filled(got.Count);
            direction.Ended |= got.AtEnd;
            Done |= got.Failed;
        }

        if (canWrite && !bytes.IsEmpty)
        {
            IoResult sent = InternetSocket.Send(to, bytes.Content);
            bytes.Taken(sent.Count);
            Done |= sent.Failed;
        }

        if (canWrite && direction is { Ended: true, IsOver: false } && bytes.IsEmpty)
        {
            InternetSocket.EndSending(to);
            direction.IsOver = true;
        }
    }

    private sealed class Direction
    {
        public ForwardBuffer Bytes { get; } = new();

        /// <summary>Nothing more comes.</summary>
        public bool Ended { get; set; }

        /// <summary>And the other side knows.</summary>
        public bool IsOver { get; set; }
    }
}
