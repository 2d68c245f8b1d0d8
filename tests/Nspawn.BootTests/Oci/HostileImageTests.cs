using System.Formats.Tar;
using Mono.Unix.Native;
using Xunit;
using static Nspawn.BootTests.OciLayout;

namespace Nspawn.BootTests;

/// <summary>Images made to lead the launcher astray: one line, nothing of them in the cache, nothing elsewhere.</summary>
public sealed class HostileImageTests : IDisposable
{
    private readonly OciLayout _layout = new();

    public static TheoryData<string, string, TarEntry[]> Layers => new()
    {
        { "dots", "leads out of the layer", [Entry(TarEntryType.RegularFile, "../../../../../../../tmp/nspawn-escaped", "x")] },
        { "dots inside", "leads out of the layer", [Entry(TarEntryType.Directory, "a"), Entry(TarEntryType.RegularFile, "a/../../nspawn-escaped", "x")] },
        { "absolute", "is an absolute name", [Entry(TarEntryType.RegularFile, "/tmp/nspawn-escaped", "x")] },
        { "through a link", "goes through a link", [Entry(TarEntryType.SymbolicLink, "out", target: "/tmp"), Entry(TarEntryType.RegularFile, "out/nspawn-escaped", "x")] },
        { "through a relative link", "goes through a link", [Entry(TarEntryType.SymbolicLink, "out", target: "../../../../../tmp"), Entry(TarEntryType.Directory, "out/nspawn-escaped")] },
        { "hides through a link", "goes through a link", [Entry(TarEntryType.SymbolicLink, "out", target: "/tmp"), Entry(TarEntryType.RegularFile, "out/.wh.x")] },
        { "below a file", "goes through a link, or through what is no directory", [Entry(TarEntryType.RegularFile, "f", "x"), Entry(TarEntryType.RegularFile, "f/below", "x")] },
        { "hard link out", "leads out of the layer", [Entry(TarEntryType.HardLink, "passwd", target: "../../../../../../../etc/passwd")] },
        { "absolute hard link", "is an absolute name", [Entry(TarEntryType.HardLink, "passwd", target: "/etc/passwd")] },
        { "hard link through a link", "goes through a link", [Entry(TarEntryType.SymbolicLink, "out", target: "/etc"), Entry(TarEntryType.HardLink, "passwd", target: "out/passwd")] },
        { "hard link to nothing", "is no file of the layer", [Entry(TarEntryType.HardLink, "a", target: "missing")] },
        { "hides nothing", "hides what is no name", [Entry(TarEntryType.RegularFile, "a/.wh...")] },
        { "long name", "has too long a name", [Entry(TarEntryType.RegularFile, new string('n', 300), "x")] },
        { "directory replaced", "not empty", [Entry(TarEntryType.RegularFile, "d/f", "x"), Entry(TarEntryType.RegularFile, "d", "x")] },
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public void Layer_IsRefused(string name, string about, TarEntry[] entries)
    {
        Assert.NotEmpty(name);
        _ = _layout.Busybox().Layer(entries).Write();

        Refused($"layer 2 of 2: its entry", about, cached: 1);
        Assert.False(Path.Exists("/tmp/nspawn-escaped"));
    }

    [Theory]
    [InlineData("digest", "it has another content than its digest says")]
    [InlineData("size", "bytes, not ")]
    [InlineData("cut", "layer 1 of 1: ")]
    [InlineData("garbage", "layer 1 of 1: a header is damaged")]
    [InlineData("missing", "layer 1 of 1: it is missing")]
    [InlineData("diff id", "it unpacks to another content than the image's configuration says")]
    [InlineData("bomb", "a bomb?")]
    [InlineData("sparse", "which is none of an image's")]
    public void Blob_IsRefused(string fault, string about)
    {
        switch (fault)
        {
            case "bomb":
                _ = _layout.Layer(Zeros(256 * 1024 * 1024), "gzip -9").Write();
                break;
            case "sparse":
                _ = _layout.Layer(Typed('S')).Write();
                break;
            case "garbage":
                _ = _layout.Layer([.. Enumerable.Repeat((byte)'g', 2000)], "none").Write();
                break;
            case "diff id":
                _ = _layout.Busybox().Write();
                Rewrite(_layout.DiffIds[0], "sha256:" + new string('0', 64));
                break;
            default:
                _ = _layout.Busybox().Write();
                break;
        }

        string blob = _layout.BlobOf(0);
        byte[] stored = File.ReadAllBytes(blob);
        switch (fault)
        {
            case "digest":
                // The operating system byte of the header: what is in it unpacks to the same.
                stored[9] ^= 1;
                File.WriteAllBytes(blob, stored);
                break;
            case "size":
                File.WriteAllBytes(blob, [.. stored, .. new byte[5]]);
                break;
            case "cut":
                File.WriteAllBytes(blob, stored[..(stored.Length / 2)]);
                break;
            case "missing":
                File.Delete(blob);
                break;
        }

        Refused("", about, cached: 0);
    }

    [Theory]
    [InlineData("index.json", "is no such document")]
    [InlineData("index.json", "it holds no image", """{"schemaVersion":2,"manifests":[]}""")]
    [InlineData("index.json", "expected sha256:", """{"schemaVersion":2,"manifests":[{"digest":"sha256:../../../../../etc/passwd","size":1}]}""")]
    public void Document_IsRefused(string file, string about, string content = "{")
    {
        _ = _layout.Busybox().Write();
        File.WriteAllText($"{_layout.Image}/{file}", content);

        Refused("", about, cached: 0);
    }

    /// <summary>Documents that are links, FIFOs or devices: nothing outside is read, nobody waits.</summary>
    [Fact]
    public void LayoutOfLinks_LeadsNowhere()
    {
        _ = _layout.Busybox().Write();
        string index = $"{_layout.Image}/index.json";
        File.Move(index, $"{_layout.Top}/outside.json");
        File.CreateSymbolicLink(index, $"{_layout.Top}/outside.json");
        Refused("", "neither index.json nor manifest.json", cached: 0);

        File.Delete(index);
        Assert.Equal(0, Syscall.mkfifo(index, FilePermissions.S_IRUSR));
        Refused("", "neither index.json nor manifest.json", cached: 0);
    }

    [Fact]
    public void Devices_AreNotMade()
    {
        _ = _layout.Busybox().Layer(
            new PaxTarEntry(TarEntryType.CharacterDevice, "zero") { DeviceMajor = 1, DeviceMinor = 5 },
            new PaxTarEntry(TarEntryType.BlockDevice, "disk") { DeviceMajor = 254, DeviceMinor = 0 },
            Entry(TarEntryType.RegularFile, "file", "x")).Write();
        Outcome outcome = _layout.Run("sh", "-c", "ls -d /zero /disk /file 2>/dev/null");

        Assert.Equal("/file\n", outcome.Text);
    }

    [Fact]
    public void CompressedArchive_IsToldApart()
    {
        string archive = _layout.Busybox().Write().Archive();
        Assert.Equal(0, Command.Run("gzip", [archive]).ExitStatus);
        Outcome outcome = _layout.RunAt(archive + ".gz");

        Assert.Equal(125, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "is compressed");
    }

    /// <summary>Killed while it unpacks, however it is killed: nothing is left, and the next start begins anew.</summary>
    [Theory]
    [InlineData(Signum.SIGKILL)]
    [InlineData(Signum.SIGTERM)]
    [InlineData(Signum.SIGINT)]
    public void Killed_LeavesNothing(Signum signal)
    {
        // Many files take longer than it takes to notice the first.
        _ = _layout.Busybox().Layer([.. Enumerable.Range(0, 40_000).Select(i => Entry(TarEntryType.RegularFile, $"usr/{i % 100}/{i}", "x"))]).Write();
        using (Command command = _layout.Start(_layout.Image, "/bin/true"))
        {
            Assert.True(Eventually(() => Directory.Exists(_layout.Cache) && Directory.EnumerateDirectories(_layout.Cache, ".#*").Any(one => Directory.Exists(one + "/tree/usr/99"))), "it does not unpack");
            command.Signal(signal);
            _ = command.Wait(TimeSpan.FromSeconds(10));
        }

        Assert.True(Eventually(() => _layout.Cached().Length == 1), string.Join('\n', _layout.Cached()));
        Assert.Equal(0, _layout.Run("/bin/true").ExitStatus);
        Assert.Equal(2, _layout.Cached().Length);
    }

    public void Dispose() => _layout.Dispose();

    private static bool Eventually(Func<bool> holds)
    {
        for (int i = 0; i < 500 && !holds(); i++)
        {
            Thread.Sleep(20);
        }

        return holds();
    }

    private void Refused(string where, string about, int cached)
    {
        Leftovers leftovers = Leftovers.Watch(_layout);
        Outcome outcome = _layout.Run("true");
        leftovers.AssertNone();
        Assert.True(outcome.ExitStatus == 125, outcome.ToString());
        OneLine.AssertSaid(outcome.Error, about);
        Assert.Contains(where, outcome.Error, StringComparison.Ordinal);
        Assert.Equal(cached, _layout.Cached().Length);
        Assert.DoesNotContain(_layout.Cached(), name => name.StartsWith(".#", StringComparison.Ordinal));
    }

    private static byte[] Zeros(int length)
    {
        using MemoryStream archive = new();
        using (TarWriter writer = new(archive, leaveOpen: true))
        {
            PaxTarEntry entry = Entry(TarEntryType.RegularFile, "zeros");
            entry.DataStream = new MemoryStream(new byte[length]);
            writer.WriteEntry(entry);
        }

        return archive.ToArray();
    }

    private static byte[] Typed(char type)
    {
        byte[] header = new byte[512];
        header[0] = (byte)'x';
        header[156] = (byte)type;
        "        "u8.CopyTo(header.AsSpan(148));
        int sum = header.Sum(one => one);
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0", header.AsSpan(148));
        return [.. header, .. new byte[1024]];
    }

    /// <summary>Changes a configuration, and every digest on the way to it.</summary>
    private void Rewrite(string old, string changed)
    {
        string index = File.ReadAllText($"{_layout.Image}/index.json");
        string manifest = Digest(index), manifestText = File.ReadAllText($"{_layout.Blobs}/{manifest}");
        string config = Digest(manifestText), configText = File.ReadAllText($"{_layout.Blobs}/{config}").Replace(old, changed, StringComparison.Ordinal);
        manifestText = manifestText.Replace(config, Store(configText), StringComparison.Ordinal);
        File.WriteAllText($"{_layout.Image}/index.json", index.Replace(manifest, Store(manifestText), StringComparison.Ordinal));

        static string Digest(string text) => text.Split("sha256:")[1][..64];

        string Store(string text)
        {
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
            string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
            File.WriteAllBytes($"{_layout.Blobs}/{digest}", bytes);
            return digest;
        }
    }
}
