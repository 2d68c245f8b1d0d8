using Xunit;

namespace Nspawn.BootTests;

/// <summary>scripts/install puts everything where it is looked for, and scripts/uninstall takes exactly that away.</summary>
public sealed class InstallTests : IDisposable
{
    private readonly Installation _installation = new();

    [Theory]
    [InlineData("bin/nspawn", "nspawn ")]
    [InlineData("lib/nspawn/compat/systemd-nspawn", "systemd ")]
    public void Program_RunsByItsLink(string link, string version)
    {
        _installation.Install("--prefix=/opt/nspawn");

        Outcome outcome = Command.Run(_installation.At("/opt/nspawn/" + link), ["--version"]);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.StartsWith(version, outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Program_RunsAContainerWithItsLibraryBesideIt()
    {
        using Scratch scratch = new("busybox");
        _installation.Install();

        Outcome outcome = Command.Run(_installation.At("/usr/local/bin/nspawn"), ["-q", "-M", scratch.Name, "-D", scratch.Tree, "echo", "runs"]);
        Assert.True(outcome.Text == "runs\n", outcome.ToString());
        Assert.True(File.Exists(_installation.At("/usr/local/lib/nspawn/libMonoPosixHelper.so")));
    }

    [Fact]
    public void Uninstall_TakesAwayEverything()
    {
        _installation.Install("--machinectl").Uninstall("--machinectl");
        Assert.Empty(_installation.Entries());
        _installation.Uninstall();
    }

    [Fact]
    public void Uninstall_LeavesWhatItDidNotMake()
    {
        Directory.CreateDirectory(_installation.At("/usr/local/share/man/man1"));
        string[] before = _installation.Entries();

        _installation.Install();
        string foreign = _installation.At("/usr/local/lib/systemd/system/other.service");
        File.WriteAllText(foreign, "");
        _installation.Uninstall();

        Assert.Equal(
            [.. before.Append("/usr/local/lib").Append("/usr/local/lib/systemd").Append("/usr/local/lib/systemd/system")
                .Append("/usr/local/lib/systemd/system/other.service").Order(StringComparer.Ordinal)],
            _installation.Entries());
    }

    [Fact]
    public void Install_Again_ChangesNothingAndForgetsNothing()
    {
        string[] once = _installation.Install().Entries();
        Assert.Equal(once, _installation.Install("--machinectl").Install().Entries());

        Assert.Empty(_installation.Uninstall().Entries());
    }

    [Theory]
    [InlineData("install")]
    [InlineData("uninstall")]
    public void UnknownOption_IsRefused(string script)
    {
        Outcome outcome = Command.Run(Repository.File("scripts/" + script), ["--destdir=" + _installation.Top, "--prefix=relative"]);
        Assert.Equal(2, outcome.ExitStatus);
        Assert.Empty(_installation.Entries());
    }

    [Fact]
    public void ManualPage_RendersWithoutWarnings()
    {
        Need.Tool("man");
        _installation.Install();
        string page = _installation.At("/usr/local/share/man/man1/nspawn.1");

        Outcome outcome = Command.Run("env", ["MANWIDTH=80", "LC_ALL=C.UTF-8", "man", "--warnings", "-l", page]);
        Assert.True(outcome.ExitStatus == 0 && outcome.Error.Length == 0, outcome.ToString());
        string[] lines = outcome.Text.Split('\n');
        Assert.Matches("^NSPAWN\\(1\\) +User Commands +NSPAWN\\(1\\)$", lines[0]);
        Assert.Contains("OPTIONS", lines);
        Assert.Contains("   Mounts", lines);
        Assert.Contains("       -D, --directory=PATH", lines);
        // What is copied from the page can be typed.
        Assert.DoesNotContain('\u2010', outcome.Text);
    }

    [Fact]
    public void Units_AreAccepted()
    {
        Need.Tool("systemd-analyze");
        string units = _installation.InstallBelow("--machinectl").At("/lib/systemd/system");

        // In place of the one that comes with systemd.
        File.Copy(units + "/nspawn@.service", units + "/systemd-nspawn@.service");
        foreach (string unit in (string[])["nspawn@.service", "nspawn@name.service", "systemd-nspawn@.service"])
        {
            Outcome outcome = Command.Run("systemd-analyze", ["verify", "--man=no", $"{units}/{unit}"]);
            // Keys of systemd 254 and 255; older ones ignore them.
            string[] complaints = [.. outcome.Error.Split('\n').Where(line => line.Length > 0 && !line.Contains("DelegateSubgroup", StringComparison.Ordinal) && !line.Contains("CoredumpReceive", StringComparison.Ordinal))];
            Assert.True(outcome.ExitStatus == 0 && complaints.Length == 0, $"{unit}: {outcome}");
        }
    }

    [Fact]
    public void Units_StartTheProgramAsItIsInstalled()
    {
        string units = _installation.InstallBelow("--machinectl").At("/lib/systemd/system");
        string[] lines = [.. File.ReadLines(units + "/nspawn@.service"), .. File.ReadLines(units + "/systemd-nspawn@.service.d/nspawn.conf")];
        string[] starts = [.. lines.Where(line => line.StartsWith("ExecStart=/", StringComparison.Ordinal))];

        Assert.Equal(2, starts.Length);
        foreach (string[] words in starts.Select(line => line["ExecStart=".Length..].Split(' ')))
        {
            // It knows every option that the unit gives.
            Outcome outcome = Command.Run(words[0], ["explain", .. words[1..].Select(word => word.Replace("%i", "no-such-machine", StringComparison.Ordinal))]);
            Assert.Contains("no image of the machine no-such-machine", outcome.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TemporaryFiles_AreMadeAndRemoved()
    {
        Need.Root();
        Need.Tool("systemd-tmpfiles");
        _installation.Install();
        string[] line = ["--boot", "--root=" + _installation.Top, _installation.At("/usr/local/lib/tmpfiles.d/nspawn.conf")];

        Assert.Equal(0, Command.Run("systemd-tmpfiles", ["--create", .. line]).ExitStatus);
        Directory.CreateDirectory(_installation.At("/var/lib/machines/debian"));
        Directory.CreateDirectory(_installation.At("/var/lib/machines/.#debian"));
        Outcome outcome = Command.Run("systemd-tmpfiles", ["--remove", .. line]);

        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Equal(["/var/lib/machines/debian"], _installation.Entries().Where(entry => entry.StartsWith("/var/lib/machines/", StringComparison.Ordinal)));
    }

    public void Dispose() => _installation.Dispose();
}
