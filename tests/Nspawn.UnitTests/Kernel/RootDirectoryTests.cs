using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux;
using Nspawn.Linux.Interop;
using Xunit;

namespace Nspawn.UnitTests;

public class RootDirectoryTests
{
    [Theory]
    [InlineData("/etc/file")]
    [InlineData("etc/file")]
    [InlineData("/../../etc/file")]
    [InlineData("/etc/../../../etc/file")]
    [InlineData("/absolute")]
    [InlineData("/climbing")]
    [InlineData("/chain")]
    [InlineData("/up/etc/file")]
    public void Every_way_stays_inside(string path)
    {
        using TemporaryTree tree = new();
        _ = tree.With("etc/file", "inside").WithLink("absolute", "/etc/file").WithLink("climbing", "../../../etc/file")
            .WithLink("chain", "absolute").WithLink("up", "../..");

        Assert.Equal("inside", tree.Read(path));
    }

    [Theory]
    [InlineData("/../secret")]
    [InlineData("/out/secret")]
    [InlineData("/out2")]
    [InlineData("/dangling")]
    [InlineData("/loop")]
    [InlineData("/itself/x")]
    [InlineData("/magic/secret")]
    [InlineData("/directory")]
    [InlineData("/etc/file/below")]
    [InlineData("")]
    public void What_lies_outside_or_nowhere_is_not_read(string path)
    {
        using TemporaryTree tree = new();
        _ = tree.With("etc/file", "inside").With("directory/x", "").WithLink("out", "..").WithLink("out2", "../secret")
            .WithLink("dangling", "/no/such").WithLink("loop", "pool").WithLink("pool", "loop").WithLink("itself", "itself")
            .WithLink("magic", $"/proc/{Environment.ProcessId}/cwd");

        Assert.Null(tree.Read(path));
        Assert.Null(tree.Root.TryOpen(path, OpenMode.Write, out Errno errno));
        Assert.NotEqual((Errno)0, errno);
    }

    [Fact]
    public void A_fifo_is_not_waited_for()
    {
        using TemporaryTree tree = new();
        Assert.True(FileSystems.MakeNode(tree.Top, "fifo", FileType.Fifo, 0x1b6, 0, 0, "fifo"));
        string? content = "not yet";
        Thread reader = new(() => content = tree.Read("/fifo")) { IsBackground = true };
        reader.Start();

        Assert.True(reader.Join(TimeSpan.FromSeconds(2)), "still waiting for the FIFO");
        Assert.Null(content);
    }

    [Fact]
    public void A_link_that_is_swapped_meanwhile_never_leads_out()
    {
        using TemporaryTree tree = new();
        _ = tree.With("inside/secret", "inside").With("swapped/x", "");
        using ManualResetEventSlim done = new();
        Thread swapper = new(() =>
        {
            string[] targets = ["..", "../..", "/..", "/../..", "inside", "/inside", "swapped/../..", "inside/../../.."];
            for (int i = 0; !done.IsSet; i++)
            {
                FileSystems.ReplaceWithSymlink(tree.Top, "link", targets[i % targets.Length], "link");
            }
        });
        swapper.Start();
        HashSet<string?> seen = [];
        // Long enough for the other thread to have had its turns, however busy the machine is.
        long patience = Environment.TickCount64 + 20_000;
        for (int i = 0; i < 5000 || (!seen.Contains("inside") && Environment.TickCount64 < patience); i++)
        {
            _ = seen.Add(tree.Read("/link/secret"));
            _ = seen.Add(tree.Read("/inside/../link/secret"));
        }

        done.Set();
        swapper.Join();

        Assert.Contains("inside", seen);
        Assert.DoesNotContain(TemporaryTree.Outside, seen);
    }

