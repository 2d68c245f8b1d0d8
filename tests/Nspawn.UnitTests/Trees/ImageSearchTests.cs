using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public sealed class ImageSearchTests : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("nspawn-images-").FullName;

    [Fact]
    public void An_image_is_looked_for_in_order_and_its_directory_before_its_versions()
    {
        string[] places = [_top + "/a", _top + "/b", _top + "/c"];
        Make("c/web", "b/web.v/web_1", "b/web.v/web_2");
        Assert.Equal(new TreeSource(TreeKind.Directory, _top + "/b/web.v/web_2", false), ByName("web", places));

        Make("b/web");
        Assert.Equal(_top + "/b/web", ByName("web", places).Path);

        File.WriteAllText(_top + "/a", "no directory");
        Assert.Equal(_top + "/b/web", ByName("web", places).Path);
    }

    [Fact]
    public void An_image_that_is_not_there_is_told_with_the_places()
    {
        LaunchException refusal = Assert.Throws<LaunchException>(() => ByName("web", "/no/such/place", "/no/other"));

        Assert.Equal("no image of the machine web: looked for a directory web or a disk image web.raw in /no/such/place, /no/other; name its tree with --directory= or --image=", refusal.Message);
    }

    [Fact]
    public void A_directory_wins_over_a_name_and_nothing_is_the_current_directory()
    {
        Assert.Equal(new TreeSource(TreeKind.Directory, "/srv/x", false), ImageSearch.Find(new Settings { Directory = "/srv/x", Machine = "web" }));
        Assert.Equal(new TreeSource(TreeKind.Directory, ".", false), ImageSearch.Find(new Settings()));
    }

    [Fact]
    public void A_disk_image_is_looked_for_behind_the_directory_of_its_name()
    {
        Make("a/web.raw.v", "b/web");
        File.WriteAllText(_top + "/a/web.raw.v/web_1.raw", "");
        File.WriteAllText(_top + "/a/web.raw.v/web_10.raw", "");
        File.WriteAllText(_top + "/a/web.raw.v/web_11", "");
        Assert.Equal(new TreeSource(TreeKind.Image, _top + "/a/web.raw.v/web_10.raw", false), ByName("web", _top + "/a", _top + "/b"));

        File.WriteAllText(_top + "/a/web.raw", "");
        Assert.Equal(_top + "/a/web.raw", ByName("web", _top + "/a").Path);
        File.SetUnixFileMode(_top + "/a/web.raw", UnixFileMode.UserRead);
        Assert.True(ByName("web", _top + "/a").ReadOnly);
        Make("a/web");
        Assert.Equal(TreeKind.Directory, ByName("web", _top + "/a").Kind);
    }

    [Fact]
    public void A_disk_image_has_versions_too()
    {
        Make("os.v/os_9.raw");
        File.WriteAllText(_top + "/os.v/os_2.raw", "");
        File.WriteAllText(_top + "/os.v/os_3", "");

        Assert.Equal(new TreeSource(TreeKind.Image, _top + "/os.v/os_2.raw", false), ImageSearch.Find(new Settings { Image = _top + "/os.v" }));
        Assert.Equal(_top + "/os.v/os_9.raw", ByPath("os.v"));
    }

    [Fact]
    public void A_vendors_image_is_read_only() =>
        Assert.Equal(new TreeSource(TreeKind.Directory, "/usr/lib", true), ByName("lib", "/usr"));

    [Fact]
    public void The_newest_version_that_is_a_directory_is_used()
    {
        Make("os.v/os_1.9", "os.v/os_1.10", "os.v/os_1.10.1_arm64", "os.v/other_9", "os.v/os_2+0-3", "os.v/os");
        File.WriteAllText(_top + "/os.v/os_3", "no directory");

        Assert.Equal(_top + "/os.v/os_1.10", ByPath("os.v"));
        Assert.Equal(_top + "/os", ByPath("os"));
        Assert.Equal(_top + "/no.v", ByPath("no.v"));
    }

    [Fact]
    public void A_versioned_directory_without_a_version_is_refused()
    {
        Make("os.v/os");

        Assert.Contains("looked for directories os_VERSION", Assert.Throws<LaunchException>(() => ByPath("os.v")).Message);
    }

    [Theory]
    [InlineData("os_2+0-1", "os_1")]
    [InlineData("os_1", "os_2+1-1")]
    [InlineData("os_2+1-1", "os_2")]
    [InlineData("os_2+1", "os_2+2")]
    [InlineData("os_2+2-3", "os_2+2-1")]
    [InlineData("os_2_x86", "os_2_x86-64")]
    [InlineData("os_2", "os_2_x86")]
    [InlineData("os_1_x86-64", "os_2")]
    [InlineData("os_1_9", "os_1_10")]
    public void Of_two_names_the_second_is_used(string one, string other) =>
        Assert.InRange(VersionedName.Compare(VersionedName.Parse(other, "os")!, VersionedName.Parse(one, "os")!), 1, int.MaxValue);

    [Theory]
    [InlineData("os")]
    [InlineData("os_")]
    [InlineData("osx_1")]
    [InlineData("os_1_arm64")]
    [InlineData("os_1 2")]
    [InlineData("os_1\u00e4")]
    [InlineData(".#os_1.lck")]
    public void Other_names_are_no_versions(string name) => Assert.Null(VersionedName.Parse(name, "os"));

    public void Dispose() => Directory.Delete(_top, recursive: true);

    private static TreeSource ByName(string name, params string[] places) => ImageSearch.Find(new Settings { Machine = name }, [.. places]);

    private string ByPath(string name) => ImageSearch.Find(new Settings { Directory = $"{_top}/{name}" }).Path;

    private void Make(params string[] directories)
    {
        foreach (string directory in directories)
        {
            _ = Directory.CreateDirectory($"{_top}/{directory}");
        }
    }
}
