using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Users of its own together with trees that are kept as they are, and with images.</summary>
public sealed class PrivateUsersTreeTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    /// <summary>What stat(1) says in the container of files that were there and that are written.</summary>
    private const string Script = "touch /made /etc/passwd; chown 7:8 /made; stat -c '%n %u:%g' / /etc /etc/passwd /made /usr; cat /proc/self/uid_map";

    private static readonly string[] s_owners = ["/ 0:0", "/etc 0:0", "/etc/passwd 0:0", "/made 7:8", "/usr 0:0"];

    [Theory]
    [InlineData("bookworm", "-x")]
    [InlineData("trixie", "-x")]
    [InlineData("forky", "-x")]
    [InlineData("trixie", "--ephemeral=disk")]
    [InlineData("trixie", "--volatile=overlay")]
    public void Debian_IsRunning_AndTheTreeStaysAsItIs(string fixture, string option)
    {
        using Scratch scratch = BootReport.InjectInto(
            new Scratch(fixture, copied: true), BootReport.SystemState + "\ntouch /made-inside\nstat -c '%n=%u:%g' / /etc/passwd /made-inside");
        Leftovers leftovers = Leftovers.Watch(scratch);

        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", option, "-b"], s_patience);

        string[] report = BootReport.In(outcome);
        Assert.True(report.Contains("state=running"), $"{string.Join('\n', report)}\n{outcome}");
        Assert.Contains("/=0:0", report);
        Assert.Contains("/etc/passwd=0:0", report);
        Assert.Contains("/made-inside=0:0", report);
        Assert.Equal(0, outcome.ExitStatus);
        Assert.Equal((0u, 0u), Owners.Of(scratch.At("/etc/passwd")));
        Assert.False(File.Exists(scratch.At("/made-inside")));
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("-x")]
    [InlineData("--ephemeral=disk")]
    [InlineData("--volatile=overlay")]
    public void Layer_BelongsToTheContainersUsers(string option)
    {
        using Scratch scratch = new("busybox", copied: true);
        string[] before = Owners.Below(scratch.Tree);
        Leftovers leftovers = Leftovers.Watch(scratch);

        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", option, "-P", "sh", "-c", Script]);

        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Equal(s_owners, outcome.Text.Split('\n')[..5]);
        Assert.DoesNotContain("         0          0 ", outcome.Text, StringComparison.Ordinal);
        Assert.Equal(before, Owners.Below(scratch.Tree));
        leftovers.AssertNone();
    }

    [Fact]
    public void Reboot_KeepsTheRangeAndTheLayer()
    {
        using Scratch scratch = new("busybox", copied: true);
        scratch.WriteProgram(
            "/etc/init.d/local",
            "#!/bin/sh\necho range $(cat /proc/self/uid_map)\nif [ -e /once ]; then stat -c '%n %u' / /once; poweroff; else touch /once; reboot; fi\n");
        Leftovers leftovers = Leftovers.Watch(scratch);

        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", "-x", "-b"], TimeSpan.FromSeconds(60));

        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        string[] ranges = [.. outcome.Text.Split('\n').Where(line => line.StartsWith("range ", StringComparison.Ordinal))];
        Assert.Equal(2, ranges.Length);
        Assert.Equal(ranges[0], ranges[1]);
        Assert.Contains("/ 0\n/once 0\n", outcome.Text, StringComparison.Ordinal);
        Assert.False(File.Exists(scratch.At("/once")));
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("--volatile=state", "/ 0:0\n/usr 0:0\n/var 0:0\n")]
    [InlineData("--bind=:/fresh", "/ 0:0\n/usr 0:0\n/var 0:0\n/fresh 0:0\n")]
    [InlineData("--overlay=+/usr::/fresh", "/ 0:0\n/usr 0:0\n/var 0:0\n/fresh 0:0\n/fresh/bin 0:0\n")]
    public void EmptyParts_BelongToTheContainersRoot(string option, string expected)
    {
        using Scratch scratch = new("busybox", copied: true);
        Leftovers leftovers = Leftovers.Watch(scratch);

        Outcome outcome = Launcher.Nspawn.Run(
            scratch, ["-U", option, "-P", "sh", "-c", "stat -c '%n %u:%g' / /usr /var; [ ! -d /fresh ] || touch /fresh/x; for f in /fresh /fresh/bin; do [ ! -e $f ] || stat -c '%n %u:%g' $f; done"]);

        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Equal(expected, outcome.Text);
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("map")]
    [InlineData("chown")]
    public void LayersOfTheHost_HaveTheSameOwnersInside(string ownership)
    {
        using Scratch scratch = new("busybox", copied: true);
        string low = Path.Combine(scratch.Outside, "low"), up = Path.Combine(scratch.Outside, "up");
        Directory.CreateDirectory(low);
        Directory.CreateDirectory(up);
        File.WriteAllText(low + "/roots", "");
        File.WriteAllText(low + "/users", "");
        File.WriteAllText(up + "/gone", "");
        Assert.Equal(0, Syscall.chown(low + "/users", 33, 34));
        Leftovers leftovers = Leftovers.Watch(scratch);

        const string Script = "cd /mnt; stat -c '%n %u:%g' . roots users; echo x >roots; chown 7:8 users; rm gone; touch new; stat -c '%n %u:%g' roots users new";
        Outcome outcome = Launcher.Nspawn.Run(
            scratch, ["--private-users=pick", "--private-users-ownership=" + ownership, $"--overlay={low}:{up}:/mnt", $"--overlay-ro={low}:{up}:/srv", "-P", "sh", "-c", Script + "; stat -c '%u:%g' /srv /srv/users"]);

        Assert.True(outcome is { ExitStatus: 0, Error: "" }, outcome.ToString());
        Assert.Equal(". 0:0\nroots 0:0\nusers 33:34\nroots 0:0\nusers 7:8\nnew 0:0\n0:0\n7:8\n", outcome.Text);
        Assert.Equal((0u, 0u), Owners.Of(up + "/new"));
        Assert.Equal((7u, 8u), Owners.Of(up + "/users"));
        Assert.Equal((33u, 34u), Owners.Of(low + "/users"));
        Assert.Equal(["low", "up"], Directory.EnumerateFileSystemEntries(scratch.Outside).Select(path => Path.GetFileName(path)).Order());
        leftovers.AssertNone();
    }

    [Fact]
    public void UpperLayerOfTheContainersUsers_StaysTheirs_AndTheRootMayBeOne()
    {
        const uint Base = 0x70000 * 16;
        using Scratch scratch = new("busybox", copied: true);
        string theirs = Path.Combine(scratch.Outside, "theirs"), roots = Path.Combine(scratch.Outside, "roots");
        Directory.CreateDirectory(theirs);
        Directory.CreateDirectory(roots);
        Assert.Equal(0, Syscall.chown(theirs, Base, Base));

        Outcome outcome = Launcher.Nspawn.Run(
            scratch, [$"--private-users={Base}", "--private-users-ownership=map", $"--overlay={scratch.At("/etc")}:{theirs}:/mnt", $"--overlay=+/:{roots}:/", "-P", "sh", "-c", "touch /mnt/made /made; stat -c '%u' /mnt /mnt/passwd /mnt/made / /made"]);

        Assert.True(outcome is { ExitStatus: 0, Text: "0\n0\n0\n0\n0\n" }, outcome.ToString());
        Assert.Equal((Base, Base), Owners.Of(theirs + "/made"));
        Assert.Equal((0u, 0u), Owners.Of(roots + "/made"));
        Assert.False(File.Exists(scratch.At("/made")));
    }

    [Fact]
    public void LayerThatCannotBeMapped_IsOneLine()
    {
        using Scratch scratch = new("busybox", copied: true), overlay = new("busybox");

        Outcome outcome = Launcher.Nspawn.Run(
            scratch, ["-U", $"--overlay-ro={overlay.At("/etc")}:{overlay.At("/usr")}:/mnt", "-P", "sh", "-c", "stat -c %u /mnt/passwd"]);

        Assert.True(outcome is { ExitStatus: 0, Text: "65534\n" }, outcome.ToString());
        Assert.Equal(2, outcome.Error.Split('\n').Count(line => line.Contains("cannot show other owners", StringComparison.Ordinal)));
    }

    [Fact]
    public void TheMachinesOwnRoot_IsMappedAndKept()
    {
        Need.Root();
        string mark = $"/etc/nsb-{Guid.NewGuid():N}";
        Outcome outcome = Command.Run(
            Launcher.Nspawn.Program, ["-q", "-U", "-x", "-D", "/", "-P", "sh", "-c", $"stat -c '%n %u:%g' / /etc/passwd /usr; touch {mark} && id -u"]);

        Assert.True(outcome is { ExitStatus: 0, Text: "/ 0:0\n/etc/passwd 0:0\n/usr 0:0\n0\n" }, outcome.ToString());
        Assert.False(File.Exists(mark));
        Assert.Equal((0u, 0u), Owners.Of("/etc/passwd"));
    }

    [Fact]
    public void UsrAlone_StandsInARootOfTheContainers()
    {
        using Scratch scratch = new("trixie", copied: true);
        Leftovers leftovers = Leftovers.Watch(scratch);

        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", "--volatile=yes", "-P", "/usr/bin/stat", "-c", "%n %u:%g", "/", "/usr", "/usr/bin/stat", "/var"]);

        Assert.True(outcome is { ExitStatus: 0, Text: "/ 0:0\n/usr 0:0\n/usr/bin/stat 0:0\n/var 0:0\n" }, outcome.ToString());
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("ext4", "")]
    [InlineData("gpt", "")]
    [InlineData("gpt", "-x")]
    public void Image_IsMapped(string kind, string option)
    {
        using ScratchImage image = new(kind);
        Leftovers leftovers = Leftovers.Watch(image);

        Outcome outcome = image.Run([.. option.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-U", "-P", "sh", "-c", Script]);
        Outcome after = image.Run("-P", "sh", "-c", "stat -c '%n %u:%g' / /etc/passwd /made");

        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Equal(s_owners, outcome.Text.Split('\n')[..5]);
        Assert.DoesNotContain("         0          0 ", outcome.Text, StringComparison.Ordinal);
        Assert.Equal(option.Length == 0 ? "/ 0:0\n/etc/passwd 0:0\n/made 7:8\n" : "/ 0:0\n/etc/passwd 0:0\n", after.Text);
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("map")]
    [InlineData("chown")]
    public void Debian_IsRunningFromAnImage(string ownership)
    {
        using ScratchImage image = new("trixie");
        Leftovers leftovers = Leftovers.Watch(image);
        const string Report = "[Unit]\\nDescription=Reports\\n[Service]\\nExecStart=sh -c 'echo state=$(systemctl is-system-running --wait) >/dev/console; "
            + "stat -c %%n=%%u:%%g /etc/passwd /home/file >/dev/console; systemctl poweroff'\\n";
        using Command command = image.Start(
            "-U", "--private-users-ownership=" + ownership,
            "--set-credential=systemd.extra-unit.report.service:" + Report,
            "--set-credential=systemd.unit-dropin.multi-user.target:[Unit]\\nWants=report.service\\n",
            "-b", "systemd.mask=console-getty.service");
        Outcome outcome = command.Wait(s_patience);

        Assert.True(outcome.ExitStatus == 0 && outcome.Text.Contains("state=running\n", StringComparison.Ordinal), outcome.ToString());
        Assert.Contains("/etc/passwd=0:0\n/home/file=0:0\n", outcome.Text, StringComparison.Ordinal);
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("-x", "--ephemeral")]
    [InlineData("--volatile=overlay", "--volatile=overlay")]
    [InlineData("--volatile=yes", "--volatile=yes")]
    [InlineData("--read-only", "--read-only")]
    public void Chown_OfATreeThatStaysAsItIs_IsRefused(string option, string about)
    {
        using Scratch scratch = new("busybox");
        Leftovers leftovers = Leftovers.Watch(scratch);

        // Of an overlay the owners cannot be mapped, so that it would be auto's way too.
        foreach (string ownership in (string[])["chown", "auto"])
        {
            Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", $"--private-users-ownership={ownership}", option, "true"]);
            Assert.Equal(Launcher.Nspawn.ErrorStatus, outcome.ExitStatus);
            OneLine.AssertSaid(outcome.Error, about);
        }

        Assert.Equal((0u, 0u), Owners.Of(scratch.At("/etc")));
        leftovers.AssertNone();
    }
}
