using Xunit;

namespace Nspawn.BootTests;

/// <summary>The same container whatever the host does with cgroups, and what a service manager hands over.</summary>
public sealed class HostLayoutTests
{
    /// <summary>Each in a mount namespace of its own; the first argument is the script, the rest the launcher's command line.</summary>
    [Theory]
    [InlineData("unified", "mount -t cgroup2 none /sys/fs/cgroup")]
    [InlineData("version 1 only", "umount -l /sys/fs/cgroup/unified 2>/dev/null; mountpoint -q /sys/fs/cgroup/unified && exit 9; :")]
    [InlineData("nothing", "mount -t tmpfs none /sys/fs/cgroup")]
    public void Cgroups_AnyHostLayout_CommandRunsInAGroupOfItsOwn(string layout, string preparation)
    {
        using Scratch scratch = new("trixie");
        Leftovers leftovers = Leftovers.Watch(scratch);
        Outcome outcome = Inside(preparation, scratch, "sh", "-c", "cat /proc/self/cgroup; stat -f -c %T /sys/fs/cgroup; mkdir /sys/fs/cgroup/x && echo writable");
        Assert.True(outcome.ExitStatus == 0, layout + ": " + outcome);
        Assert.Contains("0::/\n", outcome.Text.Replace("\r", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("cgroup2fs", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("writable", outcome.Text, StringComparison.Ordinal);
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("unified", "mount -t cgroup2 none /sys/fs/cgroup")]
    [InlineData("nothing", "mount -t tmpfs none /sys/fs/cgroup")]
    public void Cgroups_AnyHostLayout_DebianBoots(string layout, string preparation)
    {
        using Scratch scratch = BootReport.InjectInto(new Scratch("trixie"), BootReport.SystemState);
        Outcome outcome = Inside(preparation, scratch, "-b");
        Assert.True(outcome.ExitStatus == 0, layout + ": " + outcome);
        Assert.Contains("state=running", outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void InAContainer_ThatAllowsNoBpf_ItRunsAndSaysSo()
    {
        using Scratch outer = new("trixie");
        using Scratch inner = new("busybox");
        string directory = Path.GetDirectoryName(Launcher.Nspawn.Program)!;
        Outcome outcome = Launcher.Nspawn.Run(outer,
            ["-P", $"--bind-ro={directory}:/opt/nspawn", $"--bind={inner.Tree}:/opt/inner", "/opt/nspawn/nspawn", "-q", "-P", "-D", "/opt/inner", "sh", "-c", "echo inside; exit 4"]);
        Assert.True(outcome.ExitStatus == 4 && outcome.Text.Contains("inside", StringComparison.Ordinal), outcome.ToString());
        Assert.Contains("bpf(2) is not allowed", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void SocketActivation_DescriptorsReachThePayload()
    {
        using Scratch scratch = new("trixie");
        // What systemd does: descriptors from 3 on, and two variables that name the launcher's own process.
        string line = $"exec 3</dev/null 4</dev/zero; LISTEN_FDS=2 LISTEN_PID=$$ exec {Launcher.Nspawn.Program} -q -P -D {scratch.Tree} "
            + "sh -c 'echo $LISTEN_FDS $LISTEN_PID $(readlink /proc/self/fd/3 /proc/self/fd/4); [ ! -e /proc/self/fd/5 ] && echo no more'";
        using Command command = Command.Start("sh", ["-c", line], Launcher.CallerEnvironment);
        Outcome outcome = command.Wait(TimeSpan.FromSeconds(20));
        Assert.Equal("2 1 /dev/null /dev/zero\nno more\n", outcome.Text);
    }

    [Fact]
    public void SocketActivation_DescriptorThatWasNotPassed_IsRefused()
    {
        using Scratch scratch = new("busybox");
        string line = $"LISTEN_FDS=3 LISTEN_PID=$$ exec {Launcher.Nspawn.Program} -q -P -D {scratch.Tree} true 3</dev/null";
        Outcome outcome = Command.Run("sh", ["-c", line]);
        Assert.Equal(125, outcome.ExitStatus);
        Assert.Equal("nspawn: $LISTEN_FDS=3, but descriptor 4 was not passed\n", outcome.Error);
    }

    [Theory]
    [InlineData("proc of the pid namespace around it", "exec unshare --pid --fork --kill-child \"$0\" \"$@\"", "ok\n", "")]
    [InlineData("no proc", "umount -l /proc && exec \"$0\" \"$@\"", "", "nspawn: /proc shows nothing of this process: mount it first (mount -t proc proc /proc)\n")]
    [InlineData("no dev, closed output", "mount -t tmpfs none /dev && exec \"$0\" \"$@\" >&-", "", "nspawn: openat(/dev/null): No such file or directory\n")]
    public void Host_LacksSomething_OneLineAtMost(string host, string preparation, string output, string error)
    {
        using Scratch scratch = new("busybox");
        Outcome outcome = Inside(preparation, scratch, "-P", "echo", "ok");
        Assert.True(outcome.Text == output && outcome.Error == error, host + ": " + outcome);
    }

    [Fact]
    public void Chroot_PayloadCannotClimbOut_IsRefused()
    {
        using Scratch scratch = new("busybox");
        Leftovers leftovers = Leftovers.Watch(scratch);
        string preparation = $"mount --rbind / {scratch.Outside} && exec chroot {scratch.Outside} \"$0\" \"$@\"";
        Outcome outcome = Inside(preparation, scratch, "-M", scratch.Name, "-P", "echo", "ok");
        leftovers.AssertNone();
        Assert.True(outcome.ExitStatus == 125 && outcome.Error.Contains("chroot", StringComparison.Ordinal), outcome.ToString());
    }

    private static Outcome Inside(string preparation, Scratch scratch, params string[] arguments)
    {
        string script = $"mount --make-rprivate / && {{ {preparation}; }} && exec \"$0\" \"$@\"";
        using Command command = Command.Start(
            "unshare", ["-m", "sh", "-c", script, Launcher.Nspawn.Program, "-q", "-D", scratch.Tree, .. arguments], Launcher.CallerEnvironment);
        return command.Wait(TimeSpan.FromSeconds(60));
    }
}
