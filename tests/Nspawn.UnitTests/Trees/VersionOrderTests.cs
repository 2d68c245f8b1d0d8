using System.Diagnostics;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class VersionOrderTests
{
    private const int Seed = 20261122;

    /// <summary>The older one first; all of them in one order.</summary>
    private static readonly string[] s_ascending =
    [
        "", "a", "b", "0", "1", "5.2", "5.10", "122.1", "123~rc1-1", "123~rc2", "123", "123-a", "123-a.1", "123-1", "123-1.1",
        "123^post1", "123.a-1", "123.1-1", "123a-1", "124-1", "00125", "12345678901234567890123", "12345678901234567890124",
    ];

    [Fact]
    public void Every_version_is_older_than_those_behind_it()
    {
        for (int i = 0; i < s_ascending.Length; i++)
        {
            for (int j = 0; j < s_ascending.Length; j++)
            {
                int order = VersionOrder.Compare(s_ascending[i], s_ascending[j]);
                Assert.True(Math.Sign(order) == i.CompareTo(j), $"{s_ascending[i]} and {s_ascending[j]}: {order}");
            }
        }
    }

    [Theory]
    [InlineData("1", "01")]
    [InlineData("1_2", "1 2")]
    [InlineData("_1", "1")]
    [InlineData("", "_")]
    [InlineData("1\u00e4", "1")]
    public void What_means_nothing_makes_no_difference(string one, string other) => Assert.Equal(0, VersionOrder.Compare(one, other));

    [Fact]
    public void The_order_is_systemds()
    {
        Need.That(File.Exists("/usr/bin/systemd-analyze"), "no systemd-analyze to ask");
        Random random = new(Seed);
        for (int i = 0; i < 150; i++)
        {
            string one = Word(random), other = random.Next(3) == 0 ? one + Word(random) : Word(random);
            int expected = AskSystemd(one, other);
            int order = VersionOrder.Compare(one, other);

            Assert.True(Math.Sign(order) == expected, $"'{one}' and '{other}': {order}, systemd: {expected}");
            Assert.Equal(-Math.Sign(order), Math.Sign(VersionOrder.Compare(other, one)));
        }
    }

    private static string Word(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 7)).Select(_ => "0129abZ~-^._"[random.Next(12)]));

    // compare-versions exits with 0 for the same, 11 when the first is newer and 12 when it is older.
    private static int AskSystemd(string one, string other)
    {
        ProcessStartInfo start = new("systemd-analyze", ["compare-versions", "--", one, other]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode switch { 0 => 0, 11 => 1, 12 => -1, _ => throw new InvalidOperationException($"systemd-analyze: {process.ExitCode}") };
    }
}
