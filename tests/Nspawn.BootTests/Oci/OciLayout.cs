using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>
/// An OCI image layout that a test makes, with a layer cache of its own: neither knows of the launcher's code. Its name is the
/// machine's.
/// </summary>
internal sealed class OciLayout : IDisposable
{
    private readonly List<string> _layers = [];
    private readonly List<string> _diffIds = [];

    public OciLayout()
    {
        Need.Root();
        Name = "nsb-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..10];
        Top = Directory.CreateDirectory(Path.Combine("/tmp", Name)).FullName;
        Assert.Equal(0, Command.Run("mount", ["-t", "tmpfs", "-o", "mode=0755", Name, Top]).ExitStatus);
        Directory.CreateDirectory(Blobs);
        Directory.CreateDirectory(CacheTop, (UnixFileMode)0x1c0);
        File.WriteAllText($"{Image}/oci-layout", """{"imageLayoutVersion":"1.0.0"}""");
    }

    public string Name { get; }
    public string Top { get; }
    public string Image => $"{Top}/image";
    public string Blobs => $"{Image}/blobs/sha256";

    /// <summary>Where its layers are unpacked.</summary>
    public string Cache => $"{CacheTop}/layers";

    private string CacheTop => $"{Top}/cache";

    public IReadOnlyList<string> DiffIds => _diffIds;

    /// <summary>A layer with these entries.</summary>
    public OciLayout Layer(params TarEntry[] entries)
    {
        using MemoryStream archive = new();
        using (TarWriter writer = new(archive, leaveOpen: true))
        {
            foreach (TarEntry entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return Layer(archive.ToArray());
    }

    /// <summary>A layer of that tar archive, compressed or not.</summary>
    public OciLayout Layer(byte[] archive, string compression = "gzip")
    {
        _diffIds.Add("sha256:" + Convert.ToHexStringLower(SHA256.HashData(archive)));
        byte[] stored = compression switch
        {
            "gzip" => Gzip(archive, CompressionLevel.Fastest),
            "gzip -9" => Gzip(archive, CompressionLevel.SmallestSize),
            "zstd" => Filter("zstd", archive),
            _ => archive,
        };
        _layers.Add(Descriptor(Blob(stored), stored.Length, "application/vnd.oci.image.layer.v1.tar+" + compression));
        return this;
    }

    /// <summary>A layer with all that a directory holds.</summary>
    public OciLayout LayerOf(string directory)
    {
        string archive = $"{Top}/layer.tar";
        Assert.Equal(0, Command.Run("tar", ["--xattrs", "--xattrs-include=*", "--format=pax", "--numeric-owner", "-cf", archive, "-C", directory, "."]).ExitStatus);
        byte[] bytes = File.ReadAllBytes(archive);
        File.Delete(archive);
        return Layer(bytes);
    }

    /// <summary>The index, with the layers that were added, and how the image wants to be run.</summary>
    public OciLayout Write(string execution = "{}")
    {
        string config = $$"""{"architecture":"amd64","os":"linux","config":{{execution}},"rootfs":{"type":"layers","diff_ids":[{{string.Join(',', _diffIds.Select(id => $"\"{id}\""))}}]} }""";
        string manifest = $$"""{"schemaVersion":2,"config":{{Document(config, "config")}},"layers":[{{string.Join(',', _layers)}}]}""";
        File.WriteAllText($"{Image}/index.json", $$"""{"schemaVersion":2,"manifests":[{{Document(manifest, "manifest")}}]}""");
        return this;
    }

    /// <summary>The path of a blob by its digest.</summary>
    public string BlobOf(int layer) => $"{Blobs}/{_layers[layer].Split("sha256:")[1][..64]}";

    /// <summary>The layout as one file.</summary>
    public string Archive()
    {
        string archive = $"{Top}/{Name}.tar";
        Assert.Equal(0, Command.Run("tar", ["-cf", archive, "-C", Image, "."]).ExitStatus);
        return archive;
    }

    public Outcome Run(params string[] arguments) => RunAt(Image, arguments);

    public Outcome RunAt(string image, params string[] arguments)
    {
        using Command command = Start(image, arguments);
        return command.Wait(TimeSpan.FromSeconds(120));
    }

    public Command Start(string image, params string[] arguments) => Command.Start(
        Launcher.Nspawn.Program, ["-q", "-M", Name, "-D", image, .. arguments], Launcher.CallerEnvironment.Append(new("NSPAWN_CACHE", CacheTop)));

    /// <summary>What is in the cache, complete or not.</summary>
    public string[] Cached() => Directory.Exists(Cache) ? [.. Directory.EnumerateFileSystemEntries(Cache).Select(path => Path.GetFileName(path)!).Order()] : [];

    public static PaxTarEntry Entry(TarEntryType type, string name, string content = "", int mode = 0x1ed, int uid = 0, string target = "")
    {
        PaxTarEntry entry = new(type, name) { Mode = (UnixFileMode)mode, Uid = uid, Gid = uid, ModificationTime = DateTimeOffset.FromUnixTimeSeconds(1_500_000_000) };
        if (type == TarEntryType.RegularFile)
        {
            entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content));
        }
        else if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
        {
            entry.LinkName = target;
        }

        return entry;
    }

    /// <summary>Busybox and what belongs to it.</summary>
    public OciLayout Busybox() => LayerOf(Fixture.PathOf("busybox"));

    public void Dispose()
    {
        Leftovers.KillProcesses(Name);
        // The last process of a container may take a moment to let go.
        for (int attempt = 0; Command.Run("umount", [Top]) is { ExitStatus: not 0 } failed; attempt++)
        {
            Assert.True(attempt < 40, failed.Error);
            Thread.Sleep(50);
        }

        Directory.Delete(Top);
    }

    private string Document(string text, string kind)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Descriptor(Blob(bytes), bytes.Length, $"application/vnd.oci.image.{kind}.v1+json");
    }

    private string Blob(byte[] content)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(content));
        File.WriteAllBytes($"{Blobs}/{digest}", content);
        return digest;
    }

    private static string Descriptor(string digest, int size, string type) => $$"""{"mediaType":"{{type}}","digest":"sha256:{{digest}}","size":{{size}} }""";

    private static byte[] Gzip(byte[] bytes, CompressionLevel level)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, level))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }

    private static byte[] Filter(string program, byte[] input)
    {
        Need.Tool(program);
        using Command command = Command.Start(program, ["-q", "-c"], input: input);
        return command.Wait(TimeSpan.FromSeconds(60)).Output;
    }
}
