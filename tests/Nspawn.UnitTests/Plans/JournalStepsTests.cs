using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class JournalStepsTests
{
    private const string Path = "/var/log/journal/aaaaaaaabbbbccccddddeeeeeeeeeeee";

    private static readonly JournalPlaces s_nothing = new() { HostIsPersistent = true };
    private static readonly JournalPlaces s_directory = s_nothing with { Host = FileType.Directory };
    private static readonly JournalPlaces s_own = s_nothing with { Host = FileType.Symlink, HostLink = "/srv/debian" + Path };
    private static readonly JournalPlaces s_foreign = s_nothing with { Host = FileType.Symlink, HostLink = "/srv/other" + Path };

    public static TheoryData<string, JournalPlaces, string> Rows() => new()
    {
        { "--boot", s_nothing, "" },
        { "--boot", s_directory, "bind" },
        { "--boot", s_own, "mkdir" },
        { "--boot", s_foreign, "" },
        { "--boot", s_directory with { HostIsMountPoint = true }, "" },
        { "--boot", s_directory with { TreeIsMountPoint = true }, "" },
        { "--boot --link-journal=no", s_directory, "" },
        { "--boot --link-journal=host", s_nothing, "make bind" },
        { "--boot --link-journal=host", s_directory, "bind" },
        { "--boot --link-journal=try-host", s_foreign, "make-for-link bind" },
        { "--boot --link-journal=try-host", s_nothing with { HostIsPersistent = false }, "" },
        { "--boot --link-journal=guest", s_nothing, "link mkdir" },
        { "--boot --link-journal=guest", s_directory, "link-for-directory mkdir" },
        { "--boot -j", s_foreign, "link mkdir" },
        { "--boot -j", s_own, "mkdir" },
        { "--boot -j", s_nothing with { TreeHasLinks = true }, "" },
        { "ls", s_directory, "" },
        { "-j ls", s_directory, "" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_is_done_depends_on_the_mode_and_on_what_is_there(string line, JournalPlaces places, string steps)
    {
        Plan plan = PlanFacts.PlanOf("-D /srv/debian " + line, tree: PlanFacts.Tree with { Journal = places });

        Assert.Equal(steps, string.Join(' ', ((Step[])[.. plan.Host, .. plan.Tree]).Select(Name).OfType<string>()));
    }

    [Theory]
    [InlineData("-j", true)]
    [InlineData("--link-journal=try-host", true)]
    [InlineData("", true)]
    [InlineData("--link-journal=guest", false)]
    [InlineData("--link-journal=host", false)]
    public void Only_what_is_to_be_tried_may_fail(string option, bool optional)
    {
        Plan plan = PlanFacts.PlanOf("-D /srv/debian --boot " + option, tree: PlanFacts.Tree with { Journal = s_directory });

        Assert.All(((Step[])[.. plan.Host, .. plan.Tree]).Where(step => Name(step) is not null), step => Assert.Equal(optional, step.Optional));
    }

    [Theory]
    [InlineData("-j ls", "--link-journal=try-guest has no effect: only a booted tree has a journal")]
    [InlineData("--boot -j", "--link-journal=try-guest has no effect: the tree has the host's own machine id; remove its /etc/machine-id")]
    public void What_has_no_effect_is_said_once(string line, string notice)
    {
        Plan plan = PlanFacts.PlanOf(line, PlanFacts.Host with { MachineId = PlanFacts.Tree.MachineId }, PlanFacts.Tree with { Journal = s_directory });

        Assert.Contains(notice, plan.Notices);
    }

    [Theory]
    [InlineData("--boot")]
    [InlineData("ls")]
    public void Nothing_is_said_when_nothing_was_asked(string line) => Assert.DoesNotContain(
        PlanFacts.PlanOf(line, tree: PlanFacts.Tree with { Journal = s_nothing with { HostIsPersistent = false } }).Notices,
        notice => notice.Contains("journal"));

    private static string? Name(Step step) => step switch
    {
        MakeJournalDirectory { Path: Path } make => make.ReplacesLink ? "make-for-link" : "make",
        LinkJournal { Path: Path, Target: "/srv/debian" + Path } link => link.ReplacesDirectory ? "link-for-directory" : "link",
        BindHost { HostPath: Path, Target: Path } => "bind",
        MakeDirectory { Path: Path } => "mkdir",
        _ => null,
    };

    [Theory]
    [InlineData("-j")]
    [InlineData("--link-journal=try-host")]
    [InlineData("--link-journal=try-guest")]
    public void What_is_only_tried_is_let_be_in_an_ephemeral_container(string option)
    {
        string[] steps = [.. PlanFacts.PlanOf($"-b -x {option}").Host.Select(step => step.GetType().Name)];

        Assert.DoesNotContain(nameof(LinkJournal), steps);
        Assert.DoesNotContain(nameof(MakeJournalDirectory), steps);
        Assert.StartsWith("--ephemeral and --link-journal exclude", Commands.Refusal("-b", "-x", "--link-journal=guest"));
    }
}
