namespace Nspawn;

/// <summary>Bytes read and not yet written on: 64 KiB at most, so that a slow reader slows down the writer.</summary>
internal sealed class ForwardBuffer
{
    private const int Capacity = 64 * 1024;

    private byte[]? _bytes;
    private int _start;
    private int _end;

    public bool IsEmpty => _start == _end;

    /// <summary>There is room for more; an empty buffer is all room.</summary>
    public bool HasRoom => _end - _start < Capacity;

    public ReadOnlySpan<byte> Content => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Where to read to; the memory is taken with the first byte that comes.</summary>
    public Span<byte> Room()
    {
        _bytes ??= GC.AllocateUninitializedArray<byte>(Capacity);
        if (_start > 0 && _end == Capacity)
        {
            Content.CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }

        return _bytes.AsSpan(_end);
    }

    /// <summary>The next bytes of the room have been filled.</summary>
    public void Filled(int count) => _end += count;

    /// <summary>The first bytes of the content have been written on.</summary>
    public void Taken(int count)
    {
        _start += count;
        if (IsEmpty)
        {
            Clear();
        }
    }

    public void Clear() => _start = _end = 0;

    /// <summary>Adds what surely fits, or nothing.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Span<byte> room = Room();
        if (bytes.TryCopyTo(room))
        {
            Filled(bytes.Length);
        }
    }
}
