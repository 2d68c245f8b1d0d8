using Nspawn.Core;
using Nspawn.Linux;
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
    [InlineData("/a:/b", "h/a", "h/b", "/b")]
    [InlineData("+/a:+/b", "t/a", "t/b", "/b")]
    [InlineData("/a:/b:/c", "h/a", "h/b", "/c")]
    [InlineData("/a:+/b:/c:/d", "h/a t/b", "h/c", "/d")]
    [InlineData("/a::/c", "h/a", "", "/c")]
    [InlineData(@"/a\:b:/c\\:/d", "h/a:b", @"h/c\", "/d")]
    [InlineData("a:b:/c", "h/home/joe/a", "h/home/joe/b", "/c")]
    [InlineData("+/:/b:/", "t/", "h/b", "/")]
    public void An_overlay_is_lowers_upper_destination(string text, string lowers, string upper, string destination)
    {
        OverlayCustomMount mount = MountSyntax.Overlay(text, readOnly: false, Commands.Context);

        Assert.Equal((lowers, upper, destination), (string.Join(' ', mount.Lowers.Select(Spell)), Spell(mount.Upper), mount.Destination));

        static string Spell(MountSource? source) => source is null ? "" : (source.InTree ? "t" : "h") + source.Path;
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData(":/b")]
    [InlineData("::/b")]
    [InlineData("/a:")]
    [InlineData("/a:b")]
    [InlineData("/a:/b:c")]
    [InlineData("/a:/b:/../c")]
    [InlineData("+a:/b:/c")]
    public void Other_overlays_are_refused(string text) => Commands.Refused(() => MountSyntax.Overlay(text, readOnly: true, Commands.Context));

    [Theory]
    [InlineData("/new", "/new", null)]
    [InlineData("/new/:/old", "/new", "/old")]
    public void Pivot_root_is_a_new_root_and_a_place_for_the_old_one(string text, string root, string? old) =>
        Assert.Equal(new RootChange(root, old), MountSyntax.PivotRoot(text));

    [Theory]
    [InlineData("new")]
    [InlineData("/")]
    [InlineData("/new:old")]
    [InlineData("/new:")]
    [InlineData("/new:/old:/x")]
    [InlineData("/../new")]
    public void Other_roots_are_refused(string text) => Commands.Refused(() => MountSyntax.PivotRoot(text));

    [Theory]
    [InlineData("/a", "/a", "mode=0755")]
    [InlineData("/a:", "/a", "mode=0755")]
    [InlineData("/a/:size=10M,mode=1777", "/a", "size=10M,mode=1777")]
    [InlineData(@"/a\:b:x:y", "/a:b", "x:y")]
    public void A_tmpfs_is_path_and_options(string text, string path, string options) =>
        Assert.Equal(new TmpfsCustomMount(path, options) { Flags = MountFlags.NoDev }, MountSyntax.Tmpfs(text));

    [Theory]
    [InlineData("nosuid,noexec,size=1M,noatime,ro", "size=1M,ro", MountFlags.NoDev | MountFlags.NoSuid | MountFlags.NoExec)]
    [InlineData("dev,suid,symfollow", "", MountFlags.None)]
    [InlineData("noexec,exec,nodev,nosymfollow", "", MountFlags.NoDev | MountFlags.NoSymfollow)]
    public void What_a_tmpfs_forbids_is_the_mounts_own(string options, string own, MountFlags flags) =>
        Assert.Equal(new TmpfsCustomMount("/a", own) { Flags = flags }, MountSyntax.Tmpfs("/a:" + options));

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
