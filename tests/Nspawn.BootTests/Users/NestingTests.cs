using Xunit;

namespace Nspawn.BootTests;

/// <summary>--nesting: containers in containers, each with users of its own.</summary>
public sealed class NestingTests
{
    [Theory]
    [InlineData("")]
    [InlineData("--private-network")]
    public void NspawnInNspawn_HasUsersOfItsOwnBelow(string network)
    {
        using Scratch scratch = new("trixie", copied: true);
        PutInside(scratch);
        string[] options = [.. network.Length > 0 ? (string[])[network] : []];
        Outcome outcome = Launcher.Nspawn.Run(
            scratch,
            ["-U", "--nesting", .. options, "-P", "sh", "-c", "cat /proc/self/uid_map; exec /inner/nspawn -q -U -D /inner/tree "
                + string.Join(' ', options) + " -P sh -c 'id -u; cat /proc/self/uid_map; ls /proc/1/comm; touch /x'; stat -c %u /inner/tree/x"],
            TimeSpan.FromSeconds(60));

        Assert.True(outcome is { ExitStatus: 0, Error: "" }, outcome.ToString());
        string[][] lines = [.. outcome.Text.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal(9, lines.TakeWhile(line => line.Length == 3).Count());
        string[][] delegated = lines[1..9];
        Assert.All(delegated, line => Assert.Equal(line[0], line[1]));
        Assert.Equal("0", Assert.Single(lines[9]));
        // As the container around it numbers them, its own are one of the ranges that that was given.
        Assert.Contains(lines[10][1], delegated.Select(line => line[0]));
    }

    [Fact]
    public void DebianInDebian_Boots()
    {
        using Scratch scratch = new("trixie", copied: true);
        PutInside(scratch);
        scratch.WriteProgram("/inner/tree/etc/init.d/local", "#!/bin/sh\necho the inner tree is up\npoweroff\n");
        Outcome outcome = Launcher.Nspawn.Run(
            scratch, ["-U", "--nesting", "--private-network", "-P", "/inner/nspawn", "-q", "-U", "-b", "--private-network", "-D", "/inner/tree"], TimeSpan.FromSeconds(60));

        Assert.Contains("the inner tree is up", outcome.Text, StringComparison.Ordinal);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
    }

    [Fact]
    public void WithoutIt_TheMessageNamesIt()
    {
        using Scratch scratch = new("trixie", copied: true);
        PutInside(scratch);
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", "-P", "/inner/nspawn", "-q", "-U", "-D", "/inner/tree", "true"]);

        Assert.Equal(125, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "--nesting");
    }

    [Fact]
    public void WholeProc_IsTheContainersOwnAndChangesNothingOfTheHost()
    {
        using Scratch scratch = new("busybox");
        const string Script = "cd /dev/.nspawn/proc; ls -d [0-9]* | wc -l; echo 1 >sys/kernel/panic || echo kept; echo b >sysrq-trigger || echo kept; "
            + "echo 1 >sys/vm/drop_caches || echo kept; ls ../sys | wc -l; echo 1 >../sys/kernel/uevent_seqnum || echo kept";
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", "--nesting", "--private-network", "-P", "sh", "-c", Script]);

        string[] lines = outcome.Text.Split('\n');
        Assert.True(lines is [var own, "kept", "kept", "kept", _, "kept", ""] && int.Parse(own, System.Globalization.CultureInfo.InvariantCulture) < 6, outcome.ToString());
    }

    [Theory]
    [InlineData("-x")]
    [InlineData("--private-users-ownership=map")]
    [InlineData("--read-only")]
    [InlineData("--volatile=overlay")]
    public void InnerTreeThatIsToBeSpared_KeepsItsOwnersOnDisk(string option)
    {
        using Scratch scratch = new("trixie", copied: true);
        PutInside(scratch);
        Assert.Equal(0, Mono.Unix.Native.Syscall.chown(scratch.At("/inner/tree/etc/passwd"), 33, 34));
        string[] before = Owners.Below(scratch.At("/inner/tree"));

        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", "--nesting", "-P", "/inner/nspawn", "-q", "-U", option, "-D", "/inner/tree", "true"], TimeSpan.FromSeconds(60));

        // The kernel lets nobody in a user namespace show owners of the host's file systems otherwise.
        Assert.Equal(125, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "cannot show other owners");
        Assert.Equal(before, Owners.Below(scratch.At("/inner/tree")));
    }

    [Fact]
    public void WithTheHostsIds_ItIsRefused()
    {
        using Scratch scratch = new("busybox");
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["--private-users=identity", "--nesting", "true"]);

        Assert.Equal(125, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "use -U");
    }

    [Fact]
    public void Podman_RunsAContainer()
    {
        using Scratch scratch = new("podman", copied: true);
        const string Script = "podman import -q /srv/small.tar small >/dev/null && podman run --rm --network=none --name inner small sh -c 'id -u; hostname; echo inside' && podman ps -aq";
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", "--nesting", "--private-network", "-P", "sh", "-c", Script], TimeSpan.FromSeconds(90));

        Assert.True(outcome.ExitStatus == 0 && outcome.Text.StartsWith("0\n", StringComparison.Ordinal) && outcome.Text.EndsWith("inside\n", StringComparison.Ordinal), outcome.ToString());
    }

    // The program under test, its library, and a tree for it.
    private static void PutInside(Scratch scratch)
    {
        Directory.CreateDirectory(scratch.At("/inner"));
        string from = Path.GetDirectoryName(Launcher.Nspawn.Program)!;
        foreach (string file in (string[])[Launcher.Nspawn.Program, .. Directory.GetFiles(from, "*.so")])
        {
            File.Copy(file, scratch.At("/inner/" + Path.GetFileName(file)));
        }

        Assert.Equal(0, Command.Run("cp", ["-a", Fixture.PathOf("busybox"), scratch.At("/inner/tree")]).ExitStatus);
    }
}
