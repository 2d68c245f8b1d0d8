using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>From a pipe that somebody in a machine writes into, to a standard descriptor of the caller's.</summary>
internal sealed class OutputRelay : IDisposable
{
    private readonly ForwardBuffer _buffer = new();
    private readonly SafeFileHandle _pipe;
    private BorrowedStream? _caller;
    private bool _ended;

    public OutputRelay(SafeFileHandle pipe, int descriptor)
    {
        _pipe = pipe;
        Descriptors.MakeNonBlocking(pipe);
        _caller = BorrowedStream.ForWriting(descriptor);
    }

    public PollEntry PipeEntry => !_ended && _buffer.HasRoom ? PollEntry.For(_pipe, PollEvents.Readable) : PollEntry.Idle;

    public PollEntry CallerEntry => _caller is not null && !_buffer.IsEmpty ? PollEntry.For(_caller.Handle, PollEvents.Writable) : PollEntry.Idle;

    /// <summary>Moves what can be moved; false when there was nothing to read.</summary>
    public bool Forward()
    {
        bool read = !_ended && _buffer.HasRoom && Take();
        if (_caller is not null && !_buffer.IsEmpty)
        {
            IoResult written = _caller.Write(_buffer.Content);
            _buffer.Taken(written.Count);
            if (written.Failed)
            {
                // Nobody reads any more: who writes shall hear of it, as in a pipeline.
                _buffer.Clear();
                _ended = true;
                _pipe.Dispose();
            }
        }

        return read;
    }

    /// <summary>After the writer's end: passes on all that it wrote.</summary>
    public void Drain()
    {
        while (true)
        {
            bool more = Forward();
            if (!more && (_buffer.IsEmpty || _ended && _pipe.IsClosed))
            {
                return;
            }

            if (!more)
            {
                Span<PollEntry> wait = [CallerEntry];
                _ = Poll.Wait(wait, Poll.Forever);
            }
        }
    }

    public void Dispose()
    {
        _caller?.Dispose();
        _caller = null;
        _pipe.Dispose();
    }

    private bool Take()
    {
        IoResult read = Descriptors.TryRead(_pipe, _buffer.Room());
        _buffer.Filled(read.Count);
        _ended = read.AtEnd || read.Failed;
        return read.Count > 0;
    }
}
