using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class KnownCausesTests
{
    private static readonly LaunchTraits s_sharing = new(SharesNetwork: true);

    private static BootReport Report(params UnitReport[] units) => new()
    {
        Verdict = Verdict.FailedUnits,
        Summary = "",
        Image = "tree",
        Machine = "m",
        Started = DateTimeOffset.UnixEpoch,
        Duration = TimeSpan.Zero,
        Kernel = "",
        Nspawn = "",
        Units = [.. units],
    };

    private static UnitReport Failed(string name, params string[] journal) => new() { Name = name, ActiveState = "failed", Journal = [.. journal] };

    [Theory]
    [InlineData("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)", "--private-network")]
    [InlineData("listen EADDRINUSE: :::3000", "--private-network")]
    [InlineData("Failed to create inotify instance: Too many open files", "max_user_instances")]
    [InlineData("inotify_init() failed: EMFILE", "max_user_instances")]
    [InlineData("Failed to allocate directory watch: Too many open files", "max_user_instances")]
    [InlineData("inotify_add_watch(/etc): No space left on device", "max_user_watches")]
    [InlineData("The user limit on the total number of inotify watches was reached: ENOSPC inotify", "max_user_watches")]
    [InlineData("failed to find memory cgroup (v2)", "nspawn doctor")]
    [InlineData("Error: required cgroup controllers missing", "nspawn doctor")]
    [InlineData("mount: /data: special device /dev/disk/by-label/data does not exist.", "mask the unit")]
    [InlineData("mount: /data: fsconfig() failed: /dev/disk/by-label/data: Can't lookup blockdev.", "mask the unit")]
    [InlineData("Timed out waiting for device dev-sda2.device - /dev/sda2.", "/etc/fstab")]
    [InlineData("dev-sda2.device: Job dev-sda2.device/start timed out.", "/etc/fstab")]
    public void A_line_of_the_journal_tells(string line, string remedy)
    {
        Cause cause = Assert.Single(KnownCauses.Of(Report(Failed("one.service", "before", line, "after")), s_sharing));

        Assert.Contains(remedy, cause.Remedy);
    }

    [Theory]
    [InlineData("Main process exited, code=exited, status=1/FAILURE")]
    [InlineData("open(/var/lib/x): Too many open files")]
    [InlineData("write: No space left on device")]
    [InlineData("the game controller is missing its battery cover, which is not about control groups, and this line goes on for long")]
    public void Other_lines_do_not(string line) => Assert.Empty(KnownCauses.Of(Report(Failed("one.service", line)), s_sharing));

    [Fact]
    public void A_machine_with_a_network_of_its_own_has_the_port_for_itself() =>
        Assert.Empty(KnownCauses.Of(Report(Failed("one.service", "bind: Address already in use")), new LaunchTraits(SharesNetwork: false)));

    [Fact]
    public void Only_units_that_matter_are_looked_at()
    {
        UnitReport active = Failed("one.service", "bind: Address already in use") with { ActiveState = "active" };
        UnitReport allowed = Failed("two.service", "bind: Address already in use") with { MayFail = true };

        Assert.Empty(KnownCauses.Of(Report(active, allowed), s_sharing));
        Assert.Single(KnownCauses.Of(Report(active) with { Jobs = [new JobReport("one.service", "start", "running")] }, s_sharing));
    }

    [Fact]
    public void A_device_that_is_waited_for_is_named() => Assert.StartsWith(
        "dev-sdb.device is waited for",
        Assert.Single(KnownCauses.Of(Report() with { Verdict = Verdict.TimedOut, Jobs = [new JobReport("dev-sdb.device", "start", "running")] }, s_sharing)).Text);

    [Theory]
    [InlineData("-- Press any key to proceed --")]
    [InlineData("Please enter system locale name or number (empty to skip):")]
    [InlineData("‣ Please enter the new root password (empty to skip):")]
    public void A_prompt_on_the_console_holds_a_first_boot_up(string line)
    {
        BootReport waiting = Report() with { Verdict = Verdict.TimedOut, ConsoleTail = ["Welcome", line] };

        Assert.Contains("firstboot", Assert.Single(KnownCauses.Of(waiting, s_sharing)).Remedy);
        Assert.Empty(KnownCauses.Of(waiting with { Verdict = Verdict.Passed }, s_sharing));
    }

    [Fact]
    public void Who_waits_for_a_link_waits_in_vain() => Assert.Contains(
        "--network-veth", Assert.Single(KnownCauses.Of(Report(Failed("systemd-networkd-wait-online.service")), s_sharing)).Remedy);

    [Fact]
    public void Memory_that_is_short_is_told_by_the_result() => Assert.Contains(
        "MemoryMax", Assert.Single(KnownCauses.Of(Report(Failed("big.service") with { Result = "oom-kill" }), s_sharing)).Remedy);
}
