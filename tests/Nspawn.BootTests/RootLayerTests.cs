using Xunit;

namespace Nspawn.BootTests;

/// <summary>--volatile, --pivot-root and overlays: what the container's root is made of.</summary>
public sealed class RootLayerTests : IDisposable
{
    private readonly Scratch _scratch = new("trixie");

    [Theory]
    [InlineData("yes")]
    [InlineData("state")]
    [InlineData("overlay")]
    public void Volatile_Boots_AndTheTreeStaysAsItIs(string mode)
    {
        // Below /usr, for with =yes nothing else is there.
        const string Unit = "/usr/lib/systemd/system/boot-report.service";
        BootReport.InjectInto(_scratch, $"{BootReport.SystemState}\nstat -f -c %T / /var; touch /written 2>/dev/null && echo writable; ls /var /etc | wc -l");
        _scratch.Write(Unit, "[Service]\nExecStart=/bin/sh /usr/lib/boot-report\n");
        _scratch.Write("/usr/lib/boot-report", File.ReadAllText(_scratch.At("/boot-report")));
        _scratch.Link("/usr/lib/systemd/system/multi-user.target.wants/boot-report.service", "../boot-report.service");
        _scratch.Link("/usr/lib/systemd/system/console-getty.service", "/dev/null");
        _scratch.Link("/usr/lib/systemd/system/systemd-firstboot.service", "/dev/null"); // it would ask
        _scratch.Remove("/etc/systemd/system/boot-report.service").Remove("/etc/systemd/system/multi-user.target.wants/boot-report.service");
        Leftovers leftovers = Leftovers.Watch(_scratch);
        string before = Listing();
        Outcome outcome = Launcher.Nspawn.Run(_scratch, [$"--volatile={mode}", "-b"], TimeSpan.FromSeconds(120));
        string[] report = BootReport.In(outcome);
        Assert.True(outcome.ExitStatus == 0 && report.Length > 3, $"{string.Join('\n', report)}\n{outcome}");
        Assert.Contains(report, line => line == (mode == "yes" ? "tmpfs" : "overlayfs"));
        Assert.Equal(mode != "state", report.Contains("writable"));
        Assert.Equal(before, Listing());
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("yes", "tmpfs tmpfs\nro /usr\nrw /\nno passwd")]
    [InlineData("state", "overlayfs tmpfs\nro /usr\nro /\npasswd")]
    [InlineData("overlay", "overlayfs overlayfs\nrw /usr\nrw /\npasswd")]
    public void Volatile_IsAsItsNameSays(string mode, string expected)
    {
        const string Script = """
            echo $(stat -f -c %T / /var)
            for d in /usr /; do if touch $d/x 2>/dev/null; then echo rw $d; else echo ro $d; fi; done
            [ -e /etc/passwd ] && echo passwd || echo no passwd
            """;
        foreach (string[] options in (string[][])[[$"--volatile={mode}"], [$"--volatile={mode}", "-x"]])
        {
            Outcome outcome = Launcher.Nspawn.Run(_scratch, [.. options, "sh", "-c", Script]);
            Assert.Equal(expected + "\n", outcome.Text);
        }

        Assert.False(File.Exists(_scratch.At("/usr/x")) || File.Exists(_scratch.At("/x")));
    }

    [Fact]
    public void VolatileYes_WithoutMergedUsr_IsOneLine()
    {
        _scratch.Remove("/bin").Write("/bin/sh", "");
        Outcome outcome = Launcher.Nspawn.Run(_scratch, ["--volatile", "true"]);
        OneLine.AssertSaid(outcome.Error, "its /bin is a directory");
    }

    [Fact]
    public void PivotRoot_MakesADirectoryOfTheTreeTheRoot()
    {
        Assert.Equal(0, Command.Run("cp", ["-a", Fixture.PathOf("busybox"), _scratch.At("/srv/inner")]).ExitStatus);
        Directory.CreateDirectory(_scratch.At("/srv/inner/old"));
        Outcome outcome = Launcher.Nspawn.Run(_scratch, ["--pivot-root=/srv/inner:/old", "sh", "-c", "ls -l /bin/sh; ls /old/usr/bin/dpkg; ls -d /srv/inner; cat /proc/1/comm"]);
        Assert.True(outcome.Text.Contains("/bin/busybox", StringComparison.Ordinal) && outcome.Text.Contains("/old/usr/bin/dpkg\n", StringComparison.Ordinal), outcome.ToString());
        OneLine.AssertSaid(Launcher.Nspawn.Run(_scratch, ["--pivot-root=/srv/inner:/none", "true"]).Error, "make that directory first");
        OneLine.AssertSaid(Launcher.Nspawn.Run(_scratch, ["--pivot-root=/none", "true"]).Error, "no such directory in the tree");
    }

