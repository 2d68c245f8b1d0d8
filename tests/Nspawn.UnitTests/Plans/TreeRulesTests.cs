using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class TreeRulesTests
{
    /// <summary>A row: what is asked, how the facts differ from good ones, and what is said.</summary>
    public static TheoryData<string, string, string> Rows() => new()
    {
        { "", "no root", "must be started as root: run it with sudo" },
        { "--register=yes", "no bus", "--register=yes: no system bus on this host; leave it out to run unregistered" },
        { "--register=yes", "bus without machined", "--register=yes: no systemd-machined on this host; leave it out to run unregistered" },
        { "--register=yes", "silent bus", "--register=yes: the system bus does not answer; leave it out to run unregistered" },
        { "-M web", "name taken", "systemd-machined knows a machine web already; give this one another name with --machine=" },
        { "", "tree is /", "cannot use / as the tree: the host runs from it; use --ephemeral, or name another tree with --directory=" },
        { "--volatile=overlay", "tree is /", "cannot use / as the tree: the host runs from it; use --ephemeral, or name another tree with --directory=" },
        {
            "--volatile", "bin is a directory",
            "cannot use /srv/debian with --volatile=yes: its /bin is a directory, and of the tree only /usr would be there; use --volatile=overlay or --volatile=state"
        },
        { "--overlay=/none:/mnt:/mnt", "", "--overlay=/none: no such file or directory on the host" },
        { "--overlay-ro=/srv/conf:+/etc:/mnt", "", "--overlay-ro=/srv/conf: an overlay is made of directories, and this is none" },
        { "--overlay=+/etc:+/opt:/proc/x", "", "--overlay=/proc/x: no overlay can be put below /proc, which is the container's own" },
        { "", "no usr", "/srv/debian holds no OS tree: it has no directory /usr; name a tree with --directory= or --image=" },
        { "", "dev is a file", "cannot use /srv/debian: /dev in it is not a directory" },
        {
            "--read-only", "fresh",
            "cannot use /srv/debian read-only: it has no directory /proc to mount on; make it, or leave out --read-only"
        },
        { "", "bad machine id", "cannot use /srv/debian: its /etc/machine-id is neither empty nor 32 hexadecimal digits" },
        { "--uid=nobody", "no such user", "--uid=nobody: no such user in the tree's /etc/passwd" },
        { "--bind=/no/such:/mnt", "", "--bind=/no/such: no such file or directory on the host" },
        { "--bind-ro=/no/such", "", "--bind-ro=/no/such: no such file or directory on the host" },
        {
            "--bind=/srv/data:/proc/x", "",
            "--bind=/srv/data:/proc/x: nothing of the host can be bound below /proc, which is the container's own; bind something of the tree, +PATH"
        },
        {
            "--boot --link-journal=host", "no machine id",
            "--link-journal=host: the tree has no machine id yet; give it one with --uuid="
        },
        {
            "--boot --link-journal=guest", "the host's machine id",
            "--link-journal=guest: the tree has the host's own machine id; remove its /etc/machine-id"
        },
        {
            "--boot --link-journal=host", "no journal on disk",
            "--link-journal=host: the host keeps no journal on disk; make /var/log/journal"
        },
        {
            "--boot --link-journal=guest", "links to the journal",
            "--link-journal=guest: a link in the tree stands on the way to its /var/log/journal/aaaaaaaabbbbccccddddeeeeeeeeeeee"
        },
        {
            "--boot", "no init",
            "cannot boot /srv/debian: no init found (looked for /usr/lib/systemd/systemd, /lib/systemd/systemd, /sbin/init)"
        },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_does_not_go_together_is_refused_in_one_line_with_the_remedy(string line, string facts, string message)
    {
        (HostFacts host, TreeFacts tree) = With(facts);
        LaunchException refusal = Assert.Throws<LaunchException>(() => PlanFacts.PlanOf(line, host, tree));

        Assert.Equal(message, refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.Equal(LaunchException.LauncherError, refusal.ExitStatus);
    }

    [Theory]
    [InlineData("--boot", "")]
    [InlineData("--boot --link-journal=try-host", "no machine id")]
    [InlineData("--boot --link-journal=auto", "the host's machine id")]
    [InlineData("--boot -j", "links to the journal")]
    [InlineData("--link-journal=host ls", "no journal on disk")]
    [InlineData("--read-only", "")]
    [InlineData("", "fresh")]
    [InlineData("ls", "no init")]
    [InlineData("--register=auto", "no bus")]
    [InlineData("--bind=+/not/looked/at:/mnt", "")]
    [InlineData("--bind=:/mnt", "")]
    [InlineData("--bind=+/opt:/proc/x --tmpfs=/proc/y --inaccessible=/proc/z --bind=:/proc/w", "")]
    public void What_goes_together_is_planned(string line, string facts)
    {
        (HostFacts host, TreeFacts tree) = With(facts);

        Assert.NotEmpty(PlanFacts.PlanOf(line, host, tree).Leader);
    }

    [Fact]
    public void A_message_stays_one_line_whatever_the_tree_is_called() =>
        Assert.Equal("/srv/a?b??c holds no OS tree", Message.OneLine("/srv/a\nb\u001b\u2028c holds no OS tree"));

    private static (HostFacts Host, TreeFacts Tree) With(string facts)
    {
        HostFacts host = PlanFacts.Host;
        TreeFacts tree = PlanFacts.Tree;
        return facts switch
        {
            "" => (host, tree),
            "no root" => (host with { IsRoot = false }, tree),
            "no bus" => (host with { HasSystemBus = false }, tree),
            "bus without machined" => (host with { HasSystemBus = true }, tree),
            "silent bus" => (PlanFacts.HostOfSystemd with { HasSystemBus = false, BusFault = "the system bus does not answer" }, tree),
            "name taken" => (PlanFacts.HostOfSystemd with { RegisteredMachines = ["web"] }, tree),
            "tree is /" => (host, tree with { Path = "/" }),
            "bin is a directory" => (host, tree with { HasMergedUsr = false }),
            "no usr" => (host, tree with { HasUsr = false }),
            "dev is a file" => (host, tree with { BlockedMountPoints = ["dev"] }),
            "fresh" => (host, PlanFacts.FreshTree with { Path = tree.Path }),
            "bad machine id" => (host, tree with { MachineId = null, MachineIdIsMalformed = true }),
            "no such user" => (host, tree with { User = null }),
            "no machine id" => (host, tree with { MachineId = null }),
            "the host's machine id" => (host, tree with { MachineId = host.MachineId, Journal = new JournalPlaces() }),
            "no journal on disk" => (host, tree with { Journal = new JournalPlaces() }),
            "links to the journal" => (host, tree with { Journal = new JournalPlaces { HostIsPersistent = true, TreeHasLinks = true } }),
            "no init" => (host, tree with { Inits = [] }),
            _ => throw new ArgumentOutOfRangeException(nameof(facts), facts, null),
        };
    }
}
