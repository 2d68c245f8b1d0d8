using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>A tree changes hands on disk: completely, nothing beside it, and again after an interruption.</summary>
public sealed class ChownTests
{
    private const uint Base = 1048576;

    [Fact]
    public void Everything_ChangesHandsAndBack()
    {
        using Scratch scratch = new("busybox", copied: true);
        string outside = Path.Combine(scratch.Outside, "file");
        File.WriteAllText(outside, "");
        scratch.Write("/dir/plain", "").WriteProgram("/dir/program", "#!/bin/sh\n").Link("/dir/link", outside).Link("/dir/away", scratch.Outside);
        Assert.Equal(0, Syscall.chmod(scratch.At("/dir/program"), (FilePermissions)0xded /* 06755 */));
        Assert.Equal(0, Syscall.chown(scratch.At("/dir/plain"), 1000, 65534));
        Sh($"cd {scratch.Tree}/dir && mkfifo fifo && mknod node c 1 3 && ln plain hard && touch \"$(printf 'odd\\377\\nname')\" && mkdir -m 3777 sticky");
        Sh($"setcap cap_net_raw+ep {scratch.Tree}/dir/program");
        Acl.Write(scratch.At("/dir/plain"), Acl.Access, user: 1000, group: 42);
        Acl.Write(scratch.At("/dir"), Acl.Default, user: 7, group: 65534);
        string[] before = Owners.Below(scratch.Tree);

        Outcome there = Launcher.Nspawn.Run(scratch, [$"--private-users={Base}", "--private-users-ownership=chown", "-P", "stat", "-c", "%u:%g %a", "/dir/plain", "/dir/program", "/dir/node"]);

        Assert.True(there is { ExitStatus: 0, Text: "1000:65534 444\n0:0 6755\n0:0 644\n" }, there.ToString());
        Assert.DoesNotContain(Owners.Below(scratch.Tree, "%U\n"), user => user.Length > 0 && (uint.Parse(user, System.Globalization.CultureInfo.InvariantCulture) & 0xffff0000) != Base);
        Assert.Equal((0u, 0u), Owners.Of(outside));
        Assert.Equal((0u, 0u), Owners.Of(scratch.Outside));
        Assert.Equal((Base + 1000, Base + 42), Acl.Read(scratch.At("/dir/plain"), Acl.Access));
        Assert.Equal((Base + 7, Base + 65534), Acl.Read(scratch.At("/dir"), Acl.Default));
        Assert.Contains($"[rootid={Base}]", Command.Run("getcap", ["-n", scratch.At("/dir/program")]).Text, StringComparison.Ordinal);

        Outcome back = Launcher.Nspawn.Run(scratch, ["--private-users=0", "--private-users-ownership=chown", "-P", "true"]);

        Assert.True(back.ExitStatus == 0, back.ToString());
        Assert.Equal(before, Owners.Below(scratch.Tree));
        Assert.Equal((1000u, 42u), Acl.Read(scratch.At("/dir/plain"), Acl.Access));
        Assert.DoesNotContain("rootid", Command.Run("getcap", ["-n", scratch.At("/dir/program")]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Killed_GoesOnWithTheNextStart()
    {
        using Scratch scratch = LargeTree();
        string[] modes = Owners.Below(scratch.Tree, "%P %m\n");
        using (Command launcher = Launcher.Nspawn.Start(scratch, ["-U", "--private-users-ownership=chown", "true"]))
        {
            Assert.True(SpinWait.SpinUntil(() => Owners.Of(scratch.Tree).User >= 0xfffe0000, 10_000), "it never began");
            launcher.Signal(Signum.SIGKILL);
            _ = launcher.Wait(TimeSpan.FromSeconds(10));
        }

        Assert.True(Owners.Of(scratch.Tree).User >= 0xfffe0000, "it was too quick to be killed");
        Outcome refused = Launcher.Nspawn.Run(scratch, ["true"]);
        OneLine.AssertSaid(refused.Error, "interrupted");

        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", "-P", "cat", "/proc/self/uid_map"]);

        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        (uint root, _) = Owners.Of(scratch.Tree);
        Assert.Contains($" {root} ", outcome.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Owners.Below(scratch.Tree, "%U\n"), user => user.Length > 0 && (uint.Parse(user, System.Globalization.CultureInfo.InvariantCulture) & 0xffff0000) != root);
        Assert.Empty(modes.Except(Owners.Below(scratch.Tree, "%P %m\n")));
    }

    [Fact]
    public void Interrupted_SaysSoInOneLine()
    {
        using Scratch scratch = LargeTree();
        Leftovers leftovers = Leftovers.Watch(scratch);
        using Command launcher = Launcher.Nspawn.Start(scratch, ["-U", "--private-users-ownership=chown", "true"]);
        Assert.True(SpinWait.SpinUntil(() => Owners.Of(scratch.Tree).User >= 0xfffe0000, 10_000), "it never began");
        launcher.Signal(Signum.SIGINT);
        Outcome outcome = launcher.Wait(TimeSpan.FromSeconds(10));
        OneLine.AssertSaid(outcome.Error, "interrupted");
        leftovers.AssertNone();
    }

    [Fact]
    public void RacingTree_ChangesNothingOutside()
    {
        using Scratch scratch = new("busybox", copied: true);
        string victim = Directory.CreateDirectory(Path.Combine(scratch.Outside, "victim")).FullName;
        File.WriteAllText(Path.Combine(victim, "suid"), "");
        Assert.Equal(0, Syscall.chmod(Path.Combine(victim, "suid"), (FilePermissions)0xded));
        Sh($"mkdir {scratch.Tree}/race && cd {scratch.Tree}/race && i=0; while [ $i -lt 300 ]; do mkdir d$i; touch d$i/suid; chmod 6755 d$i/suid; i=$((i+1)); done");
        // Directories that are links a moment later, and files that are.
        string script = $"cd {scratch.Tree}/race; while :; do for d in d*; do mv $d x; ln -s {victim} $d; rm $d; mv x $d; mv $d/suid $d/y; ln -s {victim}/suid $d/suid; rm $d/suid; mv $d/y $d/suid; done; done 2>/dev/null";
        using (Command racer = Command.Start("sh", ["-c", script]))
        {
            for (uint i = 1; i <= 6; i++)
            {
                Outcome outcome = Launcher.Nspawn.Run(scratch, [$"--private-users={i * 1048576}", "--private-users-ownership=chown", "-P", "true"]);
                Assert.True(outcome.ExitStatus == 0, outcome.ToString());
            }
        }

        Assert.Equal((0u, 0u), Owners.Of(victim));
        Assert.Equal((0u, 0u), Owners.Of(Path.Combine(victim, "suid")));
        Assert.Equal(0u, Owners.Of(scratch.Outside).User);
    }

    [Fact]
    public void Result_IsThatOfTheReference()
    {
        Need.Tool("systemd-nspawn");
        using Scratch own = new("trixie", copied: true);
        using Scratch theirs = new("trixie", copied: true);
        string[] options = [$"--private-users={Base}", "--private-users-ownership=chown", "true"];

        Assert.Equal(0, Launcher.Nspawn.Run(own, options).ExitStatus);
        Assert.Equal(0, Launcher.Reference.Run(theirs, options).ExitStatus);

        string[] ownOwners = Owners.Below(own.Tree), theirOwners = Owners.Below(theirs.Tree);
        Assert.Empty(ownOwners.Except(theirOwners));
    }

    /// <summary>So many files that it is not through before the signal comes, whoever else has the processors.</summary>
    private static Scratch LargeTree()
    {
        Scratch scratch = new("busybox", copied: true);
        Sh($"mkdir {scratch.Tree}/many && cd {scratch.Tree}/many && seq 20 | xargs mkdir && for d in *; do seq -f $d/%g 5000; done | xargs touch && chmod 6755 */1 */2");
        return scratch;
    }

    private static void Sh(string script)
    {
        Outcome outcome = Command.Run("sh", ["-e", "-c", script]);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
    }
}