    [Fact]
    public void Overlay_LastLowerIsTheUppermost_ChangesGoToTheUpper()
    {
        Leftovers leftovers = Leftovers.Watch(_scratch);
        string outside = _scratch.Outside;
        foreach ((string layer, string file) in ((string, string)[])[("a", "one"), ("a", "all"), ("b:,\\", "two"), ("b:,\\", "all"), ("up", "up")])
        {
            Directory.CreateDirectory($"{outside}/{layer}");
            File.WriteAllText($"{outside}/{layer}/{file}", layer);
        }

        Outcome outcome = Launcher.Nspawn.Run(_scratch,
            [$"--overlay={outside}/a:{outside}/b\\:,\\\\:{outside}/up:/srv/new/mnt", "sh", "-c", "cd /srv/new/mnt; ls -1; cat all; echo x >one; rm two"]);
        Assert.Equal("all\none\ntwo\nup\nb:,\\", outcome.Text);
        Assert.Equal(["one", "two", "up"], Directory.GetFileSystemEntries($"{outside}/up").Select(Path.GetFileName).Order());
        Assert.Equal("a", File.ReadAllText($"{outside}/a/one"));
        Assert.Equal(3, Directory.GetFileSystemEntries(outside).Length); // and no work directory

        outcome = Launcher.Nspawn.Run(_scratch, [$"--overlay-ro={outside}/a:{outside}/up:/mnt", "sh", "-c", "ls -1 /mnt; touch /mnt/x"]);
        Assert.StartsWith("all\none\nup\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", outcome.Text, StringComparison.Ordinal);

        outcome = Launcher.Nspawn.Run(_scratch, [$"--overlay=+/etc:{outside}/a::/mnt", "sh", "-c", "cat /mnt/one; ls /mnt/passwd; echo x >/mnt/one"]);
        Assert.Equal("a/mnt/passwd\n", outcome.Text);
        Assert.Equal("a", File.ReadAllText($"{outside}/a/one"));
        leftovers.AssertNone();
    }

    [Fact]
    public void Overlay_OnTheRoot_KeepsChangesElsewhere()
    {
        string upper = Path.Combine(_scratch.Outside, "upper");
        Directory.CreateDirectory(upper);
        Outcome outcome = Launcher.Nspawn.Run(_scratch, [$"--overlay=+/:{upper}:/", "sh", "-c", "echo x >/kept; ls -d /usr"]);
        Assert.Equal("/usr\n", outcome.Text);
        Assert.Equal("x\n", File.ReadAllText(upper + "/kept"));
        Assert.False(File.Exists(_scratch.At("/kept")));
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("../outside")]
    [InlineData("../../../../../../../../../../tmp")]
    public void Overlay_HostileLinks_StayInTheTree(string where)
    {
        _scratch.Link("/link", where);
        string before = string.Join(' ', Directory.GetFileSystemEntries(_scratch.Outside));
        Outcome outcome = Launcher.Nspawn.Run(_scratch, ["--overlay-ro=+/usr/share:+/link:/link/new", "sh", "-c", "ls -d /link/new/zoneinfo"]);
        Assert.True(outcome.ExitStatus is 0 or 125, outcome.ToString());
        Assert.Equal(before, string.Join(' ', Directory.GetFileSystemEntries(_scratch.Outside)));
        Assert.False(Directory.Exists("/tmp/new"));
    }

    [Fact]
    public void Overlay_ThatCannotBe_IsOneLine()
    {
        Leftovers leftovers = Leftovers.Watch(_scratch);
        OneLine.AssertSaid(Launcher.Nspawn.Run(_scratch, [$"--overlay={_scratch.Outside}/none:/mnt:/mnt", "true"]).Error, "--overlay=");
        OneLine.AssertSaid(Launcher.Nspawn.Run(_scratch, ["--overlay=/etc/passwd:/mnt:/mnt", "true"]).Error, "an overlay is made of directories");
        OneLine.AssertSaid(Launcher.Nspawn.Run(_scratch, ["--overlay=+/none:+/etc:/mnt", "true"]).Error, "cannot mount an overlay on /mnt (--overlay=)");
        OneLine.AssertSaid(Launcher.Nspawn.Run(_scratch, ["-x", "--overlay=+/etc:+/srv:/mnt", "true"]).Error, "cannot mount an overlay on /mnt (--overlay=)");
        leftovers.AssertNone();
    }

    [Fact]
    public void Bind_WithoutASource_IsAFreshDirectoryOnDisk()
    {
        Leftovers leftovers = Leftovers.Watch(_scratch);
        Outcome outcome = Launcher.Nspawn.Run(_scratch, ["--bind=:/srv/one", "--bind=:/srv/two", "sh", "-c", "touch /srv/one/x; ls -A /srv/one /srv/two; findmnt -no FSROOT /srv/two"]);
        Assert.Contains("/srv/one:\nx\n\n/srv/two:\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains($"/nspawn-{_scratch.Name}-", outcome.Text, StringComparison.Ordinal);
        leftovers.AssertNone();
    }

    public void Dispose() => _scratch.Dispose();

    private string Listing() => Command.Run(
        "find", [".", "-path", "./proc", "-prune", "-o", "-printf", "%p %y %m %U %G %s %n %l\\n"], workingDirectory: _scratch.Tree).Text;
}
