using System.Formats.Tar;
using System.Text;
using Nspawn.Core;
using Xunit;
using TarEntry = Nspawn.Core.TarEntry;
using TarEntryType = Nspawn.Core.TarEntryType;
using TarReader = Nspawn.Core.TarReader;

namespace Nspawn.UnitTests;

public class TarReaderTests
{
    private const int Seed = 20251102;

    [Theory]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.V7)]
    public void What_the_framework_writes_is_read(TarEntryFormat format)
    {
        List<(TarEntry Entry, string Content)> entries = Read(Archive(format));

        Assert.Equal(["d/", "d/file", "d/link"], entries.Select(one => Encoding.UTF8.GetString(one.Entry.Name)).Take(3));
        (TarEntry file, string content) = entries[1];
        Assert.Equal((TarEntryType.File, "content", 0x9edu, 1000u, 1001u, 1_600_000_000L), (file.Type, content, file.Mode, file.Uid, file.Gid, file.Seconds));
        Assert.Equal((TarEntryType.Symlink, "file"), (entries[2].Entry.Type, Encoding.UTF8.GetString(entries[2].Entry.Target)));
        Assert.Equal(TarEntryType.Directory, entries[0].Entry.Type);
        if (format is TarEntryFormat.Pax or TarEntryFormat.Gnu)
        {
            Assert.Equal("d/" + new string('n', 200), Encoding.UTF8.GetString(entries[3].Entry.Name));
            Assert.Equal(new string('t', 300), Encoding.UTF8.GetString(entries[4].Entry.Target));
        }
    }

    /// <summary>Bytes that are no text arrive as they are: file capabilities are such.</summary>
    [Fact]
    public void Extended_attributes_are_bytes()
    {
        byte[] value = [1, 0, 0, 2, 0xff, 0, (byte)'\n', 0x80];
        byte[] record = [.. "45 SCHILY.xattr.security.capability="u8, .. value, (byte)'\n'];
        Assert.Equal(45, record.Length);
        using MemoryStream archive = new([.. Header('x', record.Length), .. Padded(record), .. Header('0', 0, "f"), .. new byte[1024]]);
        TarEntry entry = Assert.IsType<TarEntry>(new TarReader(archive).Next());

        Assert.Equal(value, entry.Attributes["security.capability"]);
    }

    [Theory]
    [InlineData("an entry is of the type 'S'", 'S', 0)]
    [InlineData("the archive is cut off", '0', 5000)]
    [InlineData("the archive is cut off", 'x', 5000)]
    [InlineData("larger than a megabyte", 'L', 2_000_000)]
    public void What_cannot_be_is_refused(string message, char type, int size)
    {
        using MemoryStream archive = new([.. Header(type, size), .. new byte[512]]);
        TarReader reader = new(archive);

        Assert.Contains(message, Assert.Throws<TarException>(() =>
        {
            while (reader.Next() is not null)
            {
            }
        }).Message);
    }

    [Fact]
    public void Headers_of_an_entry_that_never_comes_are_not_kept_for_ever()
    {
        byte[] one = [.. Header('K', 400_000), .. Padded(new byte[400_000])];
        using MemoryStream archive = new([.. one, .. one, .. one]);
        Assert.Contains("larger than a megabyte", Assert.Throws<TarException>(() => new TarReader(archive).Next()).Message);
    }

    [Fact]
    public void A_number_of_any_size_is_believed_only_as_far_as_the_archive_goes()
    {
        byte[] header = Header('0', 0, "f");
        header[124] = 0x80;
        header.AsSpan(125, 11).Clear();
        header[129] = 0x7f; // half of all there can be
        Sum(header);
        using MemoryStream archive = new([.. header, .. new byte[512]]);
        TarReader reader = new(archive);

        Assert.Equal(0x7f_00_00_00_00_00_00L, Assert.IsType<TarEntry>(reader.Next()).Size);
        Assert.Equal(512, reader.Read(new byte[1000]));
        Assert.Throws<TarException>(() => reader.Read(new byte[1]));
    }

    [Fact]
    public void Any_bytes_are_an_archive_or_are_refused()
    {
        Random random = new(Seed);
        byte[] whole = Archive(TarEntryFormat.Pax);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. whole.AsSpan(0, random.Next(4) == 0 ? random.Next(whole.Length) : whole.Length)];
            for (int change = random.Next(6); change > 0 && bytes.Length > 0; change--)
            {
                int at = random.Next(bytes.Length);
                bytes[at] = (byte)random.Next(256);
                // Most changes shall get past the checksum.
                if (random.Next(4) > 0 && at - (at % 512) + 512 <= bytes.Length)
                {
                    Sum(bytes.AsSpan(at - (at % 512), 512));
                }
            }

            try
            {
                foreach ((TarEntry entry, _) in Read(bytes))
                {
                    byte[] path = LayerPath.Of(entry.Name).Path;
                    Assert.DoesNotContain("..", Encoding.Latin1.GetString(path).Split('/'));
                    Assert.False(path.AsSpan().StartsWith("/"u8));
                }
            }
            catch (TarException refused)
            {
                Assert.InRange(refused.Message.Length, 10, 400);
            }
        }
    }

    [Theory]
    [InlineData("./", "", LayerPathKind.File)]
    [InlineData("./a//b/./c/", "a/b/c", LayerPathKind.File)]
    [InlineData("a/.wh.b", "a/b", LayerPathKind.Whiteout)]
    [InlineData(".wh.b", "b", LayerPathKind.Whiteout)]
    [InlineData("a/.wh..wh..opq", "a", LayerPathKind.Opaque)]
    [InlineData(".wh..wh..opq", "", LayerPathKind.Opaque)]
    [InlineData("a/.wh..wh.plnk", "a/.wh..wh.plnk", LayerPathKind.Nothing)]
    [InlineData("a/..b", "a/..b", LayerPathKind.File)]
    public void A_name_is_a_place_in_the_layer(string name, string path, LayerPathKind kind)
    {
        LayerPath found = LayerPath.Of(Encoding.UTF8.GetBytes(name));

        Assert.Equal((path, kind), (Encoding.UTF8.GetString(found.Path), found.Kind));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("a/../../b")]
    [InlineData("a/..")]
    [InlineData("a\0b")]
    [InlineData(".wh.")]
    [InlineData("a/.wh...")]
    [InlineData("a/.wh..")]
    public void A_name_that_is_no_place_in_the_layer_is_refused(string name) =>
        Assert.Throws<TarException>(() => LayerPath.Of(Encoding.UTF8.GetBytes(name)));

    private static List<(TarEntry, string)> Read(byte[] archive)
    {
        using MemoryStream stream = new(archive);
        TarReader reader = new(stream);
        List<(TarEntry, string)> entries = [];
        byte[] buffer = new byte[64];
        while (reader.Next() is TarEntry entry)
        {
            StringBuilder content = new();
            int read;
            while (content.Length < 10_000 && (read = reader.Read(buffer)) > 0)
            {
                _ = content.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }

            entries.Add((entry, content.ToString()));
        }

        return entries;
    }

    private static byte[] Archive(TarEntryFormat format)
    {
        bool old = format == TarEntryFormat.V7;
        System.Formats.Tar.TarEntry Make(System.Formats.Tar.TarEntryType type, string name)
        {
            System.Formats.Tar.TarEntry entry = format switch
            {
                TarEntryFormat.Ustar => new UstarTarEntry(type, name),
                TarEntryFormat.Pax => new PaxTarEntry(type, name),
                TarEntryFormat.Gnu => new GnuTarEntry(type, name),
                _ => new V7TarEntry(type, name),
            };
            (entry.Uid, entry.Gid, entry.Mode) = (1000, 1001, (UnixFileMode)0x9ed);
            entry.ModificationTime = DateTimeOffset.FromUnixTimeSeconds(1_600_000_000);
            return entry;
        }

        using MemoryStream stream = new();
        using (TarWriter writer = new(stream, format, leaveOpen: true))
        {
            writer.WriteEntry(Make(System.Formats.Tar.TarEntryType.Directory, "d/"));
            System.Formats.Tar.TarEntry file = Make(old ? System.Formats.Tar.TarEntryType.V7RegularFile : System.Formats.Tar.TarEntryType.RegularFile, "d/file");
            file.DataStream = new MemoryStream("content"u8.ToArray());
            writer.WriteEntry(file);
            System.Formats.Tar.TarEntry link = Make(System.Formats.Tar.TarEntryType.SymbolicLink, "d/link");
            link.LinkName = "file";
            writer.WriteEntry(link);
            if (format is TarEntryFormat.Pax or TarEntryFormat.Gnu)
            {
                writer.WriteEntry(Make(System.Formats.Tar.TarEntryType.Directory, "d/" + new string('n', 200)));
                System.Formats.Tar.TarEntry far = Make(System.Formats.Tar.TarEntryType.SymbolicLink, "far");
                far.LinkName = new string('t', 300);
                writer.WriteEntry(far);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Header(char type, int size, string name = "x")
    {
        byte[] header = new byte[512];
        Encoding.ASCII.GetBytes(name, header);
        header[156] = (byte)type;
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0'), header.AsSpan(124));
        "ustar\0"u8.CopyTo(header.AsSpan(257));
        Sum(header);
        return header;
    }

    private static byte[] Padded(byte[] content) => [.. content, .. new byte[(512 - (content.Length % 512)) % 512]];

    private static void Sum(Span<byte> header)
    {
        "        "u8.CopyTo(header[148..]);
        int sum = 0;
        foreach (byte one in header)
        {
            sum += one;
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", header[148..]);
    }
}
