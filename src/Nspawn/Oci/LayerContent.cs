using System.IO.Compression;
using Nspawn.Core;

namespace Nspawn;

/// <summary>
/// The tar archive of a layer, unpacked from how it is stored while it is read. How it is compressed shows by its first bytes;
/// what it is called may say anything.
/// </summary>
internal sealed class LayerContent : IDisposable
{
    // A text compresses to a tenth; what compresses much better is no file system.
    private const long Suspicious = 64L * 1024 * 1024;
    private const long LargestRatio = 200;

    private readonly OciLayer _layer;
    private readonly Stream _file;
    private readonly HashingStream _stored;
    private readonly Stream? _decompressor;

    public LayerContent(OciLayer layer, Stream file)
    {
        _layer = layer;
        _file = file;
        Span<byte> magic = stackalloc byte[4];
        magic = magic[..file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)];
        file.Position = 0;
        _stored = new HashingStream(file, () => long.MaxValue);
        _decompressor = magic.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? new GZipStream(_stored, CompressionMode.Decompress)
            : magic.SequenceEqual((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) ? new ZstdSharp.DecompressionStream(_stored)
            : null;
        Archive = _decompressor is null ? _stored : new HashingStream(_decompressor, () => Math.Max(Suspicious, _stored.Count * LargestRatio));
    }

    public HashingStream Archive { get; }

    /// <summary>Reads what is left, and compares it with what the image says.</summary>
    /// <exception cref="OciException">It is another content.</exception>
    public void Verify()
    {
        string diffId = Archive.Finish();
        string digest = ReferenceEquals(Archive, _stored) ? diffId : _stored.Finish();
        if (_layer.Size >= 0 && _stored.Count != _layer.Size)
        {
            throw new OciException($"it has {_stored.Count} bytes, not {_layer.Size}");
        }

        if (_layer.Digest is string expected && expected != $"sha256:{digest}")
        {
            throw new OciException("it has another content than its digest says");
        }

        if (diffId != _layer.DiffId)
        {
            throw new OciException($"it unpacks to another content than the image's configuration says (sha256:{_layer.DiffId})");
        }
    }

    public void Dispose()
    {
        _decompressor?.Dispose();
        _file.Dispose();
    }
}
