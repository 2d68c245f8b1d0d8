using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The container's console: what is printed on it goes to the caller's standard output, and in interactive mode what
/// is typed goes in. Nothing is lost and nothing blocks: whoever does not read holds up whoever writes, through 64 KiB.
/// In passive mode the output is read and dropped, so that the container does not stop when the terminal is full.
/// </summary>
internal sealed class PayloadConsole : IDisposable
{
    /// <summary>What is moved at a time before anything else gets its turn.</summary>
    private const int Portion = 64 * 1024;

    private readonly SafeFileHandle _master;
    private readonly ForwardBuffer _typed = new();
    private readonly ForwardBuffer _printed = new();
    private readonly Hotkeys _hotkeys = new();
    private BorrowedStream? _input;
    private BorrowedStream? _output;
    private SafeFileHandle? _slave;
    private bool _hungUp;
    private byte _lastPrinted = (byte)'\n';

    public PayloadConsole(SafeFileHandle master, ConsoleMode mode)
    {
        _master = master;
        PseudoTerminal.MakeNonBlocking(master);
        // As long as a slave is open here, the master never reports a hang-up. A getty closes its last one and opens
        // it again; in between poll would return at once, for ever.
        _slave = Terminal.OpenSlave(master);
        _input = mode == ConsoleMode.Interactive ? BorrowedStream.ForReading(StandardDescriptors.Input) : null;
        _output = mode == ConsoleMode.Passive ? null : BorrowedStream.ForWriting(StandardDescriptors.Output);
    }

    /// <summary>
    /// No slave is open and none can be: the master reports that without end, so it is looked at from time to time.
    /// </summary>
    public bool Deserted => _hungUp && _slave == null;

    /// <summary>The cursor is not at the start of a line.</summary>
    public bool InMidLine => _lastPrinted != (byte)'\n';

    public PollEntry MasterEntry => Deserted ? PollEntry.Idle : PollEntry.For(_master, MasterEvents);

    public PollEntry InputEntry => _input != null && _typed.HasRoom
        ? PollEntry.For(_input.Handle, PollEvents.Readable)
        : PollEntry.Idle;

    public PollEntry OutputEntry => _output != null && !_printed.IsEmpty
        ? PollEntry.For(_output.Handle, PollEvents.Writable)
        : PollEntry.Idle;

    private PollEvents MasterEvents =>
        (_printed.HasRoom ? PollEvents.Readable : PollEvents.None)
        | (_typed.IsEmpty ? PollEvents.None : PollEvents.Writable);

    /// <summary>Moves what can be moved.</summary>
    public HotkeyAction Forward(PollEntry master, PollEntry input, PollEntry output)
    {
        if (output.Ready)
        {
            Print();
        }

        if (master.CanRead || Deserted)
        {
            _ = Take();
            if (_hungUp)
            {
                Revisit();
            }

            PrintUnannounced();
        }

        HotkeyAction action = input.Ready ? Type() : HotkeyAction.None;
        Deliver();
        return action;
    }

    /// <summary>
    /// After the container's end: prints what is left of its output, to the last byte, however slowly it is read.
    /// Only a signal to stop ends it earlier.
    /// </summary>
    public void Drain(SignalFile signals, ReadOnlySpan<byte> lastWords)
    {
        // With the last slave closed the kernel answers a read with what is left, and then with an error: the end is certain.
        _slave?.Dispose();
        _slave = null;
        bool more = true;
        while (more || !_printed.IsEmpty)
        {
            if (more && !Take())
            {
                more = false;
                _printed.Append(InMidLine ? lastWords : []);
            }

            PrintUnannounced();
            if (_output == null || _printed.IsEmpty)
            {
                _printed.Clear();
                continue;
            }

            Span<PollEntry> wait = [OutputEntry, PollEntry.For(signals.Handle, PollEvents.Readable)];
            _ = Poll.Wait(wait, Poll.Forever);
            if (wait[1].Ready && StopSignals.Are(signals.Read()))
            {
                return;
            }

            Print();
        }
    }

    public void Dispose()
    {
        _input?.Dispose();
        _output?.Dispose();
        _slave?.Dispose();
    }

    /// <summary>Reads what the container printed; false when there is nothing left for now.</summary>
    private bool Take()
    {
        for (int taken = 0; taken < Portion && _printed.HasRoom;)
        {
            Span<byte> room = _printed.Room();
            IoResult read = PseudoTerminal.Read(_master, room);
            if (read.Count == 0)
            {
                _hungUp = !read.WouldBlock;
                return false;
            }

            taken += read.Count;
            _lastPrinted = room[read.Count - 1];
            _printed.Filled(read.Count);
            if (_output == null)
            {
                _printed.Clear();
            }
        }

        return true;
    }

    // A slave of our own makes the master quiet until the container opens one again.
    private void Revisit()
    {
        _slave?.Dispose();
        _slave = Terminal.OpenSlave(_master);
    }

    private void PrintUnannounced()
    {
        if (_output is { NeedsPoll: false } && !_printed.IsEmpty)
        {
            Print();
        }
    }

    private void Print()
    {
        if (_output == null)
        {
            return;
        }

        IoResult written = _output.Write(_printed.Content);
        if (written.Failed)
        {
            // Nobody reads any more (a closed pipe, a terminal that is gone, a full disk): the container lives on.
            _output.Dispose();
            _output = null;
            _printed.Clear();
            return;
        }

        _printed.Taken(written.Count);
    }

    private HotkeyAction Type()
    {
        Span<byte> room = _typed.Room();
        IoResult read = _input!.Read(room);
        if (read.WouldBlock)
        {
            return HotkeyAction.None;
        }

        if (read.Count == 0)
        {
            // The end of what is typed is not the end of the container.
            _input.Dispose();
            _input = null;
            return HotkeyAction.None;
        }

        _typed.Filled(read.Count);
        return _input.IsFile ? HotkeyAction.None : _hotkeys.Watch(room[..read.Count], Environment.TickCount64);
    }

    private void Deliver()
    {
        if (_typed.IsEmpty)
        {
            return;
        }

        IoResult written = PseudoTerminal.Write(_master, _typed.Content);
        if (written.Failed)
        {
            _typed.Clear();
            return;
        }

        _typed.Taken(written.Count);
    }
}
