using System.Globalization;
using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>--ephemeral: what is written to a tree is there while the container runs, and not in the tree.</summary>
public sealed class EphemeralTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Scratch _scratch = new("busybox");

    [Theory]
    [InlineData("-x")]
    [InlineData("--ephemeral=memory")]
    [InlineData("--ephemeral=disk")]
    public void WhatIsWritten_IsNotInTheTree(string option)
    {
        Leftovers leftovers = Leftovers.Watch(_scratch);
        // No overlay itself: of files with several names the kernel keeps track on other file systems only.
        string tree = Path.Combine(_scratch.Outside, "plain");
        const string Script = "cp -a $1 $2; cd $2; mkdir srv; echo -n old >srv/one; touch srv/gone; ln srv/one srv/other-name";
        Assert.Equal(0, Command.Run("sh", ["-ec", Script, "sh", Fixture.PathOf("busybox"), tree]).ExitStatus);
        string before = Listing(tree);
        Outcome outcome = Launcher.Nspawn.RunBare(
        [
            "-q", option, "-M", _scratch.Name, "-D", tree, "sh", "-c",
            "rm /srv/gone; echo -n new >/srv/one; cat /srv/other-name; mv /srv /moved; chown -R 7:7 /moved; stat -c ' %u' /moved/one; stat -c '%a %u' /",
        ]);
        Assert.Equal("new 7\n755 0\n", outcome.Text);
        Assert.Equal(before, Listing(tree));
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("bookworm", "-x")]
    [InlineData("trixie", "-x")]
    [InlineData("forky", "-x")]
    [InlineData("trixie", "--ephemeral=disk")]
    public void Boot_IsRunning_AndTheTreeStaysAsItIs(string fixture, string option)
    {
        using Scratch tree = BootReport.InjectInto(new Scratch(fixture), BootReport.SystemState);
        tree.Write("/etc/machine-id", "");
        Leftovers leftovers = Leftovers.Watch(tree);
        Outcome outcome = Launcher.Nspawn.Run(tree, [option, "-b"], TimeSpan.FromSeconds(120));
        string[] report = BootReport.In(outcome);
        Assert.True(report.Contains("state=running"), $"{string.Join('\n', report)}\n{outcome}");
        Assert.Equal(0, outcome.ExitStatus);
        Assert.Equal("", File.ReadAllText(tree.At("/etc/machine-id")));
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("-x")]
    [InlineData("--ephemeral=disk")]
    public void Reboot_FindsWhatWasWritten(string option)
    {
        using Scratch tree = BootReport.InjectInto(
            new Scratch("trixie"),
            "if [ -e /booted ]; then echo second; else echo first; fi",
            ending: "if [ -e /booted ]; then systemctl poweroff; else touch /booted; systemctl reboot; fi");
        Leftovers leftovers = Leftovers.Watch(tree);
        Outcome outcome = Launcher.Nspawn.Run(tree, [option, "-b"], TimeSpan.FromSeconds(120));
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Contains("\nfirst\n", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("\nsecond\n", outcome.Text, StringComparison.Ordinal);
        Assert.False(File.Exists(tree.At("/booted")));
        leftovers.AssertNone();
    }

    [Fact]
    public void TwentyAtOnce_EachHasItsOwn()
    {
        const string Script = "echo $1 >/who; hostname; touch /tmp/up; sleep 1; cat /who";
        Command[] all = [.. Enumerable.Range(0, 20).Select(i => Command.Start(Launcher.Nspawn.Program,
            ["-q", i % 2 == 0 ? "-x" : "--ephemeral=disk", "-D", _scratch.Tree, "sh", "-c", Script, "sh", $"run-{i}"], Launcher.CallerEnvironment))];
        HashSet<string> names = [];
        for (int i = 0; i < all.Length; i++)
        {
            Outcome outcome = all[i].Wait(s_patience);
            string[] lines = outcome.Text.Split('\n');
            Assert.True(outcome.ExitStatus == 0 && lines[1] == $"run-{i}", outcome.ToString());
            Assert.Matches("^tree-[0-9a-f]{16}$", lines[0]);
            Assert.True(names.Add(lines[0]));
            all[i].Dispose();
        }

        Assert.False(File.Exists(_scratch.At("/who")));
    }

    [Fact]
    public void WhatIsMountedInTheTree_HasALayerToo()
    {
        string inside = _scratch.At("/srv/a b");
        Directory.CreateDirectory(inside);
        Assert.Equal(0, Command.Run("mount", ["-t", "tmpfs", "inside", inside]).ExitStatus);
        try
        {
            File.WriteAllText(inside + "/file", "below");
            Outcome outcome = Launcher.Nspawn.Run(_scratch, ["-x", "sh", "-c", "cat '/srv/a b/file'; echo -n ' new' >'/srv/a b/file'; cat '/srv/a b/file'"]);
            Assert.Equal("below new", outcome.Text);
            Assert.Equal("below", File.ReadAllText(inside + "/file"));
        }
        finally
        {
            Assert.Equal(0, Command.Run("umount", [inside]).ExitStatus);
        }
    }

    [Fact]
    public void HostRoot_IsTheTree_AndNothingElseOfTheHostIsSeen()
    {
        string marker = "/etc/" + _scratch.Name;
        Outcome outcome = Launcher.Nspawn.RunBare(
            ["-q", "-x", "-D", "/", "sh", "-c", $"ls -A /run /tmp | sort; ls -d /proc/[0-9]*/ | wc -l; touch {marker} && echo written"]);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.False(File.Exists(marker));
        string[] lines = outcome.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("written", lines[^1]);
        Assert.InRange(int.Parse(lines[^2], CultureInfo.InvariantCulture), 1, 5);
        Assert.Equal(["/run:", "/tmp:", "host"], lines[..^2]);
    }

    [Fact]
    public void Sigkill_AtRandomMoments_LeavesNothing()
    {
        Leftovers leftovers = Leftovers.Watch(_scratch);
        Random random = new(4711);
        for (int i = 0; i < 20; i++)
        {
            using Command launcher = Launcher.Nspawn.Start(_scratch, ["--ephemeral=disk", "sh", "-c", "while :; do mkdir -p /a/b; echo x >/a/b/$$; done"]);
            Thread.Sleep(random.Next(60));
            launcher.Signal(Signum.SIGKILL);
            launcher.Wait(s_patience);
        }

        leftovers.AssertNone();
    }

    [Fact]
    public void ADirectoryThatAPayloadMadeHardToRemove_IsRemoved()
    {
        using Scratch tree = new("trixie");
        Leftovers leftovers = Leftovers.Watch(tree);
        const string Script = """
            i=0; while [ $i -lt 600 ]; do mkdir long-name-of-a-directory && cd long-name-of-a-directory && i=$((i + 1)); done
            cd /; printf x >"$(printf 'not-utf8-\\377')"; mkdir shut; touch shut/file; chmod 0 shut; chattr +i shut/file shut 2>/dev/null; echo done
            """;
        Outcome outcome = Launcher.Nspawn.Run(tree, ["--ephemeral=disk", "--capability=CAP_LINUX_IMMUTABLE", "bash", "-c", Script], s_patience);
        Assert.True(outcome.Text == "done\n", outcome.ToString());
        leftovers.AssertNone();
    }

    [Fact]
    public void AnotherMayNotWriteMeanwhile()
    {
        using Command launcher = Launcher.Nspawn.Start(_scratch, ["-x", "sh", "-c", "echo up; sleep 60"]);
        Assert.True(launcher.WaitForOutput("up", s_patience), launcher.OutputSoFar);
        Outcome outcome = Launcher.Nspawn.Run(_scratch, ["true"]);
        OneLine.AssertSaid(outcome.Error, "is in use by another container that only reads it");
        launcher.Signal(Signum.SIGKILL);
        launcher.Wait(s_patience);
    }

    [Fact]
    public void AStackOfOverlays_IsOneLine()
    {
        Leftovers leftovers = Leftovers.Watch(_scratch);
        string top = Path.Combine(_scratch.Outside, "top");
        Directory.CreateDirectory(top);
        Assert.Equal(0, Command.Run("mount", ["-t", "overlay", "-o", $"lowerdir={_scratch.Tree}:{_scratch.Outside}", "top", top]).ExitStatus);
        Outcome outcome = Launcher.Nspawn.RunBare(["-q", "-x", "-M", _scratch.Name, "-D", top, "true"]);
        Assert.Equal(0, Command.Run("umount", [top]).ExitStatus);
        Assert.Equal(Launcher.Nspawn.ErrorStatus, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "the kernel stacks no more than two");
        leftovers.AssertNone();
    }

    [Fact]
    public void ADiskThatIsFull_IsOneLine_AndSoIsOneThatCannotBeWritten()
    {
        string small = Path.Combine(_scratch.Outside, "small");
        Directory.CreateDirectory(small);
        Assert.Equal(0, Command.Run("mount", ["-t", "tmpfs", "-o", "nr_inodes=4", "small", small]).ExitStatus);
        Outcome full = WithTemporary(small);
        Assert.Equal(0, Command.Run("mount", ["-o", "remount,ro", small]).ExitStatus);
        string[] left = Directory.GetFileSystemEntries(small);
        Outcome readOnly = WithTemporary(small);
        Assert.Equal(0, Command.Run("umount", [small]).ExitStatus);
        Assert.Empty(left);
        OneLine.AssertSaid(full.Error, "No space left on device");
        OneLine.AssertSaid(readOnly.Error, "Read-only file system");
        OneLine.AssertSaid(WithTemporary(small + "/none").Error, "No such file or directory");
    }

    [Fact]
    public void WhatAPowerFailureLeft_CleanupRemoves()
    {
        string[] stale = [$"/var/tmp/nspawn-{_scratch.Name}-0123abcd", $"/var/tmp/nspawn-{_scratch.Name}-0123456789abcdef-0123abcd"];
        string other = $"/var/tmp/nspawn-{_scratch.Name}x-0123abcd";
        foreach (string directory in (string[])[.. stale, other])
        {
            Directory.CreateDirectory(directory + "/root/0/upper/etc");
        }

        using Command launcher = Launcher.Nspawn.Start(_scratch, ["--ephemeral=disk", "sh", "-c", "echo up; sleep 60"]);
        Assert.True(launcher.WaitForOutput("up", s_patience), launcher.OutputSoFar);
        Assert.Equal(0, Launcher.Nspawn.RunBare(["--cleanup", "-M", _scratch.Name]).ExitStatus);
        string[] left = [.. Directory.GetDirectories("/var/tmp", $"nspawn-{_scratch.Name}*")];
        Directory.Delete(other, recursive: true);
        launcher.Signal(Signum.SIGKILL);
        launcher.Wait(s_patience);
        Assert.Equal(2, left.Length); // another machine's, and that of the run that lives
        Assert.Contains(other, left);
    }

    public void Dispose() => _scratch.Dispose();

    private Outcome WithTemporary(string path) => Command.Run(
        "env", [$"TMPDIR={path}", Launcher.Nspawn.Program, "-q", "--ephemeral=disk", "-M", _scratch.Name, "-D", _scratch.Tree, "true"]);

    private static string Listing(string tree) => Command.Run(
        "find", [".", "-path", "./proc", "-prune", "-o", "-printf", "%p %y %m %U %G %s %n %l\\n"], workingDirectory: tree).Text;
}
