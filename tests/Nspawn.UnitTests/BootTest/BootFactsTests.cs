using System.Text;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>What is made of what a machine says of itself: its journal, its console, the times and relations of its units.</summary>
public class BootFactsTests
{
    [Fact]
    public void The_journal_is_read_with_values_of_several_lines()
    {
        byte[] value = "first\nsecond"u8.ToArray();
        byte[] export =
        [
            .. "__CURSOR=x\nMESSAGE=plain\n_SYSTEMD_UNIT=one.service\n\n"u8,
            .. "_SYSTEMD_UNIT=init.scope\nUNIT=two.service\nJOB_RESULT=dependency\nMESSAGE\n"u8, .. BitConverter.GetBytes((ulong)value.Length), .. value, .. "\n\n"u8,
            .. "PRIORITY=6\n\n"u8,
        ];

        Assert.Equal(
            [new JournalEntry("one.service", "plain", ""), new JournalEntry("two.service", "first?second", "dependency")], JournalExport.Parse(export));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n\n")]
    [InlineData("MESSAGE")]
    [InlineData("MESSAGE\n")]
    [InlineData("MESSAGE\nabc")]
    [InlineData("MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\x7fabc\n")]
    public void A_journal_that_is_cut_or_makes_no_sense_is_an_end(string text) => Assert.Empty(JournalExport.Parse(Encoding.Latin1.GetBytes(text)));

    [Theory]
    [InlineData("\e[0;32m  OK  \e[0m done", "  OK   done")]
    [InlineData("\e]0;title\aafter", "after")]
    [InlineData("\e]0;title\e\\after", "after")]
    [InlineData("\ePq\e\\x\e(B\e=y", "xy")]
    [InlineData("a\r\nb", "a\nb")]
    [InlineData("10%\r20%", "10%\n20%")]
    [InlineData("cut \e[3", "cut ")]
    [InlineData("cut \e", "cut ")]
    [InlineData("cut \e]0;never ends", "cut ")]
    [InlineData("bell\a back\b", "bell back")]
    public void The_console_loses_its_sequences(string printed, string plain) => Assert.Equal(plain, ConsoleText.Plain(printed));

    [Fact]
    public void The_last_lines_that_say_something_are_kept() =>
        Assert.Equal(["two", "three"], ConsoleText.Tail("one\r\n\r\ntwo  \n\e[0m\nthree"u8, 2));

    [Theory]
    [InlineData("*", "a.service", true)]
    [InlineData("ssh*.service", "sshd.service", true)]
    [InlineData("ssh*.service", "sshd.socket", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("*a*b*", "xxaxxbxx", true)]
    [InlineData("*a*b", "xxbxxa", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("[]x", "[]x", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    public void A_pattern_is_a_shells(string pattern, string name, bool matches) => Assert.Equal(matches, UnitPattern.Matches(pattern, name));

    [Fact]
    public void The_critical_chain_goes_to_what_came_last()
    {
        UnitReport One(string name, double from, double to) => new()
        {
            Name = name,
            ActiveState = "active",
            Activating = TimeSpan.FromSeconds(from),
            Activated = TimeSpan.FromSeconds(to),
        };
        Dictionary<string, string[]> after = new()
        {
            ["t.target"] = ["fast.service", "slow.service", "later.service"],
            ["slow.service"] = ["base.target", "t.target"],
        };

        Assert.Equal(
            ["t.target", "slow.service", "base.target"],
            CriticalChain.Of("t.target", [One("t.target", 3, 3), One("fast.service", 1, 1.1), One("slow.service", 1, 3), One("later.service", 3, 9), One("base.target", 1, 1)],
                [], unit => after.GetValueOrDefault(unit) ?? []));
    }

    [Fact]
    public void A_chain_that_hangs_ends_with_what_is_being_started()
    {
        Dictionary<string, string[]> after = new()
        {
            ["t.target"] = ["done.service", "waits.service"],
            ["waits.service"] = ["runs.service", "t.target"],
            ["runs.service"] = ["done.service"],
        };
        JobReport[] jobs = [new("t.target", "start", "waiting"), new("waits.service", "start", "waiting"), new("runs.service", "start", "running")];
        UnitReport done = new() { Name = "done.service", ActiveState = "active", Activated = TimeSpan.FromSeconds(1) };

        Assert.Equal(["t.target", "waits.service", "runs.service"], CriticalChain.Of("t.target", [done], jobs, unit => after.GetValueOrDefault(unit) ?? []));
    }

    [Fact]
    public void Victims_are_found_through_victims_and_only_if_they_were_given_up()
    {
        Dictionary<string, string[]> dependents = new()
        {
            ["bad.service"] = ["a.service", "idle.service"],
            ["a.service"] = ["b.service", "bad.service"],
            ["b.service"] = ["a.service"],
            ["idle.service"] = ["c.service"],
        };

        Assert.Equal(
            ["a.service", "b.service"],
            Victims.Of("bad.service", unit => dependents.GetValueOrDefault(unit) ?? [], unit => unit is not "idle.service"));
    }
}
