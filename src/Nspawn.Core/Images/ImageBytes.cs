namespace Nspawn.Core;

/// <summary>Reads an image at an offset; fewer bytes than asked for at its end. What is behind it, a test decides.</summary>
public delegate int ImageBytes(ulong offset, Span<byte> buffer);

internal static class ImageBytesExtensions
{
    /// <summary>So many bytes; null where the image ends before.</summary>
    public static byte[]? Exactly(this ImageBytes image, ulong offset, int length)
    {
        byte[] bytes = new byte[length];
        return offset <= long.MaxValue && image(offset, bytes) == length ? bytes : null;
    }
}
