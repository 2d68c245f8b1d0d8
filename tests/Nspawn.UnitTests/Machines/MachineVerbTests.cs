using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class MachineVerbTests
{
    [Theory]
    [InlineData("exec m ls -l")]
    [InlineData("exec m -- ls -l")]
    [InlineData("exec -- m ls -l")]
    public void Options_end_where_the_command_begins(string line)
    {
        MachineRequest.Execute execute = Assert.IsType<MachineRequest.Execute>(Parse(line));
        Assert.Equal("m", execute.Machine);
        Assert.Equal(["ls", "-l"], execute.Command.AsEnumerable());
        Assert.False(execute.Terminal);
    }

    [Theory]
    [InlineData("exec -t -u bin -E A=1 --env=B=2 --chdir=/x m cmd")]
    [InlineData("exec m -tubin -EA=1 --env B=2 --chdir /x -- cmd")]
    [InlineData("exec --tty m --user=bin -E A=1 -E B=2 --chdir=/x cmd")]
    public void Options_stand_before_or_behind_the_machine(string line)
    {
        MachineRequest.Execute execute = Assert.IsType<MachineRequest.Execute>(Parse(line));
        Assert.Equal(("m", "bin", true, "/x"), (execute.Machine, execute.User, execute.Terminal, execute.Directory));
        Assert.Equal(["A=1", "B=2"], execute.Environment.AsEnumerable());
        Assert.Equal(["cmd"], execute.Command.AsEnumerable());
    }

    [Fact]
    public void The_other_verbs_are_what_they_say()
    {
        Assert.Equal(new MachineRequest.List(true), Parse("list --json"));
        Assert.Equal(new MachineRequest.Wait("m", "ready", null), Parse("wait m"));
        Assert.Equal(new MachineRequest.Wait("m", "a.target", TimeSpan.FromMilliseconds(1500)), Parse("wait m --for=a.target --timeout 1s500ms"));
        Assert.Equal(new MachineRequest.Stop("m", TimeSpan.FromSeconds(5), true), Parse("stop --timeout=5 m --kill"));
        Assert.Equal(new MachineRequest.Logs("m", true, 3), Parse("logs m -fn3"));
        MachineRequest.Execute shell = Assert.IsType<MachineRequest.Execute>(Parse("shell m bin"));
        Assert.Equal(("m", "bin", true, 0), (shell.Machine, shell.User, shell.Terminal, shell.Command.Length));
        Assert.Null(Assert.IsType<MachineRequest.Execute>(Parse("shell")).Machine);
    }

    [Theory]
    [InlineData("exec", "exec needs the name of a machine; nspawn list shows those that run")]
    [InlineData("exec m", "exec needs a command to run in m; nspawn shell m opens a shell")]
    [InlineData("list x", "list: nothing is expected at 'x'; its form is: nspawn list")]
    [InlineData("stop m n", "stop: nothing is expected at 'n'; its form is: nspawn stop MACHINE")]
    [InlineData("wait m --for=x", "--for=x: expected ready, exit, or the name of a unit, such as multi-user.target")]
    [InlineData("wait m --timeout=soon", "--timeout=soon: expected a time, such as 90s, 1min 30s or 500ms, or infinity")]
    [InlineData("logs m -n x", "--lines=x: expected a number of lines")]
    [InlineData("exec m --chdir=x y", "--chdir=x: expected an absolute path in the machine")]
    [InlineData("exec m --env=1=2 y", "--env=1=2: expected NAME=VALUE or NAME, the name of letters, digits and underscores")]
    [InlineData("exec --boot m x", "unrecognized option '--boot'")]
    public void What_cannot_be_is_refused_in_a_line(string line, string expected) =>
        Assert.Equal(expected, Assert.Throws<UsageException>(() => Parse(line)).Message);

    [Fact]
    public void Called_as_systemd_nspawn_there_are_no_such_verbs() =>
        Assert.IsType<ParsedCommandLine.Launch>(CommandLine.Parse(["exec", "m", "ls"], "systemd-nspawn", Commands.Context));

    [Fact]
    public void Who_enters_has_the_payloads_environment_but_for_what_is_its_own()
    {
        EntryCommand command = EntryCommand.Of(
            ["PATH=/x:/y", "container=c", "HOME=/root", "USER=root", "NOTIFY_SOCKET=/n", "A=1", "TERM=vt1"],
            new MachineRequest.Execute("m") { Command = ["ls"], Environment = ["A=2"] },
            new TreeUser("bin", 2, 2, "/bin", "/bin/sh", []), terminal: null);

        Assert.Equal(
            ["PATH=/x:/y", "container=c", "A=2", "TERM=dumb", "HOME=/bin", "USER=bin", "LOGNAME=bin", "LANG=C.UTF-8"], command.Environment.AsEnumerable());
        Assert.Equal(["/x/ls", "/y/ls"], command.Candidates.Select(one => one.Path));
    }

    [Fact]
    public void Without_a_command_it_is_the_login_shell_at_home()
    {
        EntryCommand command = EntryCommand.Of(["PATH=/x"], new MachineRequest.Execute("m"), new TreeUser("u", 2, 2, "/home/u", "/bin/zsh", []), "xterm");

        Assert.Equal(["/bin/zsh", "/bin/bash", "/bin/sh"], command.Candidates.Select(one => one.Path));
        Assert.Equal(["-zsh"], command.Candidates[0].Arguments.AsEnumerable());
        Assert.Equal(("/home/u", true), (command.Directory, command.DirectoryIsOptional));
        Assert.Contains("TERM=xterm", command.Environment);
    }

    [Theory]
    [InlineData("web", "web")]
    [InlineData("web.0123abcd", "web")]
    [InlineData("a.b.0123abcd", "a.b")]
    [InlineData("web.0123abcz", "web.0123abcz")]
    public void A_runs_directory_names_its_machine(string run, string machine) => Assert.Equal(machine, RunPaths.MachineOf(run));

    private static MachineRequest Parse(string line) => Assert.IsType<ParsedCommandLine.OnMachine>(Commands.Parse(line.Split(' '))).Request;
}
