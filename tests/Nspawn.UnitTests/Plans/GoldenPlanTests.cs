using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>Whole plans as JSON. NSPAWN_WRITE_GOLDEN=1 writes them anew: what changed is then read in the diff.</summary>
public class GoldenPlanTests
{
    [Theory]
    [InlineData("boot", "-D /srv/debian -b systemd.unit=rescue.target")]
    [InlineData("boot-private-network", "-D /srv/debian -b --private-network -M web.example --hostname=web")]
    [InlineData("boot-zone", "-D /srv/debian -b -M web --network-zone=lan --network-veth-extra=more:eth1 --port=8080:80 --port=udp:53")]
    [InlineData("boot-read-only", "-D /srv/debian -b --read-only")]
    [InlineData("command", "-D /srv/debian -E FOO=bar --chdir=/srv ls -l /")]
    [InlineData("command-as-pid2", "-D /srv/debian --as-pid2 sleep 1")]
    [InlineData("command-pipe", "-D /srv/debian --pipe /bin/cat")]
    [InlineData("mounts", "-D /srv/debian --bind=/srv/data --bind-ro=/srv/conf:/etc/conf --bind=+/opt:/mnt:norbind --bind=:/scratch --bind=/dev/kvm --tmpfs=/var/cache:size=1m --inaccessible=/etc/shadow --tmpfs=/proc/acpi -b")]
    [InlineData("credentials", "-D /srv/debian -b --set-credential=a:secret --load-credential=b:/srv/b")]
    [InlineData("resources", "-D /srv/debian --rlimit=NOFILE=1024:infinity --rlimit=CORE=0 --cpu-affinity=0-1,3 --oom-score-adjust=500 --personality=x86 true")]
    [InlineData("capabilities", "-D /srv/debian --capability=CAP_NET_ADMIN --drop-capability=CAP_SYS_ADMIN --system-call-filter=@clock --system-call-filter=~mount --suppress-sync=yes true")]
    [InlineData("overlays", "-D /srv/debian --overlay=/srv/data:+/opt:/srv/data:/mnt --overlay-ro=/srv/data:+/etc --overlay=+/usr::/var/x -b")]
    [InlineData("volatile", "-D /srv/debian --volatile -b")]
    [InlineData("volatile-state", "-D /srv/debian --volatile=state -b")]
    [InlineData("volatile-overlay", "-D /srv/debian --volatile=overlay --pivot-root=/inner:/old true")]
    [InlineData("ephemeral", "-D /srv/debian -b -x")]
    [InlineData("ephemeral-disk", "-D /srv/debian --ephemeral=disk -M web true")]
    [InlineData("boot-users", "-D /srv/debian -b -U --bind=/srv/data:/data:rootidmap --tmpfs=/scratch:uid=1000,mode=0700 --oom-score-adjust=-100")]
    [InlineData("boot-users-network", "-D /srv/debian -b --private-users=1048576:100000 --private-users-ownership=map --private-network")]
    [InlineData("boot-users-nesting", "-D /srv/debian -b -U --nesting --private-network")]
    [InlineData("command-users-chown", "-D /srv/debian --private-users=pick --private-users-ownership=chown true")]
    public void Plan_is_the_golden_file(string name, string line) => IsGolden(name, PlanFacts.PlanOf(line));

    [Theory]
    [InlineData("boot-registered", "-D /srv/debian -b -M web --bind=/dev/kvm --property=MemoryMax=1G --property=CPUQuota=50% --slice=web")]
    [InlineData("boot-keep-unit", "-D /srv/debian -b -M web --keep-unit")]
    public void Plan_on_a_systemd_host_is_the_golden_file(string name, string line) =>
        IsGolden(name, PlanFacts.PlanOf(line, PlanFacts.HostOfSystemd));

    [Theory]
    [InlineData("rootless-boot", "-D /srv/debian -b --private-network")]
    [InlineData("rootless-command", "-D /srv/debian -x true")]
    public void Plan_of_an_ordinary_user_is_the_golden_file(string name, string line) =>
        IsGolden(name, PlanFacts.PlanOf(line, PlanFacts.RootlessHost));

    [Fact]
    public void Plan_of_a_login_shell_on_a_terminal_is_the_golden_file() =>
        IsGolden("login-shell", PlanFacts.PlanOf("-D /srv/debian", PlanFacts.HostWithTerminal));

    [Fact]
    public void Plan_for_another_user_is_the_golden_file() => IsGolden("user", PlanFacts.PlanOf(
        "-D /srv/debian --uid=joe --ambient-capability=CAP_NET_RAW --no-new-privileges=yes --set-credential=a:b id",
        tree: PlanFacts.Tree with { User = PlanFacts.Joe }));

    [Theory]
    [InlineData("link-journal-host", "-D /srv/debian -b --link-journal=host")]
    [InlineData("link-journal-guest", "-D /srv/debian -b -j")]
    public void Plan_with_a_journal_on_the_host_is_the_golden_file(string name, string line) =>
        IsGolden(name, PlanFacts.PlanOf(line, tree: PlanFacts.Tree with { Journal = new JournalPlaces { HostIsPersistent = true } }));

    [Fact]
    public void Plan_for_a_read_only_image_is_the_golden_file() =>
        IsGolden("read-only-image", PlanFacts.PlanOf("-M debian true", tree: PlanFacts.Tree with { Path = "/usr/lib/machines/debian", IsReadOnlyImage = true }));

    [Fact]
    public void Plan_of_a_disk_image_is_the_golden_file() =>
        IsGolden("image", PlanFacts.PlanOf("-i /srv/debian.raw -b", tree: PlanFacts.TreeInImage));

    [Fact]
    public void Plan_with_a_fresh_tree_is_the_golden_file() =>
        IsGolden("fresh-tree", PlanFacts.PlanOf("-D /srv/debian /bin/true", tree: PlanFacts.FreshTree));

    private static void IsGolden(string name, Plan plan)
    {
        string json = PlanJson.Of(plan) + "\n";

        Assert.Equal(Repository.Golden($"plans/{name}.json", json), json);
    }
}
