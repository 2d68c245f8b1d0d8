using System.Diagnostics;
using System.Formats.Tar;
using Mono.Unix.Native;
using Xunit;
using static Nspawn.BootTests.OciLayout;

namespace Nspawn.BootTests;

/// <summary>OCI images as trees: layers over each other, what hides what, how the image wants to be run.</summary>
public sealed class OciImageTests
{
    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("none")]
    public void Layers_LieOverEachOtherAndHide(string compression)
    {
        using OciLayout layout = new();
        _ = layout.Busybox().Layer(
            Entry(TarEntryType.Directory, "d"), Entry(TarEntryType.RegularFile, "d/gone", "1"), Entry(TarEntryType.RegularFile, "d/kept", "1"),
            Entry(TarEntryType.Directory, "o"), Entry(TarEntryType.RegularFile, "o/below", "1"),
            Entry(TarEntryType.Directory, "whole"), Entry(TarEntryType.RegularFile, "whole/x", "1"),
            Entry(TarEntryType.Directory, "again"), Entry(TarEntryType.RegularFile, "again/old", "1"),
            Entry(TarEntryType.RegularFile, "kind", "1"));
        Leftovers leftovers = Leftovers.Watch(layout);
        byte[] top = Archive(
            Entry(TarEntryType.RegularFile, "d/.wh.gone"), Entry(TarEntryType.RegularFile, "d/new", "2"),
            Entry(TarEntryType.RegularFile, "o/.wh..wh..opq"), Entry(TarEntryType.RegularFile, "o/above", "2"),
            Entry(TarEntryType.RegularFile, ".wh.whole"),
            Entry(TarEntryType.RegularFile, ".wh.again"), Entry(TarEntryType.Directory, "again"), Entry(TarEntryType.RegularFile, "again/young", "2"),
            Entry(TarEntryType.Directory, "kind"), Entry(TarEntryType.RegularFile, "kind/inside", "2"));
        _ = layout.Layer(top, compression).Write();

        Outcome outcome = layout.Run("sh", "-c", "cd /; echo d: $(ls d); echo o: $(ls o); ls whole 2>&1; echo again: $(ls again); echo kind: $(ls kind); cat d/kept d/new; echo x >d/written && cat d/written");
        Assert.Equal("d: kept new\no: above\nls: whole: No such file or directory\nagain: young\nkind: inside\n12x\n", outcome.Text);
        Assert.Equal(0, outcome.ExitStatus);

        // What was written is gone, and the layers are as they were.
        Assert.Equal("kept new\n", layout.Run("sh", "-c", "echo $(ls /d)").Text);
        leftovers.AssertNone();
        Assert.Equal(3, layout.Cached().Length);
    }

    [Fact]
    public void Files_KeepOwnerModeTimeLinksAndCapabilities()
    {
        using OciLayout layout = new();
        string tree = Directory.CreateDirectory(layout.Top + "/made").FullName;
        Assert.Equal(0, Command.Run("sh", ["-c", "mkdir d && echo x >d/file && ln d/file d/second && ln -s file d/link && mkfifo d/fifo && chown 1000:1001 d/file && chmod 6755 d/file && "
            + "mknod d/device c 1 3 && chown -h 5:6 d/link && touch -h -d @1500000000 d/link d/file && chmod 1777 d && mkdir d/.#\u00e4 && touch -d @1400000000 d"], workingDirectory: tree).ExitStatus);
        byte[] capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(0, Syscall.setxattr(tree + "/d/file", "security.capability", capability));
        Assert.Equal(0, Syscall.setxattr(tree + "/d/file", "user.note", [0xff, 0, 0x0a]));
        Assert.Equal(0, Syscall.setxattr(tree + "/d", "trusted.overlay.opaque", "y"u8.ToArray()));
        _ = layout.Busybox().LayerOf(tree).Write();

        Outcome outcome = layout.Run("sh", "-c", "cd /d; for f in file second link .; do stat -c '%n %u:%g %a %Y %h' $f; done; ls -A | sort; readlink link; [ -p fifo ] && echo fifo");
        Assert.Equal("file 1000:1001 6755 1500000000 2\nsecond 1000:1001 6755 1500000000 2\nlink 5:6 777 1500000000 1\n. 0:0 1777 1400000000 3\n.#\u00e4\nfifo\nfile\nlink\nsecond\nfile\nfifo\n", outcome.Text);
        string unpacked = $"{layout.Cache}/{layout.DiffIds[1].Replace(':', '-')}";
        Assert.Equal(capability.Length, Syscall.getxattr(unpacked + "/d/file", "security.capability", out byte[] kept));
        Assert.Equal(capability, kept);
        Assert.Equal(3, Syscall.getxattr(unpacked + "/d/file", "user.note", out _));
        // That would speak to the overlay in the image's name.
        Assert.Equal(-1, Syscall.getxattr(unpacked + "/d", "trusted.overlay.opaque", out _));
        Assert.False(File.Exists(unpacked + "/d/device"));
    }

    [Fact]
    public void Configuration_IsADefault()
    {
        using OciLayout layout = new();
        _ = layout.Busybox().Layer(Entry(TarEntryType.Directory, "srv")).Write(
            """{"Entrypoint":["sh","-c","echo $A $B $(id -u):$(id -g) $PWD $0 $*"],"Cmd":["zero","one"],"Env":["A=image","B=image"],"User":"7:8","WorkingDir":"/srv"}""");

        Assert.Equal("image image 7:8 /srv zero one\n", layout.Run().Text);
        Assert.Equal("image own 7:8 /srv zero one\n", layout.Run("-E", "B=own").Text);
        Assert.Equal("image image 7:8 /srv zero one\n", layout.Run("-a").Text);
        Assert.Equal("0 /tmp\n", layout.Run("-u", "root", "--chdir=/tmp", "sh", "-c", "echo $(id -u) $PWD").Text);
    }

    [Fact]
    public void StopSignal_IsTheOneTheImageNames()
    {
        using OciLayout layout = new();
        _ = layout.Busybox().Write("""{"Cmd":["sh","-c","trap 'echo quit; exit 3' QUIT; echo ready; while :; do sleep 0.1; done"],"StopSignal":"SIGQUIT"}""");
        using Command command = layout.Start(layout.Image);
        Assert.True(command.WaitForOutput("ready", TimeSpan.FromSeconds(20)));
        command.Signal(Signum.SIGTERM);
        Outcome outcome = command.Wait(TimeSpan.FromSeconds(10));

        Assert.True(outcome.ExitStatus == 3 && outcome.Text.Contains("quit", StringComparison.Ordinal), outcome.ToString());
    }

    [Fact]
    public void Image_NeedNotBeAnOperatingSystem()
    {
        using OciLayout layout = new();
        _ = layout.Layer(Entry(TarEntryType.Directory, "./"), Program()).Write("""{"Entrypoint":["/busybox","echo","alone"]}""");

        Assert.Equal("alone\n", layout.Run().Text);
        Assert.Equal("alone\n", layout.RunAt(layout.Archive()).Text);

        static TarEntry Program()
        {
            PaxTarEntry entry = Entry(TarEntryType.RegularFile, "busybox");
            entry.DataStream = File.OpenRead(Fixture.PathOf("busybox") + "/bin/busybox");
            return entry;
        }
    }

    /// <summary>A second start unpacks nothing: what takes seconds the first time takes milliseconds.</summary>
    [Fact]
    public void Debian_BootsAndIsUnpackedOnce()
    {
        using OciLayout layout = new();
        _ = layout.LayerOf(Fixture.PathOf("trixie")).Layer(
            Entry(TarEntryType.RegularFile, "etc/systemd/system/tell.service", "[Service]\nExecStart=sh -c 'echo state=$(systemctl is-system-running --wait) >/dev/console; systemctl --failed --plain --no-legend >/dev/console; systemctl poweroff'\n", 0x1a4),
            Entry(TarEntryType.SymbolicLink, "etc/systemd/system/multi-user.target.wants/tell.service", target: "../tell.service")).Write("""{"Cmd":["/bin/false"],"User":"nobody","StopSignal":"SIGRTMIN+3"}""");
        Stopwatch clock = Stopwatch.StartNew();
        Assert.Equal(0, layout.Run("/bin/true").ExitStatus);
        TimeSpan first = clock.Elapsed;
        string[] cached = layout.Cached();
        clock.Restart();
        Assert.Equal(0, layout.Run("/bin/true").ExitStatus);
        TimeSpan second = clock.Elapsed;

        Assert.Equal(2, cached.Length);
        Assert.Equal(cached, layout.Cached());
        Assert.True(second < first / 4, $"first {first}, second {second}");

        Outcome boot = layout.Run("-b", "systemd.mask=console-getty.service");
        Assert.True(boot.ExitStatus == 0 && boot.Text.Contains("state=running\n", StringComparison.Ordinal), boot.ToString());
    }

    [Fact]
    public void TenAtOnce_ShareOneUnpacking()
    {
        using OciLayout layout = new();
        _ = layout.Busybox().Layer(Entry(TarEntryType.RegularFile, "file", "shared")).Write();
        Command[] commands = [.. Enumerable.Range(0, 10).Select(i => Command.Start(
            Launcher.Nspawn.Program, ["-q", "-D", layout.Image, "sh", "-c", $"echo {i} >/file; sleep 1; cat /file; hostname"],
            Launcher.CallerEnvironment.Append(new("NSPAWN_CACHE", layout.Top + "/cache"))))];
        string[][] lines = [.. commands.Select(command => command.Wait(TimeSpan.FromSeconds(60)).Text.Split('\n'))];

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), lines.Select(one => one[0]));
        Assert.Equal(10, lines.Select(one => one[1]).Distinct().Count());
        Assert.Equal(2, layout.Cached().Length);
    }

    /// <summary>As podman and docker did it before they wrote layouts.</summary>
    [Fact]
    public void DockerArchive_IsReadInItsOlderForm()
    {
        using OciLayout layout = new();
        string folder = Directory.CreateDirectory(layout.Top + "/docker").FullName;
        byte[] lower = Archive(Entry(TarEntryType.RegularFile, "who", "lower")), upper = Archive(Entry(TarEntryType.RegularFile, "who", "upper"));
        _ = layout.Busybox().Layer(lower, "none").Layer(upper, "none");
        Directory.CreateDirectory(folder + "/a");
        Directory.CreateDirectory(folder + "/b");
        Assert.Equal(0, Command.Run("sh", ["-c", $"gzip -dc {layout.BlobOf(0)} >base.tar"], workingDirectory: folder).ExitStatus);
        File.WriteAllBytes(folder + "/a/layer.tar", lower);
        File.CreateSymbolicLink(folder + "/b/layer.tar", "../upper.tar");
        File.WriteAllBytes(folder + "/upper.tar", upper);
        File.WriteAllText(folder + "/c.json", $$"""{"architecture":"amd64","os":"linux","config":{"Cmd":["cat","/who"]},"rootfs":{"type":"layers","diff_ids":[{{string.Join(',', layout.DiffIds.Select(id => $"\"{id}\""))}}]} }""");
        File.WriteAllText(folder + "/manifest.json", """[{"Config":"c.json","RepoTags":["example.org/who:v1"],"Layers":["base.tar","a/layer.tar","b/layer.tar"]}]""");
        string archive = $"{layout.Top}/who.tar";
        Assert.Equal(0, Command.Run("tar", ["-cf", archive, "-C", folder, "manifest.json", "c.json", "base.tar", "a", "b", "upper.tar"]).ExitStatus);

        Assert.Equal("upper", layout.RunAt(archive).Text);
        Assert.Equal("upper", layout.RunAt(archive + ":example.org/who:v1").Text);
        Assert.Equal("upper", layout.RunAt(archive + ":v1").Text);
        OneLine.AssertSaid(layout.RunAt(archive + ":v2").Error, "it holds no image tagged v2");
    }

    private static byte[] Archive(params TarEntry[] entries)
    {
        using MemoryStream archive = new();
        using (TarWriter writer = new(archive, leaveOpen: true))
        {
            foreach (TarEntry entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return archive.ToArray();
    }
}
