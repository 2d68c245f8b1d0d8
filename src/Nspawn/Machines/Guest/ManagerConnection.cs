using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// A connection to the systemd of a machine: to its own socket, with no bus between and nobody in the machine to help. It
/// speaks D-Bus there, and is told of every change without asking. Nothing waits for good.
/// </summary>
internal sealed class ManagerConnection : IDisposable
{
    private const string Socket = "/run/systemd/private";
    private const int LongestGreeting = 1024;

    /// <summary>
    /// Signals that nobody has taken yet; older ones are forgotten: who waits looks for himself anyway. And what is taken at a
    /// time: a manager that never stops talking holds nobody up.
    /// </summary>
    public const int MostSignals = 1000;

    private readonly SafeFileHandle _socket;
    private readonly Queue<WireMessage> _signals = [];
    private byte[] _received = new byte[64 * 1024];
    private int _length;
    private uint _serial;

    private ManagerConnection(SafeFileHandle socket) => _socket = socket;

    /// <summary>What to poll for signals.</summary>
    public PollEntry Entry => PollEntry.For(_socket, PollEvents.Readable);

    /// <summary>Connects; null where there is no such socket, or not yet.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="patience">For the greeting.</param>
    public static ManagerConnection? TryConnect(RunningMachine machine, TimeSpan patience)
    {
        if (MachineSocket.TryConnect(machine, Socket, patience) is not SafeFileHandle socket)
        {
            return null;
        }

        ManagerConnection connection = new(socket);
        try
        {
            Descriptors.MakeNonBlocking(socket);
            connection.Greet(Environment.TickCount64 + (long)patience.TotalMilliseconds);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Calls and waits for the answer.</summary>
    /// <exception cref="GuestException">It was refused, or none came in time.</exception>
    public object[] Call(TimeSpan patience, string path, string @interface, string member, params ReadOnlySpan<object> arguments)
    {
        uint serial = ++_serial;
        long deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        Send(WireWriter.Call(serial, path, @interface, member, arguments));
        while (true)
        {
            WireMessage message = Take() ?? Await(deadline);
            switch (message.Kind)
            {
                case WireKind.Reply when message.ReplyTo == serial:
                    return message.Body;
                case WireKind.Error when message.ReplyTo == serial:
                    throw new GuestException(message.Error, message.Body is [string text, ..] ? text : message.Error);
                case WireKind.Signal:
                    Keep(message);
                    break;
            }
        }
    }

    /// <summary>The next signal that has come; null: none is waiting. Never blocks.</summary>
    public WireMessage? NextSignal()
    {
        if (_signals.TryDequeue(out WireMessage? kept))
        {
            return kept;
        }

        for (int i = 0; i < MostSignals; i++)
        {
            WireMessage? message = Take();
            if (message?.Kind == WireKind.Signal)
            {
                return message;
            }

            if (message is null && !Receive())
            {
                return null;
            }
        }

        return null;
    }

    public void Dispose() => _socket.Dispose();

    // The kernel tells who asks: the machine's root, so number 0 in there. No descriptors are to be passed.
    private void Greet(long deadline)
    {
        Send("\0AUTH EXTERNAL 30\r\nBEGIN\r\n"u8);
        int end;
        while ((end = _received.AsSpan(0, _length).IndexOf("\r\n"u8)) < 0)
        {
            if (_length > LongestGreeting)
            {
                throw new GuestException("", "its manager does not speak D-Bus");
            }

            AwaitBytes(deadline);
        }

        string answer = Encoding.ASCII.GetString(_received, 0, end);
        Consume(end + 2);
        if (!answer.StartsWith("OK ", StringComparison.Ordinal))
        {
            throw new GuestException("", "its manager does not let its own root in");
        }
    }

    private void Keep(WireMessage signal)
    {
        if (_signals.Count == MostSignals)
        {
            _ = _signals.Dequeue();
        }

        _signals.Enqueue(signal);
    }

    private WireMessage Await(long deadline)
    {
        while (true)
        {
            AwaitBytes(deadline);
            if (Take() is WireMessage message)
            {
                return message;
            }
        }
    }

    /// <summary>The next whole message of what was received.</summary>
    private WireMessage? Take()
    {
        if (_length < WireMessage.PrefixLength)
        {
            return null;
        }

        int length = WireMessage.LengthOf(_received);
        if (_length < length)
        {
            if (_received.Length < length)
            {
                Array.Resize(ref _received, length);
            }

            return null;
        }

        WireMessage message = WireMessage.Parse(_received.AsSpan(0, length));
        Consume(length);
        return message;
    }

    private void Consume(int count)
    {
        _received.AsSpan(count, _length - count).CopyTo(_received);
        _length -= count;
    }

    // The time is looked at even when bytes are there: those of a manager that says anything but the answer never end.
    private void AwaitBytes(long deadline)
    {
        do
        {
            long left = deadline - Environment.TickCount64;
            if (left <= 0)
            {
                throw new GuestException("", "its manager does not answer");
            }

            Span<PollEntry> wait = [Entry];
            _ = Poll.Wait(wait, (int)Math.Min(left, int.MaxValue));
        }
        while (!Receive());
    }

    /// <summary>Reads what is there; false: nothing.</summary>
    private bool Receive()
    {
        if (_length == _received.Length)
        {
            return true; // a whole message is in there
        }

        IoResult read = Descriptors.TryRead(_socket, _received.AsSpan(_length));
        if (read.AtEnd || read.Failed)
        {
            throw new GuestException("", "its manager has hung up");
        }

        _length += read.Count;
        return read.Count > 0;
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            StreamSocket.Send(_socket, bytes, "manager");
        }
        catch (SyscallException failure)
        {
            throw new GuestException("", $"its manager does not listen: {ErrnoText.Of(failure.Errno)}");
        }
    }
}
