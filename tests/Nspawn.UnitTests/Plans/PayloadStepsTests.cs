using System.Collections.Immutable;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class PayloadStepsTests
{
    [Theory]
    [InlineData("ls", "/usr/local/sbin/ls /usr/local/bin/ls /usr/sbin/ls /usr/bin/ls /sbin/ls /bin/ls")]
    [InlineData("-EPATH=/a:/b/ ls", "/a/ls /b/ls")]
    [InlineData("-EPATH=:/a::b:. ls", "/a/ls")]
    [InlineData("-EPATH=/ ls", "/ls")]
    [InlineData("/opt/x", "/opt/x")]
    [InlineData("./x", "./x")]
    public void A_command_is_looked_for_in_the_payloads_path(string line, string paths) =>
        Assert.Equal(paths.Split(' '), Candidates(PlanFacts.PlanOf(line)));

    [Fact]
    public void A_path_without_directories_is_refused_with_the_remedy()
    {
        LaunchException refusal = Assert.Throws<LaunchException>(() => PlanFacts.PlanOf("-EPATH= ls"));

        Assert.Equal(LaunchException.NotFound, refusal.ExitStatus);
        Assert.Equal("cannot execute ls: PATH= names no directory to look in; give the command's whole path, or leave --setenv=PATH= out", refusal.Message);
    }

    [Theory]
    [InlineData("/bin/zsh", "/bin/zsh:-zsh /bin/bash:-bash /bin/sh:-sh")]
    [InlineData("/bin/bash", "/bin/bash:-bash /bin/sh:-sh")]
    [InlineData("", "/bin/bash:-bash /bin/sh:-sh")]
    [InlineData("nologin", "/bin/bash:-bash /bin/sh:-sh")]
    public void A_login_shell_is_the_users_or_a_usual_one(string shell, string candidates)
    {
        Plan plan = PlanFacts.PlanOf("", tree: PlanFacts.Tree with { User = TreeUser.Root with { Shell = shell } });

        Assert.Equal(candidates.Split(' '), PlanFacts.ExecuteOf(plan).Candidates.Select(one => $"{one.Path}:{one.Arguments[0]}"));
    }

    [Theory]
    [InlineData("", "/home/joe", "/home/joe")]
    [InlineData("", "", "/")]
    [InlineData("", "joe/home", "/")]
    [InlineData("ls", "/home/joe", null)]
    [InlineData("--chdir=/srv", "/home/joe", "/srv")]
    [InlineData("--chdir=/srv ls", "/home/joe", "/srv")]
    public void A_login_shell_starts_at_home(string line, string home, string? directory)
    {
        Plan plan = PlanFacts.PlanOf(line, tree: PlanFacts.Tree with { User = PlanFacts.Joe with { Home = home } });

        Assert.Equal(directory, plan.Leader.OfType<ChangeDirectory>().SingleOrDefault()?.Path);
    }

    [Theory]
    [InlineData("--boot", "LISTEN_PID=1")]
    [InlineData("ls", "LISTEN_PID=1")]
    [InlineData("--as-pid2 ls", "LISTEN_PID=2")]
    public void Handed_over_descriptors_name_the_process_that_gets_them(string line, string variable)
    {
        Assert.Contains(variable, Environment(PlanFacts.PlanOf(line, PlanFacts.Host with { ListenFds = 3 })));
        Assert.Contains("LISTEN_FDS=3", Environment(PlanFacts.PlanOf(line, PlanFacts.Host with { ListenFds = 3 })));
        Assert.DoesNotContain(Environment(PlanFacts.PlanOf(line)), one => one.StartsWith("LISTEN_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--console=interactive", "TERM=xterm-256color", true)]
    [InlineData("", "TERM=xterm-256color", true)]
    [InlineData("--console=read-only", "TERM=dumb", false)]
    [InlineData("--console=passive", "TERM=dumb", false)]
    [InlineData("--pipe", "TERM=dumb", false)]
    [InlineData("--pipe -ETERM=vt100", "TERM=vt100", false)]
    public void Only_a_terminal_somebody_looks_at_is_named(string line, string term, bool colors)
    {
        ImmutableArray<string> environment = Environment(PlanFacts.PlanOf(line, PlanFacts.HostWithTerminal));

        Assert.Equal(term, Assert.Single(environment, one => one.StartsWith("TERM=", StringComparison.Ordinal)));
        Assert.Equal(colors, environment.Contains("COLORTERM=truecolor"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dumb")]
    public void A_caller_without_a_terminal_type_has_a_dumb_one(string? term) =>
        Assert.Contains("TERM=dumb", Environment(PlanFacts.PlanOf("", PlanFacts.HostWithTerminal with { Term = term })));

    [Fact]
    public void A_later_assignment_wins_in_the_place_of_the_first()
    {
        string[] environment = [.. Environment(PlanFacts.PlanOf("-EA=1 -EB=2 -EPATH=/x -EA=3 -Econtainer_host_id=mine -EAB=4 ls"))];

        Assert.Equal("PATH=/x", environment[0]);
        Assert.Equal(["A=3", "B=2", "AB=4"], environment[^3..]);
        Assert.Contains("container_host_id=mine", environment);
        Assert.Single(environment, one => one.StartsWith("container_host_id=", StringComparison.Ordinal));
    }

    [Fact]
    public void Init_gets_assignments_as_variables_and_no_language()
    {
        Plan plan = PlanFacts.PlanOf("--boot key-one=v systemd.unit=x -z");

        Assert.Contains("key_one=v", Environment(plan));
        Assert.DoesNotContain("LANG=C.UTF-8", Environment(plan));
        Assert.Equal(PlanFacts.Tree.Inits, Candidates(plan));
        Assert.Equal(["systemd.unit=x", "-z"], PlanFacts.ExecuteOf(plan).Candidates[0].Arguments[1..]);
    }

    private static ImmutableArray<string> Environment(Plan plan) => PlanFacts.ExecuteOf(plan).Environment;

    private static IEnumerable<string> Candidates(Plan plan) => PlanFacts.ExecuteOf(plan).Candidates.Select(one => one.Path);
}
