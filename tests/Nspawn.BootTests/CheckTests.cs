using System.Diagnostics;
using System.Text.Json;
using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>nspawn check on real trees: what it says is what a boot shows, and it changes nothing.</summary>
public sealed class CheckTests
{
    /// <summary>As they come from the distribution's packages nothing is wrong with them.</summary>
    [Theory]
    [InlineData("bookworm", 252, "no-login setuid-files")]
    [InlineData("trixie", 257, "no-login setuid-files")]
    [InlineData("forky", 262, "no-login setuid-files")]
    [InlineData("sysvinit", null, "no-login setuid-files")]
    [InlineData("busybox", null, "no-login not-usr-merged")]
    public void Fixture_HasWhatItIsKnownFor(string fixture, int? systemd, string ids)
    {
        Need.Root();
        JsonElement report = Report(Fixture.PathOf(fixture), 0);

        Assert.Equal(ids.Split(' '), Ids(report));
        Assert.Equal(systemd, report.TryGetProperty("systemdVersion", out JsonElement version) && version.ValueKind == JsonValueKind.Number ? version.GetInt32() : null);
        Assert.Equal(0, Launcher.Nspawn.RunBare(["check", "--strict", Fixture.PathOf(fixture)]).ExitStatus);
    }

    /// <summary>Units that the check says are not started, or fail, are just those that a boot does not start.</summary>
    [Fact]
    public void Findings_AreWhatABootShows()
    {
        using Scratch scratch = new("trixie");
        _ = scratch.Write("/etc/fstab", "UUID=0123-4567 / ext4 errors=remount-ro 0 1\nLABEL=data /srv/data ext4 defaults 0 2\n/dev/sdz1 none swap sw\n")
            .Link("/etc/systemd/system/getty.target.wants/serial-getty@ttyS0.service", "/usr/lib/systemd/system/serial-getty@.service")
            .Write("/etc/systemd/system/broken.service", "[Service]\nExecStart=/usr/bin/no-such\n")
            .Write("/etc/systemd/system/skipped.service", "[Unit]\nConditionVirtualization=!container\n[Service]\nExecStart=/usr/bin/no-such\n")
            .Link("/etc/systemd/system/multi-user.target.wants/broken.service", "../broken.service")
            .Link("/etc/systemd/system/multi-user.target.wants/skipped.service", "../skipped.service")
            .Link("/etc/systemd/system/multi-user.target.wants/gone.service", "../gone.service")
            .Write("/etc/systemd/system/tell.service", "[Unit]\nAfter=multi-user.target\n[Service]\nType=oneshot\nExecStart=/bin/sh -c 'systemctl --failed --plain --no-legend | cut -d\" \" -f1 | sort >/failed; systemctl is-active serial-getty@ttyS0 >>/failed; mountpoint -q /srv/data || echo unmounted >>/failed; systemctl --no-block poweroff'\n")
            .Link("/etc/systemd/system/multi-user.target.wants/tell.service", "../tell.service");

        Assert.Equal(["fstab-ignored", "fstab-ignored", "fstab-root", "no-login", "setuid-files", "unit-missing", "unit-needs-device", "unit-program-missing"],
            Ids(Report(scratch.Tree, 0)));
        Outcome boot = Launcher.Nspawn.Run(scratch, ["-b"], TimeSpan.FromSeconds(90));
        Assert.True(boot.ExitStatus == 0, boot.ToString());
        Assert.Equal("broken.service\nsystemd-remount-fs.service\ninactive\nunmounted\n", File.ReadAllText(scratch.At("/failed")));
        Assert.Equal(1, Launcher.Nspawn.RunBare(["check", "--strict", scratch.Tree]).ExitStatus);
    }

