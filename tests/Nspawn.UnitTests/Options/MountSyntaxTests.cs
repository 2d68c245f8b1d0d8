using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class MountSyntaxTests
{
    [Theory]
    [InlineData("/a", "/a", "/a", false, true)]
    [InlineData("/a/", "/a", "/a", false, true)]
    [InlineData("/a:/b", "/a", "/b", false, true)]
    [InlineData("/a://b/./c/", "/a", "/b/c", false, true)]
    [InlineData("/a:/b:norbind", "/a", "/b", false, false)]
    [InlineData("/a:/b:norbind,rbind,noidmap", "/a", "/b", false, true)]
    [InlineData("/a::norbind", "/a", "/a", false, false)]
    [InlineData("/a:", "/a", "/a", false, true)]
    [InlineData("+/a", "/a", "/a", true, true)]
    [InlineData("+/a:/b", "/a", "/b", true, true)]
    [InlineData("share:/b", "/home/joe/share", "/b", false, true)]
    [InlineData("../share:/b", "/home/joe/../share", "/b", false, true)]
    [InlineData("/a/../c:/b", "/a/../c", "/b", false, true)]
    [InlineData(":/b", null, "/b", false, true)]
    [InlineData(@"/a\:b", "/a:b", "/a:b", false, true)]
    [InlineData(@"/a\:b:/c\:d:norbind", "/a:b", "/c:d", false, false)]
    [InlineData(@"/a\\b\c", @"/a\bc", @"/a\bc", false, true)]
    public void A_bind_mount_is_source_destination_options(string text, string? source, string destination, bool inTree, bool recursive)
    {
        Assert.Equal(new BindCustomMount(source, destination, inTree, false, recursive), MountSyntax.Bind(text, readOnly: false, Commands.Context));
        Assert.True(MountSyntax.Bind(text, readOnly: true, Commands.Context).ReadOnly);
    }

    [Theory]
    [InlineData("")]
    [InlineData("share")]
    [InlineData("a:b")]
    [InlineData("/a:b")]
    [InlineData("/a:/b/../c")]
    [InlineData("/a/..")]
    [InlineData("+a:/b")]
    [InlineData("+:/b")]
    [InlineData("+")]
    [InlineData("+/a/../b:/c")]
    [InlineData(":")]
    [InlineData("/")]
    [InlineData("/a:/")]
    [InlineData("/a:/.")]
    [InlineData("/a:/b:bogus")]
    [InlineData("/a:/b:norbind:x")]
    [InlineData(@"/a\")]
    public void Other_bind_mounts_are_refused(string text) =>
        Commands.Refused(() => MountSyntax.Bind(text, readOnly: false, Commands.Context));

    [Theory]
    [InlineData("idmap", BindOwners.SameNumber)]
    [InlineData("norbind,rootidmap", BindOwners.Root)]
    [InlineData("owneridmap,rbind", BindOwners.Owner)]
    [InlineData("idmap,noidmap", BindOwners.Same)]
    public void A_bind_mount_says_whose_its_files_are(string options, BindOwners owners) =>
        Assert.Equal(owners, MountSyntax.Bind($"/a:/b:{options}", readOnly: false, Commands.Context).Owners);

    [Theory]
    [InlineData("/a", "/a", "mode=0755")]
    [InlineData("/a:", "/a", "mode=0755")]
    [InlineData("/a/:size=10M,mode=1777", "/a", "size=10M,mode=1777")]
    [InlineData(@"/a\:b:x:y", "/a:b", "x:y")]
    public void A_tmpfs_is_path_and_options(string text, string path, string options) =>
        Assert.Equal(new TmpfsCustomMount(path, options), MountSyntax.Tmpfs(text));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("//.")]
    [InlineData("a")]
    [InlineData(":size=1")]
    [InlineData("/a/../b")]
    public void Other_mount_points_are_refused(string text)
    {
        Commands.Refused(() => MountSyntax.Tmpfs(text));
        Commands.Refused(() => MountSyntax.Inaccessible(text));
    }

    [Theory]
    [InlineData("/", "/")]
    [InlineData("/home//joe/.", "/home/joe")]
    [InlineData("/process", "/process")]
    [InlineData("/devel", "/devel")]
    public void A_working_directory_is_absolute(string text, string path) => Assert.Equal(path, ContainerPath.ParseWorkingDirectory(text));

    [Theory]
    [InlineData("")]
    [InlineData("home")]
    [InlineData("/home/..")]
    [InlineData("/proc")]
    [InlineData("/proc/1")]
    [InlineData("/sys/")]
    [InlineData("//dev/./shm")]
    public void Other_working_directories_are_refused(string text) => Commands.Refused(() => ContainerPath.ParseWorkingDirectory(text));
}
