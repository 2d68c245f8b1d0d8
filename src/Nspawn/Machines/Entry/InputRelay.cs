using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>From the caller's standard input to a pipe that somebody in a machine reads from.</summary>
internal sealed class InputRelay : IDisposable
{
    private readonly ForwardBuffer _buffer = new();
    private readonly SafeFileHandle _pipe;
    private BorrowedStream? _caller;

    public InputRelay(SafeFileHandle pipe)
    {
        _pipe = pipe;
        Descriptors.MakeNonBlocking(pipe);
        _caller = BorrowedStream.ForReading(StandardDescriptors.Input);
    }

    public PollEntry CallerEntry => _caller is not null && _buffer.HasRoom ? PollEntry.For(_caller.Handle, PollEvents.Readable) : PollEntry.Idle;

    public PollEntry PipeEntry => _pipe.IsClosed || _buffer.IsEmpty ? PollEntry.Idle : PollEntry.For(_pipe, PollEvents.Writable);

    /// <summary>Moves what can be moved.</summary>
    public void Forward(bool callerReady)
    {
        if (callerReady && _caller is not null)
        {
            IoResult read = _caller.Read(_buffer.Room());
            _buffer.Filled(read.Count);
            if (read.AtEnd || read.Failed)
            {
                _caller.Dispose();
                _caller = null;
            }
        }

        if (!_buffer.IsEmpty && !_pipe.IsClosed)
        {
            IoResult written = Descriptors.TryWrite(_pipe, _buffer.Content);
            _buffer.Taken(written.Count);
            if (written.Failed)
            {
                Dispose(); // the reader has had enough
            }
        }

        if (_caller is null && _buffer.IsEmpty)
        {
            _pipe.Dispose();
        }
    }

    public void Dispose()
    {
        _buffer.Clear();
        _caller?.Dispose();
        _caller = null;
        _pipe.Dispose();
    }
}