    [Theory]
    [InlineData("trixie.raw")]
    [InlineData("trixie-squashfs.raw")]
    public void AnImage_IsLookedIntoAsATreeIs(string name)
    {
        Need.Root();
        string image = Path.Combine(Fixture.PathOf("images"), name);
        Outcome outcome = Launcher.Nspawn.RunBare(["check", image], TimeSpan.FromSeconds(60));
        Assert.StartsWith($"{image}: Debian GNU/Linux 13 (trixie), systemd 257", outcome.Text, StringComparison.Ordinal);
        Assert.Equal(0, outcome.ExitStatus);
        Assert.DoesNotContain(image, Command.Run("losetup", ["-a"]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_IsPlainAndAnErrorFails()
    {
        using Scratch scratch = new("trixie");
        _ = scratch.Remove("/usr/lib/systemd/systemd").Remove("/usr/sbin/init").Write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
            .Write("/etc/ssh/ssh_host_rsa_key", "secret");
        Outcome outcome = Launcher.Nspawn.RunBare(["check", scratch.Tree]);

        Assert.True(outcome.ExitStatus == 1 && outcome.Error.Length == 0, outcome.ToString());
        Assert.Matches(@"(?s)^\S+: Debian GNU/Linux 13 \(trixie\), systemd 257, [0-9,]+ files, \d+ MiB\n\nErrors:\n  init-missing .*\n\nWarnings:\n  machine-id-shipped .*  ssh-host-keys .*\n\nNotes:\n.*\n\n1 error, 2 warnings, 2 notes\n$", outcome.Text);
    }

    [Fact]
    public void Terminal_GetsColoursAndAPipeNone()
    {
        using Scratch scratch = new("busybox");
        using Command command = Command.Start("script", ["-q", "-e", "-c", $"TERM=xterm {Launcher.Nspawn.Program} check {scratch.Tree}", "/dev/null"], Launcher.CallerEnvironment);

        Assert.Contains("\e[1;34mNotes", command.Wait(TimeSpan.FromSeconds(20)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', Launcher.Nspawn.RunBare(["check", scratch.Tree]).Text);
    }

    /// <summary>Names, kinds, owners, times: nothing of the tree is another than before.</summary>
    [Fact]
    public void Tree_IsNotTouched()
    {
        using Scratch scratch = new("trixie");
        Leftovers leftovers = Leftovers.Watch(scratch);
        string State() => Command.Run("sh", ["-c", $"find {scratch.Tree} -printf '%p %y %m %U %G %T@ %C@ %l\\n' | sort | sha256sum"]).Text;
        string before = State();

        Assert.Equal(0, Launcher.Nspawn.RunBare(["check", scratch.Tree]).ExitStatus);
        Assert.Equal(before, State());
        leftovers.AssertNone();
    }

    /// <summary>FIFOs, devices, links out, links in a ring, a folder 400 deep, another file system: nobody waits, nothing outside is read.</summary>
    [Fact]
    public void HostileTree_IsJudged()
    {
        using Scratch scratch = new("busybox");
        foreach (string path in (string[])["/etc/os-release", "/etc/fstab", "/etc/hostname"])
        {
            _ = scratch.Remove(path);
            Assert.Equal(0, Syscall.mknod(scratch.At(path), FilePermissions.S_IFIFO | FilePermissions.S_IRUSR, 0));
        }

        File.WriteAllText(Path.Combine(scratch.Outside, "secret"), "0123456789abcdef0123456789abcdef\n");
        _ = scratch.Link("/etc/machine-id", scratch.Outside + "/secret").Link("/etc/resolv.conf", "/etc/resolv.conf").Link("/sbin/init", "../../../../../../bin/sh");
        Assert.Equal(0, Command.Run("sh", ["-c", "i=0; while [ $i -lt 400 ]; do mkdir d && cd d || exit; i=$((i+1)); done"], workingDirectory: scratch.Tree).ExitStatus);
        Assert.Equal(0, Command.Run("mount", ["-t", "tmpfs", scratch.Name, scratch.At("/root")]).ExitStatus);
        try
        {
            Assert.Equal(0, Command.Run("sh", ["-c", "touch 1 2 3; chown 9999999 *"], workingDirectory: scratch.At("/root")).ExitStatus);
            JsonElement report = Report(scratch.Tree, 0);

            Assert.Equal(["no-login", "not-all-read", "not-usr-merged", "resolv-conf-dangling"], Ids(report));
            Assert.DoesNotContain("0123456789abcdef", report.GetRawText(), StringComparison.Ordinal);
        }
        finally
        {
            Assert.Equal(0, Command.Run("umount", [scratch.At("/root")]).ExitStatus);
        }
    }

    [Fact]
    public void OrdinaryUser_IsToldWhatWasNotSeen()
    {
        using Scratch scratch = new("trixie");
        Outcome outcome = Command.Run("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", Launcher.Nspawn.Program, "check", "--json", scratch.Tree]);

        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Equal(["not-all-read", "setuid-files"], Ids(JsonDocument.Parse(outcome.Output).RootElement));
    }

    [Theory]
    [InlineData("no tree at", "check", "/no/such/tree")]
    [InlineData("it is no disk image", "check", "/etc/hostname")]
    [InlineData("is not a directory", "check", "/dev/null")]
    [InlineData("check takes one TREE", "check")]
    [InlineData("unrecognized option '--boot'", "check", "--boot", "/")]
    public void Refusal_IsOneLine(string about, params string[] arguments)
    {
        Outcome outcome = Launcher.Nspawn.RunBare(arguments);

        Assert.Equal(125, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, about);
    }

    /// <summary>A tree of 250 MB, its inodes cached, well below the second that is promised; other tests run beside.</summary>
    [Fact]
    public void Check_TakesNoTime()
    {
        Need.Root();
        string tree = Fixture.PathOf("bookworm");
        _ = Report(tree, 0);
        Stopwatch clock = Stopwatch.StartNew();
        _ = Report(tree, 0);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"{clock.Elapsed}");
    }

    private static JsonElement Report(string tree, int exitStatus)
    {
        Outcome outcome = Launcher.Nspawn.RunBare(["check", "--json", tree]);
        Assert.True(outcome.ExitStatus == exitStatus && outcome.Error.Length == 0, outcome.ToString());
        return JsonDocument.Parse(outcome.Output).RootElement;
    }

    private static IEnumerable<string> Ids(JsonElement report) =>
        report.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("id").GetString()!).Order(StringComparer.Ordinal);
}
