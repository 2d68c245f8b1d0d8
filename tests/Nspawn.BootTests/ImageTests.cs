using Xunit;

namespace Nspawn.BootTests;

/// <summary>Trees that are found: by the machine's name, by the newest version, in the current directory.</summary>
public sealed class ImageTests : IDisposable
{
    private readonly Scratch _scratch = new("busybox");

    [Fact]
    public void TheMachinesNameFindsItsImage()
    {
        string link = "/run/machines/" + _scratch.Name;
        bool made = !Directory.Exists("/run/machines");
        Directory.CreateDirectory("/run/machines");
        try
        {
            File.CreateSymbolicLink(link, _scratch.Tree);
            Outcome outcome = Launcher.Nspawn.RunBare(["-q", "-M", _scratch.Name, "hostname"]);
            Assert.True(outcome.ExitStatus == 0 && outcome.Text == _scratch.Name + "\n", outcome.ToString());
        }
        finally
        {
            File.Delete(link);
            if (made)
            {
                Directory.Delete("/run/machines");
            }
        }
    }

    [Fact]
    public void ANameWithoutImage_SaysWhereItLooked()
    {
        Outcome outcome = Launcher.Nspawn.RunBare(["-M", _scratch.Name, "true"]);
        Assert.Equal(Launcher.Nspawn.ErrorStatus, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, _scratch.Name);
        Assert.Contains("/var/lib/machines", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TheNewestVersionIsUsed()
    {
        string versions = Directory.CreateDirectory(_scratch.Outside + "/os.v").FullName;
        Directory.CreateDirectory(versions + "/os_1.9");
        File.CreateSymbolicLink(versions + "/os_1.10", _scratch.Tree);
        Outcome outcome = Launcher.Nspawn.RunBare(["-q", "-M", "os", "-D", versions + "/", "hostname"]);
        Assert.True(outcome.ExitStatus == 0 && outcome.Text == "os\n", outcome.ToString());

        File.Delete(versions + "/os_1.10");
        Outcome older = Launcher.Nspawn.RunBare(["-D", versions, "true"]);
        Assert.Equal(Launcher.Nspawn.ErrorStatus, older.ExitStatus);
        OneLine.AssertSaid(older.Error, versions + "/os_1.9");
    }

    [Fact]
    public void WithoutNameAndDirectoryItIsTheCurrentOne()
    {
        Outcome outcome = Command.Run(Launcher.Nspawn.Program, ["-q", "hostname"], workingDirectory: _scratch.Tree);
        Assert.True(outcome.ExitStatus == 0 && outcome.Text == "tree\n", outcome.ToString());
    }

    public void Dispose() => _scratch.Dispose();
}
