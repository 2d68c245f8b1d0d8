using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;

namespace Nspawn.Core;

/// <summary>
/// Reads a tar archive: ustar, pax and GNU's long names. The framework's reader takes extended attributes for text, which
/// file capabilities are not. The archive is hostile: no length in it is believed before as much was read.
/// </summary>
/// <param name="stream">The archive, read from here on; sought in only to pass over content, where that can be.</param>
public sealed class TarReader(Stream stream)
{
    public const int BlockSize = 512;

    private const int LargestHeader = 1024 * 1024; // all of an entry's
    private const string AttributePrefix = "SCHILY.xattr.";

    private readonly byte[] _block = new byte[BlockSize];
    private long _content; // of the current entry, unread
    private int _padding;

    /// <summary>How far into the archive the content of the current entry begins.</summary>
    public long Position { get; private set; }

    /// <summary>The next entry; null: the archive ends here. What of the last one was not read is passed over.</summary>
    public TarEntry? Next()
    {
        Dictionary<string, byte[]> pax = [];
        byte[]? longName = null, longTarget = null;
        long headers = 0;
        while (true)
        {
            Skip(_content + _padding);
            (_content, _padding) = (0, 0);
            if (!ReadBlock())
            {
                return pax.Count == 0 && longName is null && longTarget is null ? null : throw new TarException("the archive ends behind an extended header");
            }

            char type = (char)_block[156];
            long size = Number(_block.AsSpan(124, 12), "size");
            switch (type)
            {
                case 'x':
                    PaxRecords.Read(ReadHeader(size, ref headers), pax);
                    break;
                case 'g':
                    _ = ReadHeader(size, ref headers); // of the archive as a whole: nothing that is asked for here
                    break;
                case 'L':
                    longName = ReadHeader(size, ref headers).AsSpan().TrimEnd((byte)0).ToArray();
                    break;
                case 'K':
                    longTarget = ReadHeader(size, ref headers).AsSpan().TrimEnd((byte)0).ToArray();
                    break;
                default:
                    return Entry(type, size, longName, longTarget, pax);
            }
        }
    }

    /// <summary>The next bytes of the current entry's content; 0 at its end.</summary>
    public int Read(Span<byte> buffer)
    {
        buffer = buffer[..(int)Math.Min(buffer.Length, _content)];
        int read = buffer.IsEmpty ? 0 : stream.Read(buffer);
        if (read == 0 && !buffer.IsEmpty)
        {
            throw Truncated();
        }

        _content -= read;
        Position += read;
        return read;
    }

