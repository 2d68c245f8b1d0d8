using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class FileSystemsTests
{
    [Fact]
    public void A_file_is_put_in_the_place_of_a_link_and_never_written_through_it()
    {
        using TemporaryTree tree = new();
        _ = tree.With("target", "old").WithLink("link", "target").WithLink("out", "../secret").WithLink("dangling", "nowhere");
        foreach (string name in (string[])["link", "out", "dangling", "target", "fresh"])
        {
            FileSystems.Replace(tree.Top, name, "new"u8, 0x1a4, name);
            Assert.Equal("new", File.ReadAllText($"{tree.Path}/{name}"));
            Assert.Equal(FileType.Regular, tree.Root.StatusOf($"/{name}")?.Type);
        }

        Assert.Equal(TemporaryTree.Outside, File.ReadAllText($"{tree.Path}/../secret"));
        Assert.False(tree.Root.Exists("/nowhere"));
        Assert.Equal(["dangling", "fresh", "link", "out", "target"], DirectoryListing.Of(tree.Root, "/").Order());
    }

    [Fact]
    public void Another_name_of_the_old_file_keeps_the_old_content()
    {
        using TemporaryTree tree = new();
        _ = tree.With("file", "old");
        using FileStream old = File.OpenRead($"{tree.Path}/file");
        FileSystems.Replace(tree.Top, "file", "new"u8, 0x180, "file");

        using StreamReader reader = new(old);
        Assert.Equal("old", reader.ReadToEnd());
        Assert.Equal(0x180u, tree.Root.StatusOf("/file")?.Permissions);
    }

    [Fact]
    public void What_cannot_be_replaced_leaves_nothing_behind()
    {
        using TemporaryTree tree = new();
        _ = tree.With("directory/x", "");

        Assert.Throws<SyscallException>(() => FileSystems.Replace(tree.Top, "directory", "new"u8, 0x1a4, "directory"));
        Assert.Throws<SyscallException>(() => FileSystems.ReplaceWithSymlink(tree.Top, "directory", "new", "directory"));
        Assert.Equal(["directory"], DirectoryListing.Of(tree.Root, "/"));
    }

    [Fact]
    public void What_is_there_is_not_made_again()
    {
        using TemporaryTree tree = new();
        _ = tree.With("file", "old").WithLink("link", "nowhere");

        Assert.False(FileSystems.MakeDirectory(tree.Top, "file", 0x1c0, "file"));
        Assert.False(FileSystems.MakeSymlink(tree.Top, "link", "x", "link"));
        Assert.False(FileSystems.MakeNode(tree.Top, "link", FileType.Regular, 0x180, 0, 0, "link"));
        Assert.True(FileSystems.MakeNode(tree.Top, "empty", FileType.Regular, 0x180, 0, 0, "empty"));
        Assert.Equal(Errno.EEXIST, Assert.Throws<SyscallException>(() => FileSystems.WriteNew(tree.Top, "link", "x"u8, 0x180, "link")).Errno);
        Assert.False(tree.Root.Exists("/nowhere"));
        Assert.True(FileSystems.Unlink(tree.Top, "link", directory: false, "link"));
        Assert.False(FileSystems.Unlink(tree.Top, "link", directory: false, "link"));
    }

    [Fact]
    public void A_directory_of_the_host_is_removed_only_when_it_is_empty()
    {
        using TemporaryTree tree = new();
        _ = tree.With("full/x", "");
        _ = Directory.CreateDirectory($"{tree.Path}/empty");

        Assert.True(FileSystems.RemoveDirectory($"{tree.Path}/empty"));
        Assert.False(FileSystems.RemoveDirectory($"{tree.Path}/empty"));
        Assert.False(FileSystems.RemoveDirectory($"{tree.Path}/full"));
    }

    [Fact]
    public void A_listing_has_every_name_of_a_large_directory_once()
    {
        using TemporaryTree tree = new();
        string[] names = [.. Enumerable.Range(0, 600).Select(i => $"a name of some length {i} \u00e4")];
        _ = Directory.CreateDirectory($"{tree.Path}/large/directory");
        foreach (string name in names)
        {
            File.WriteAllText($"{tree.Path}/large/{name}", "");
        }

        Assert.Equal(names.Append("directory").Order(), DirectoryListing.Of(tree.Root, "/large").Order());
        Assert.Empty(DirectoryListing.Of(tree.Root, "/none"));
        using SafeFileHandle large = tree.Root.Open("/large", OpenMode.Read | OpenMode.Directory);
        Assert.Equal(["directory"], DirectoryListing.Of(large, "large", directoriesOnly: true));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 10)]
    [InlineData(10, 0)]
    [InlineData(10, 9)]
    [InlineData(10, 10)]
    [InlineData(10, 11)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 4096)]
    [InlineData(5000, 4999)]
    [InlineData(100_000, 50_000)]
    [InlineData(100_000, 1_000_000)]
    public void Reading_ends_at_the_end_or_at_the_limit(int length, int limit)
    {
        using TemporaryTree tree = new();
        string content = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + i % 26)));
        _ = tree.With("file", content);
        using SafeFileHandle file = tree.Root.Open("/file", OpenMode.Read);

        Assert.Equal(content[..Math.Min(length, limit)], Encoding.ASCII.GetString(Descriptors.ReadAll(file, limit, "file")));
    }
}
