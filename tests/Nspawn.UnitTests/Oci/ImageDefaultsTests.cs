using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class ImageDefaultsTests
{
    private static readonly OciExecution s_execution = new()
    {
        Env = ["PATH=/bin", "A=image", "HOME"],
        Entrypoint = ["/entry"],
        Cmd = ["-x", ""],
        User = "1000:50",
        WorkingDir = "/srv",
        StopSignal = "SIGQUIT",
    };

    [Fact]
    public void What_nobody_asks_for_is_the_images()
    {
        Settings settings = Launch("-D x");

        Assert.Equal(["/entry", "-x", ""], settings.Arguments.AsEnumerable());
        Assert.Equal(["PATH=/bin", "A=image"], settings.Environment.AsEnumerable());
        Assert.Equal(("1000", "50", true, "/srv", 3), (settings.User, settings.Group, settings.UserNeedNotExist, settings.WorkingDirectory, settings.KillSignal));
    }

    [Fact]
    public void The_command_line_has_its_way()
    {
        Settings settings = Launch("-D x -u joe --chdir=/tmp --kill-signal=SIGTERM -E A=own ls -l");

        Assert.Equal(["ls", "-l"], settings.Arguments.AsEnumerable());
        Assert.Equal(["PATH=/bin", "A=image", "A=own"], settings.Environment.AsEnumerable());
        Assert.Equal(("joe", null, false, "/tmp", 15), (settings.User, settings.Group, settings.UserNeedNotExist, settings.WorkingDirectory, settings.KillSignal));
        Assert.Equal(["/entry", "-x", ""], Launch("-a -D x").Arguments.AsEnumerable());
    }

    [Fact]
    public void An_init_is_root_and_gets_its_own_arguments_only()
    {
        Settings settings = Launch("-b -D x systemd.unit=rescue.target");

        Assert.Equal(["systemd.unit=rescue.target"], settings.Arguments.AsEnumerable());
        Assert.Equal((null, null, null, 3), (settings.User, settings.Group, settings.WorkingDirectory, settings.KillSignal));
        Assert.Empty(Launch("-b -D x").Arguments);
    }

    [Fact]
    public void A_settings_file_stands_between()
    {
        SettingsFile file = new("/x.nspawn", true, "[Exec]\nWorkingDirectory=/file\nEnvironment=A=file\n");
        Settings settings = Assert.IsType<ParsedCommandLine.Launch>(Commands.Parse("-D", "x")).Request.With(file, ImageDefaults.Of(s_execution)).Settings;

        Assert.Equal(("/file", "1000"), (settings.WorkingDirectory, settings.User));
        Assert.Equal(["PATH=/bin", "A=image", "A=file"], settings.Environment.AsEnumerable());
        Assert.Equal(["/entry", "-x", ""], settings.Arguments.AsEnumerable());
    }

    public static TheoryData<string, OciExecution> Refused => new()
    {
        { "its User a:b:c will not do", new OciExecution { User = "a:b:c" } },
        { "its User : will not do", new OciExecution { User = ":" } },
        { "its WorkingDir srv will not do", new OciExecution { WorkingDir = "srv" } },
        { "its StopSignal SIGNOT will not do", new OciExecution { StopSignal = "SIGNOT" } },
        { "its Cmd a?b will not do", new OciExecution { Cmd = ["a\0b"] } },
        { "its Env =x will not do", new OciExecution { Env = ["=x"] } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_is_refused(string message, OciExecution execution) =>
        Assert.StartsWith(message, Assert.Throws<OciException>(() => ImageDefaults.Of(execution)).Message);

    [Theory]
    [InlineData("1000", null, 1000u, 0u, "/")]
    [InlineData("1000", "50", 1000u, 50u, "/")]
    [InlineData("joe", null, 7u, 8u, "/home/joe")]
    [InlineData("joe", "staff", 7u, 9u, "/home/joe")]
    [InlineData("0", "staff", 0u, 9u, "/r")]
    public void A_user_and_a_group_may_be_numbers(string user, string? group, uint uid, uint gid, string home)
    {
        using TemporaryTree tree = new();
        _ = tree.With("etc/passwd", "root:x:0:0::/r:/bin/sh\njoe:x:7:8::/home/joe:/bin/sh\n").With("etc/group", "staff:x:9:\nextra:x:10:joe\n");
        TreeUser? found = Read(tree, user, group);

        Assert.Equal((uid, gid, home), (found!.Uid, found.Gid, found.Home));
        Assert.Equal(user == "joe" && group is null ? [10u] : [], found.Groups.AsEnumerable());
    }

    [Theory]
    [InlineData("jane", null)]
    [InlineData("joe", "nogroup")]
    [InlineData("4294967295", null)]
    public void A_name_must_be_known(string user, string? group)
    {
        using TemporaryTree tree = new();

        Assert.Null(Read(tree.With("etc/passwd", "joe:x:7:8::/:/bin/sh\n"), user, group));
    }

    private static TreeUser? Read(TemporaryTree tree, string user, string? group) => TreeReader.Read(
        tree.Root, new TreeSource(TreeKind.OciLayout, tree.Path, false),
        Settings.Default with { User = user, Group = group, UserNeedNotExist = true }, PlanFacts.Host).User;

    private static Settings Launch(string line) =>
        Assert.IsType<ParsedCommandLine.Launch>(Commands.Parse(line.Split(' '))).Request.With(null, ImageDefaults.Of(s_execution)).Settings;
}
