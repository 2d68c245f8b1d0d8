using Xunit;

namespace Nspawn.BootTests;

/// <summary>Trees of every kind boot with users of their own, mapped and changed on disk.</summary>
public sealed class PrivateUsersBootTests
{
    private const string Marker = "the tree is up";
    private const string Ephemeral = "ephemeral";

    public static TheoryData<string, string, bool> Debians() => new()
    {
        { "bookworm", "map", false }, { "trixie", "map", true }, { "forky", "map", false },
        { "bookworm", "chown", false }, { "trixie", "chown", false }, { "forky", "chown", true },
    };

    [Theory]
    [MemberData(nameof(Debians))]
    public void Debian_IsRunning(string fixture, string ownership, bool privateNetwork)
    {
        using Scratch scratch = BootReport.InjectInto(new Scratch(fixture, copied: true), BootReport.SystemState + "\ntouch /made-inside");
        Leftovers leftovers = Leftovers.Watch(scratch);
        string[] options = ["-U", $"--private-users-ownership={ownership}", .. privateNetwork ? (string[])["--private-network"] : []];

        Outcome outcome = Launcher.Nspawn.Run(scratch, [.. options, "-b"], TimeSpan.FromSeconds(120));

        string[] report = BootReport.In(outcome);
        Assert.True(report.Contains("state=running"), $"{string.Join('\n', report)}\n{outcome}");
        Assert.Equal(0, outcome.ExitStatus);
        AssertOwned(scratch, ownership);
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("busybox", "map")]
    [InlineData("busybox", "chown")]
    [InlineData("sysvinit", "map")]
    [InlineData("sysvinit", "chown")]
    [InlineData("busybox", Ephemeral)]
    [InlineData("sysvinit", Ephemeral)]
    public void OtherInit_ComesUpAndPowersOff(string fixture, string ownership)
    {
        using Scratch scratch = new(fixture, copied: true);
        if (fixture == "busybox")
        {
            scratch.WriteProgram("/etc/init.d/local", $"#!/bin/sh\ntouch /made-inside\necho {Marker}\npoweroff\n");
        }
        else
        {
            scratch.WriteProgram("/boot-report", $"#!/bin/sh\ntouch /made-inside\necho {Marker} >/dev/console\npoweroff\n");
            string inittab = File.ReadAllText(scratch.At("/etc/inittab"));
            scratch.Write("/etc/inittab", inittab.Replace("co:2345:", "rp:2:wait:/boot-report\nco:2345:", StringComparison.Ordinal));
        }

        Leftovers leftovers = Leftovers.Watch(scratch);
        string how = ownership == Ephemeral ? "-x" : $"--private-users-ownership={ownership}";
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", how, "-b"], TimeSpan.FromSeconds(60));

        Assert.Contains(Marker, outcome.Text, StringComparison.Ordinal);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        AssertOwned(scratch, ownership);
        leftovers.AssertNone();
    }

    // Mapped, what root made inside is root's on disk, and nothing was changed; otherwise all is the range's.
    private static void AssertOwned(Scratch scratch, string ownership)
    {
        if (ownership == Ephemeral)
        {
            Assert.False(File.Exists(scratch.At("/made-inside")));
            return;
        }

        (uint root, _) = Owners.Of(scratch.Tree);
        (uint made, uint madeGroup) = Owners.Of(scratch.At("/made-inside"));
        (uint etc, _) = Owners.Of(scratch.At("/etc/passwd"));
        Assert.Equal((root, root), (made, madeGroup));
        Assert.Equal(root, etc);
        if (ownership == "map")
        {
            Assert.Equal(0u, root);
        }
        else
        {
            Assert.InRange(root, 0x80000u, 0x6fff0000u);
        }
    }
}
