using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class UndoStepTests
{
    private static readonly byte[] s_attributes = [.. Enumerable.Range(0, TerminalAttributes.Length).Select(i => (byte)(i * 7))];

    [Theory]
    [InlineData("/run/systemd/nspawn/a b")]
    [InlineData("/run/ tab\there ")]
    [InlineData("/run/\u00e4")]
    public void A_line_says_all_of_a_step(string path)
    {
        foreach (UndoStep step in (UndoStep[])[new UndoStep.RemoveDirectory(path), new UndoStep.Unmount(path), new UndoStep.RemoveFile(path), new UndoStep.RemoveCgroup(path), new UndoStep.RemoveLock(path), new UndoStep.RemoveTree(path)])
        {
            Assert.Equal(step, UndoStep.FromLine(step.ToLine()));
        }
    }

    [Fact]
    public void A_device_of_the_launchers_comes_back_and_no_other()
    {
        UndoStep step = new UndoStep.ReleaseDevice("nspawn-0123456789abcdef");

        Assert.Equal(step, UndoStep.FromLine(step.ToLine()));
        Assert.Null(UndoStep.FromLine("mapped\tvg-home"));
        Assert.Null(UndoStep.FromLine("mapped\tnspawn-/../vg-home"));
    }

    [Fact]
    public void A_terminals_attributes_come_back()
    {
        UndoStep step = new UndoStep.RestoreTerminal(2, s_attributes);
        UndoStep.RestoreTerminal back = Assert.IsType<UndoStep.RestoreTerminal>(UndoStep.FromLine(step.ToLine()));

        Assert.Equal(2, back.Descriptor);
        Assert.Equal(s_attributes, back.Attributes);
    }

    [Fact]
    public void What_was_done_to_the_network_comes_back()
    {
        UndoStep[] steps =
        [
            new UndoStep.RemoveLink("ve-web"), new UndoStep.LeaveZone("vz-lan"), new UndoStep.RemoveFile("/run/x"),
            new UndoStep.ReturnInterface("/run/systemd/nspawn/web.0123abcd/network", 4, "eth0"),
            new UndoStep.WriteSysctl("/proc/sys/net/ipv4/ip_forward", "0"), new UndoStep.LeaveShared("/run/systemd/nspawn/.network/1/.forward"),
            new UndoStep.RemoveElement("ip", "map_port_ipport", "tcp . 8080"),
        ];

        Assert.All(steps, step => Assert.Equal(step, UndoStep.FromLine(step.ToLine())));
        Assert.Null(UndoStep.FromLine("link\ta/b"));
        Assert.Null(UndoStep.FromLine("interface\tx\teth0\t/run/x"));
        Assert.Null(UndoStep.FromLine("interface\t1\teth0\trelative"));
    }

    [Fact]
    public void A_scope_and_a_machine_come_back()
    {
        foreach (UndoStep scope in (UndoStep[])[new UndoStep.EndScope("web-1.example.scope", null), new UndoStep.EndScope("web-1.example.scope", "/run/user/1000/bus")])
        {
            Assert.Equal(scope, UndoStep.FromLine(scope.ToLine()));
        }

        UndoStep inTree = new UndoStep.RemoveInTree("/srv/a b", "/c/.#d");
        Assert.Equal(inTree, UndoStep.FromLine(inTree.ToLine()));

        UndoStep step = new UndoStep.UnregisterMachine("web-1.example", 4711);

        Assert.Equal(step, UndoStep.FromLine(step.ToLine()));
    }

    [Fact]
    public void Lines_are_read_in_order_and_one_that_was_cut_off_is_not()
    {
        Assert.Equal(
            [new UndoStep.RemoveDirectory("/run/a"), new UndoStep.Unmount("/run/b")],
            UndoStep.FromLines("rmdir\t/run/a\nunmount\t/run/b\nunmount\t/ru"));
        Assert.Empty(UndoStep.FromLines(""));
        Assert.Empty(UndoStep.FromLines("rmdir\t/run/a"));
    }

    [Fact]
    public void Wherever_a_journal_is_cut_the_whole_lines_before_are_read()
    {
        string text = $"rmdir\t/run/a\n{new UndoStep.RestoreTerminal(0, s_attributes).ToLine()}\nunmount\t/run/b\n";
        for (int length = 0; length <= text.Length; length++)
        {
            Assert.Equal(text[..length].Count(c => c == '\n'), UndoStep.FromLines(text[..length]).Count);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("rmdir")]
    [InlineData("rmdir\t")]
    [InlineData("rmdir\trelative")]
    [InlineData("lock\trelative")]
    [InlineData("chmod\t/run/a")]
    [InlineData("scope\tssh.service")]
    [InlineData("machine\tweb")]
    [InlineData("machine\tx\tweb")]
    [InlineData("machine\t1\t../web")]
    [InlineData("terminal\t0")]
    [InlineData("terminal\tx\t00")]
    [InlineData("terminal\t0\t0")]
    [InlineData("terminal\t0\tzz")]
    public void A_line_that_makes_no_sense_is_no_step(string line) => Assert.Null(UndoStep.FromLine(line));
}