    private TarEntry Entry(char type, long size, byte[]? longName, byte[]? longTarget, Dictionary<string, byte[]> pax)
    {
        TarEntryType kind = type switch
        {
            '0' or '\0' or '7' => TarEntryType.File,
            '1' => TarEntryType.HardLink,
            '2' => TarEntryType.Symlink,
            '3' => TarEntryType.CharacterDevice,
            '4' => TarEntryType.BlockDevice,
            '5' => TarEntryType.Directory,
            '6' => TarEntryType.Fifo,
            _ => throw new TarException($"an entry is of the type '{(char.IsAsciiLetterOrDigit(type) ? type : '?')}', which is none of an image's"),
        };
        if (pax.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal)))
        {
            throw new TarException("an entry is a sparse file, which is none of an image's");
        }

        if (pax.TryGetValue("size", out byte[]? larger))
        {
            size = Decimal(larger, "size");
        }

        // Only a file has content, whatever the others say of their size.
        _content = kind == TarEntryType.File ? size : 0;
        _padding = (int)((BlockSize - (_content % BlockSize)) % BlockSize);
        byte[] name = pax.GetValueOrDefault("path") ?? longName ?? ShortName();
        bool oldDirectory = kind == TarEntryType.File && name is [.., (byte)'/'];
        bool timed = pax.TryGetValue("mtime", out byte[]? time);
        long seconds = 0;
        uint nanoseconds = 0;
        if (!timed || !PaxRecords.TryTime(time, out seconds, out nanoseconds))
        {
            seconds = timed ? 0 : Number(_block.AsSpan(136, 12), "time");
        }

        return new TarEntry
        {
            Type = oldDirectory ? TarEntryType.Directory : kind,
            Name = name,
            Target = pax.GetValueOrDefault("linkpath") ?? longTarget ?? Text(_block.AsSpan(157, 100)),
            Mode = (uint)Number(_block.AsSpan(100, 8), "mode") & 0xfff,
            Uid = Id(pax, "uid", _block.AsSpan(108, 8)),
            Gid = Id(pax, "gid", _block.AsSpan(116, 8)),
            Size = _content,
            Seconds = seconds,
            Nanoseconds = nanoseconds,
            Attributes = pax.Where(one => one.Key.StartsWith(AttributePrefix, StringComparison.Ordinal))
                .ToImmutableDictionary(one => one.Key[AttributePrefix.Length..], one => one.Value),
        };
    }

    /// <summary>False: the archive ends, with two empty blocks or without.</summary>
    private bool ReadBlock()
    {
        int length = Fill(_block);
        if (length == 0 || (length == BlockSize && !_block.AsSpan().ContainsAnyExcept((byte)0)))
        {
            return false;
        }

        if (length < BlockSize)
        {
            throw Truncated();
        }

        return IsHeader(_block) ? true : throw new TarException("a header is damaged: its checksum does not match");
    }

    /// <summary>The block is a header by its checksum.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> block)
    {
        long sum = 8 * ' ';
        for (int i = 0; i < BlockSize; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : block[i];
        }

        try
        {
            return Number(block.Slice(148, 8), "checksum") == sum;
        }
        catch (TarException)
        {
            return false;
        }
    }

    private byte[] ReadHeader(long size, ref long before)
    {
        if (size > LargestHeader - before)
        {
            throw new TarException("the extended headers of an entry are larger than a megabyte");
        }

        before += size;
        byte[] content = new byte[size];
        if (Fill(content) < size)
        {
            throw Truncated();
        }

        Skip((BlockSize - (size % BlockSize)) % BlockSize);
        return content;
    }

    private int Fill(Span<byte> buffer)
    {
        int read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        Position += read;
        return read;
    }

    private void Skip(long length)
    {
        if (stream.CanSeek && length > BlockSize)
        {
            // Past the end nothing is there to be read, and somebody will notice.
            _ = stream.Seek(length, SeekOrigin.Current);
            Position += length;
            length = stream.Position > stream.Length ? throw Truncated() : 0;
        }

        Span<byte> waste = stackalloc byte[4096];
        while (length > 0)
        {
            int read = stream.Read(waste[..(int)Math.Min(waste.Length, length)]);
            if (read == 0)
            {
                throw Truncated();
            }

            Position += read;
            length -= read;
        }
    }

    private byte[] ShortName()
    {
        byte[] name = Text(_block.AsSpan(0, 100));
        byte[] prefix = _block.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? Text(_block.AsSpan(345, 155)) : [];
        return prefix.Length == 0 ? name : [.. prefix, (byte)'/', .. name];
    }

    private static byte[] Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return (end < 0 ? field : field[..end]).ToArray();
    }

    private static uint Id(Dictionary<string, byte[]> pax, string key, ReadOnlySpan<byte> field)
    {
        long id = pax.TryGetValue(key, out byte[]? text) ? Decimal(text, key) : Number(field, key);
        // -1 would mean "no change" to the kernel.
        return id < uint.MaxValue ? (uint)id : throw new TarException($"an entry has the {key} {id}, which no file can have");
    }

    private static long Decimal(ReadOnlySpan<byte> text, string what) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : throw new TarException($"the {what} of an entry is no number");

    /// <summary>Octal digits, or 0x80 and the number itself in as many bytes as there are; never negative.</summary>
    private static long Number(ReadOnlySpan<byte> field, string what)
    {
        if (field[0] == 0x80)
        {
            ReadOnlySpan<byte> bytes = field[1..];
            return !bytes[..Math.Max(0, bytes.Length - 8)].ContainsAnyExcept((byte)0) && (bytes.Length < 8 || bytes[^8] < 0x80)
                ? Binary(bytes.Length > 8 ? bytes[^8..] : bytes)
                : throw new TarException($"the {what} of an entry is too large");
        }

        if (field[0] == 0xff && what == "time")
        {
            return 0; // before 1970
        }

        long number = 0;
        foreach (byte digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                throw new TarException($"the {what} of an entry is no number");
            }

            number = (number * 8) + (digit - '0');
        }

        return number;
    }

    private static long Binary(ReadOnlySpan<byte> bytes)
    {
        Span<byte> whole = stackalloc byte[8];
        whole.Clear();
        bytes.CopyTo(whole[(8 - bytes.Length)..]);
        return BinaryPrimitives.ReadInt64BigEndian(whole);
    }

    private static TarException Truncated() => new("the archive is cut off");
}