    [Fact]
    public void Missing_directories_are_made_inside()
    {
        using TemporaryTree tree = new();
        _ = tree.WithLink("out", "../..").With("file", "");
        tree.Root.OpenOrMakeDirectory("/a/b/c", 0x1c0).Dispose();
        tree.Root.OpenOrMakeDirectory("/out/d/e", 0x1c0).Dispose();

        Assert.True(Directory.Exists($"{tree.Path}/a/b/c"));
        Assert.True(Directory.Exists($"{tree.Path}/d/e"));
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<SyscallException>(() => tree.Root.OpenOrMakeDirectory("/file/x", 0x1c0)).Errno);
    }

    [Theory]
    [InlineData("/no/such", "no/such")]
    [InlineData("../../../no/such", "no/such")]
    [InlineData("/../secret2", "secret2")]
    [InlineData("below/such/", "etc/below/such")]
    [InlineData("../chain", "no/chained")]
    [InlineData("../up/no/such", "no/such")]
    public void A_dangling_link_says_where_in_the_tree(string target, string made)
    {
        foreach (bool directory in (bool[])[true, false])
        {
            using TemporaryTree tree = new();
            _ = tree.WithDirectory("etc").WithLink("chain", "/no/chained").WithLink("up", "../..").WithLink("etc/dangling", target);
            using SafeFileHandle place = directory
                ? tree.Root.OpenOrMakeDirectory("/etc/dangling/x", 0x1c0)
                : tree.Root.OpenOrMakeFile("/etc/dangling", 0x180);

            Assert.Equal(directory ? FileType.Directory : FileType.Regular, FileStatus.Of(place, target).Type);
            Assert.True(directory ? Directory.Exists($"{tree.Path}/{made}/x") : File.Exists($"{tree.Path}/{made}"));
            Assert.Equal(["secret", "tree"], Directory.GetFileSystemEntries($"{tree.Path}/..").Select(Path.GetFileName).Order());
        }
    }

    [Theory]
    [InlineData("itself", Errno.ELOOP)]
    [InlineData("itself/x", Errno.ELOOP)]
    [InlineData("new/../dangling", Errno.ELOOP)]
    [InlineData("file/x", Errno.ENOTDIR)]
    public void A_link_that_never_ends_is_refused(string target, Errno errno)
    {
        using TemporaryTree tree = new();
        _ = tree.With("file", "").WithLink("itself", "itself").WithLink("dangling", target);

        Assert.Equal(errno, Assert.Throws<SyscallException>(() => tree.Root.OpenOrMakeDirectory("/dangling", 0x1c0)).Errno);
        Assert.Equal(errno, Assert.Throws<SyscallException>(() => tree.Root.OpenOrMakeFile("/dangling/x", 0x1c0)).Errno);
    }

    [Fact]
    public void Links_that_ask_for_long_paths_one_after_another_are_refused()
    {
        using TemporaryTree tree = new();
        string deep = string.Concat(Enumerable.Repeat("/a", 1900));
        for (int i = 0; i < 39; i++)
        {
            _ = tree.WithLink($"link{i}", $"/link{i + 1}{deep}");
        }

        Assert.Equal(Errno.ELOOP, Assert.Throws<SyscallException>(() => tree.Root.OpenOrMakeDirectory("/link0", 0x1c0)).Errno);
        Assert.Equal(39, Directory.EnumerateFileSystemEntries(tree.Path).Count());
    }

    [Fact]
    public void Nothing_is_made_outside_where_a_link_is_swapped_meanwhile()
    {
        using TemporaryTree tree = new();
        _ = tree.With("inside/x", "").WithLink("link", "inside");
        using ManualResetEventSlim done = new();
        Thread swapper = new(() =>
        {
            string[] targets = ["..", "../made", "/../made", "inside", "inside/made", "../../made", "link"];
            for (int i = 0; !done.IsSet; i++)
            {
                FileSystems.ReplaceWithSymlink(tree.Top, "link", targets[i % targets.Length], "link");
            }
        });
        swapper.Start();
        for (int i = 0; i < 2000; i++)
        {
            try
            {
                tree.Root.OpenOrMakeFile($"/link/made{i % 10}/x", 0x180).Dispose();
            }
            catch (SyscallException)
            {
                // It may fail, in there.
            }
        }

        done.Set();
        swapper.Join();
        Assert.Equal(["secret", "tree"], Directory.GetFileSystemEntries($"{tree.Path}/..").Select(Path.GetFileName).Order());
    }

    [Fact]
    public void The_last_link_is_seen_as_a_link()
    {
        using TemporaryTree tree = new();
        _ = tree.With("file", "12345").WithLink("link", "/a \u00e4/b").WithLink("good", "file");

        Assert.Equal("/a \u00e4/b", tree.Root.ReadLink("/link"));
        Assert.Null(tree.Root.ReadLink("/file"));
        Assert.Null(tree.Root.ReadLink("/none"));
        Assert.Equal(FileType.Symlink, tree.Root.StatusOf("/link")?.Type);
        Assert.Equal(FileType.Regular, tree.Root.StatusOf("/file")?.Type);
        Assert.Null(tree.Root.StatusOf("/none"));
        Assert.True(tree.Root.Exists("/good"));
        Assert.False(tree.Root.Exists("/link"));
        Assert.Equal("123"u8.ToArray(), tree.Root.ReadFile("/good", 3));
    }

    [Fact]
    public void Descriptors_close_on_exec()
    {
        using TemporaryTree tree = new();
        using SafeFileHandle handle = tree.Root.Open("/", OpenMode.Path | OpenMode.Directory);

        string flags = File.ReadAllLines($"/proc/self/fdinfo/{handle.Fd()}").Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
        Assert.NotEqual(0, Convert.ToInt64(flags["flags:".Length..].Trim(), 8) & LibC.O_CLOEXEC);
    }
}
