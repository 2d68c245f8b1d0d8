using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Two containers that exclude each other, of this launcher and of systemd-nspawn, in both directions.</summary>
public sealed class TreeLockTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly string[] s_payload = ["sh", "-c", "echo up; until [ -e /stop ]; do sleep 0.05; done"];

    private readonly Scratch _scratch = new("busybox");

    public static TheoryData<string, string, bool, bool, bool> Pairs
    {
        get
        {
            TheoryData<string, string, bool, bool, bool> pairs = [];
            foreach ((string holder, string comer) in ((string, string)[])[("ours", "ours"), ("ours", "theirs"), ("theirs", "ours")])
            {
                pairs.Add(holder, comer, false, false, false);
                pairs.Add(holder, comer, false, true, false);
                pairs.Add(holder, comer, true, false, false);
                pairs.Add(holder, comer, true, true, true);
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void OnlyReadersShareATree(string holder, string comer, bool holderReads, bool comerReads, bool together)
    {
        Launcher first = LauncherOf(holder), second = LauncherOf(comer);
        string[] local = LockFiles();
        using Command holding = first.Start(_scratch, [.. Options("holder", holderReads), .. s_payload]);
        Assert.True(holding.WaitForOutput("up", s_patience), holding.OutputSoFar);
        Assert.NotEmpty(LockFiles());

        Outcome coming = second.Run(_scratch, [.. Options("comer", comerReads), "true"], s_patience);
        Assert.True(coming.ExitStatus == (together ? 0 : second.ErrorStatus), coming.ToString());
        if (!together && comer == "ours")
        {
            OneLine.AssertSaid(coming.Error, $"the tree {_scratch.Tree} is in use by another container");
            Assert.Equal(holderReads, coming.Error.Contains("use --read-only", StringComparison.Ordinal));
        }

        _scratch.Write("/stop", "");
        Assert.Equal(0, holding.Wait(s_patience).ExitStatus);
        Assert.Equal(local, LockFiles());
        Assert.Equal(0, second.Run(_scratch, ["true"], s_patience).ExitStatus);
    }

    [Fact]
    public void AKilledLauncherLetsGo()
    {
        Leftovers leftovers = Leftovers.Watch(_scratch);
        using (Command holding = Launcher.Nspawn.Start(_scratch, s_payload))
        {
            Assert.True(holding.WaitForOutput("up", s_patience), holding.OutputSoFar);
            holding.Signal(Signum.SIGKILL);
            holding.Wait(s_patience);
        }

        leftovers.AssertNone();
        Assert.Empty(LockFiles());
        Assert.Equal(0, Launcher.Nspawn.Run(_scratch, ["true"]).ExitStatus);
    }

    [Fact]
    public void LockingCanBeSwitchedOff()
    {
        using Command holding = Launcher.Nspawn.Start(_scratch, s_payload);
        Assert.True(holding.WaitForOutput("up", s_patience), holding.OutputSoFar);
        Outcome outcome = Command.Run("env", ["SYSTEMD_NSPAWN_LOCK=0", Launcher.Nspawn.Program, "-q", "-D", _scratch.Tree, "true"]);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        _scratch.Write("/stop", "");
        holding.Wait(s_patience);
    }

    public void Dispose() => _scratch.Dispose();

    private static Launcher LauncherOf(string whose)
    {
        if (whose == "ours")
        {
            return Launcher.Nspawn;
        }

        Need.Tool("systemd-nspawn");
        return Launcher.Reference;
    }

    // Two machines of one name exclude each other in systemd-nspawn anyway.
    private static string[] Options(string machine, bool reads) => ["-M", machine + Environment.ProcessId, .. reads ? (string[])["--read-only"] : []];

    private string[] LockFiles()
    {
        Assert.Equal(0, Syscall.stat(_scratch.Tree, out Stat tree));
        return [.. ((string[])[$"{Path.GetDirectoryName(_scratch.Tree)}/.#tree.lck", $"/run/systemd/nspawn/locks/inode-{tree.st_dev}:{tree.st_ino}"]).Where(File.Exists)];
    }
}
