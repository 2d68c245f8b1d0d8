using Nspawn.Core;

namespace Nspawn;

/// <summary>Hashes and counts what is read through it, in one pass with the reading.</summary>
/// <param name="inner">Where it is read from; disposed of by whoever opened it.</param>
/// <param name="limit">Asked before each read: how much may have been read by then.</param>
internal sealed class HashingStream(Stream inner, Func<long> limit) : Stream
{
    private readonly Sha256 _hash = new();

    public long Count { get; private set; }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => Count; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer);
        _hash.Append(buffer[..read]);
        Count += read;
        return Count <= limit() ? read : throw new TarException("it unpacks to far more than an image holds: a bomb?");
    }

    /// <summary>Reads what is left; the hash of everything.</summary>
    public string Finish()
    {
        byte[] waste = new byte[64 * 1024];
        while (Read(waste, 0, waste.Length) > 0)
        {
        }

        return _hash.FinishHex();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
