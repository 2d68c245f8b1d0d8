using Xunit;

namespace Nspawn.BootTests;

/// <summary>Settings files where they are found, where they cannot be used, and in a whole boot.</summary>
public sealed class SettingsFileTests : IDisposable
{
    private readonly Scratch _scratch = new("busybox");

    [Fact]
    public void TheAdministratorsFile_IsReadInsteadOfTheOneBesideTheTree()
    {
        using PlacedFile run = new(_scratch, FilePlace.Run, "[Exec]\nHostname=trusted\n");
        using PlacedFile beside = new(_scratch, FilePlace.Beside, "[Exec]\nHostname=untrusted\nEnvironment=A=1\n");
        Assert.Equal("trusted\n\n", Hear("hostname; echo $A").Text);
    }

    [Fact]
    public void WhatIsNotHeeded_IsALineEachAlsoWhenQuiet()
    {
        using PlacedFile file = new(_scratch, FilePlace.Beside, "[Exec]\nLinkJournal=host\nHostname=a_b\n\n[Files]\nBind=/\n[Nonsense]\n");
        string[] lines = Hear("true").Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal([2, 3, 6, 7], lines.Select(line => int.Parse(line.Split(':')[2])));
        Assert.All(lines, line => Assert.StartsWith($"nspawn: {file.Path}:", line));
        Assert.All(lines, line => Assert.EndsWith(", ignored", line));
    }

    [Theory]
    [InlineData("directory")]
    [InlineData("fifo")]
    [InlineData("device")]
    [InlineData("socket")]
    [InlineData("huge")]
    [InlineData("binary")]
    [InlineData("nul")]
    [InlineData("loop")]
    [InlineData("kernel")]
    public void WhatIsNoFileOfText_IsOneLine(string kind)
    {
        using PlacedFile file = new(_scratch, FilePlace.Beside, "");
        File.Delete(file.Path);
        string make = kind switch
        {
            "directory" => "mkdir $0",
            "fifo" => "mkfifo $0",
            "device" => "mknod $0 c 1 5",
            "socket" => "perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => shift, Listen => 1) or die' $0",
            "huge" => "truncate -s 1T $0 || truncate -s 20M $0",
            "binary" => "printf '[Exec]\\nHostname=\\377\\n' >$0",
            "nul" => "printf '[Exec]\\n\\0' >$0",
            "kernel" => "ln -s /proc/self/mem $0",
            _ => "ln -s $0 $0",
        };
        try
        {
            Assert.Equal(0, Command.Run("sh", ["-c", make, file.Path]).ExitStatus);
            Outcome untrusted = Hear("echo on");
            Assert.True(untrusted is { ExitStatus: 0, Text: "on\n" }, untrusted.ToString());
            OneLine.AssertSaid(untrusted.Error, $"{file.Path} is ignored: ");

            Outcome trusted = Hear("echo on", "--settings=trusted");
            Assert.True(trusted.ExitStatus == Launcher.Nspawn.ErrorStatus && !trusted.TimedOut, trusted.ToString());
            OneLine.AssertSaid(trusted.Error, $"cannot use the settings file {file.Path}: ");
            Assert.Equal("on\n", Hear("echo on", "--settings=no").Text);
        }
        finally
        {
            Command.Run("rm", ["-rf", file.Path]);
        }
    }

    [Fact]
    public void Explain_NamesTheFileAndItsLines()
    {
        using PlacedFile file = new(_scratch, FilePlace.Run, "[Exec]\nWorkingDirectory=/root\n");
        string text = Explained();
        Assert.Contains($"settings file {file.Path}\n", text, StringComparison.Ordinal);
        Assert.Contains($"{file.Path}:2: WorkingDirectory=\n", text, StringComparison.Ordinal);
        file.Dispose();
        Assert.Contains($"settings file none (looked for /etc/systemd/nspawn/{_scratch.Name}.nspawn, {file.Path}, ", Explained(), StringComparison.Ordinal);
    }

    [Fact]
    public void UserAndInaccessiblePath_AreTheFiles()
    {
        _scratch.Write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nguest:x:1000:1000::/root:/bin/sh\n").Write("/etc/secret", "");
        using PlacedFile file = new(_scratch, FilePlace.Run, "[Exec]\nUser=guest\n[Files]\nInaccessible=/etc/secret\n");
        Assert.Equal("1000\n0\n", Hear("id -u; stat -c %a /etc/secret").Text);
    }

    [Fact]
    public void AnErrorNamesTheKeyItIsAbout()
    {
        using PlacedFile file = new(_scratch, FilePlace.Beside, "[Exec]\nUser=nobody-here\n");
        OneLine.AssertSaid(Hear("true").Error, $"{file.Path}:2: User=nobody-here: no such user");
    }

    [Theory]
    [InlineData(FilePlace.Run, "link=yes")]
    [InlineData(FilePlace.Beside, "link=no")]
    public void AWholeBoot_OfAFileAlone(FilePlace place, string bound)
    {
        using Scratch scratch = BootReport.InjectInto(new Scratch("trixie"), """
            hostname; tr '\0' '\n' </proc/1/environ | grep ^ASKED=; tr '\0' ' ' </proc/1/cmdline; echo
            test -e /srv/bound && echo link=yes || echo link=no
            """);
        scratch.Remove("/etc/hostname");
        Leftovers leftovers = Leftovers.Watch(scratch);
        using (PlacedFile file = new(scratch, place, """
            [Exec]
            Boot=yes
            Parameters=systemd.show_status=no ASKED=yes
            Hostname=fromfile
            NotifyReady=yes
            [Files]
            BindReadOnly=/etc/hostname:/srv/bound
            """))
        {
            Outcome outcome = Launcher.Nspawn.Run(scratch, [], TimeSpan.FromSeconds(90));
            string[] report = BootReport.In(outcome);

            Assert.True(report.Length == 4, outcome.ToString());
            Assert.Equal(["fromfile", "ASKED=yes", bound], [report[0], report[1], report[3]]);
            Assert.EndsWith("systemd systemd.show_status=no ", report[2]);
        }

        leftovers.AssertNone();
    }

    public void Dispose() => _scratch.Dispose();

    private Outcome Hear(string script, params string[] options) =>
        Launcher.Nspawn.Run(_scratch, [.. options, "sh", "-c", script], TimeSpan.FromSeconds(10));

    private string Explained()
    {
        Outcome outcome = Launcher.Nspawn.RunBare(["explain", "-M", _scratch.Name, "-D", _scratch.Tree, "true"]);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        return outcome.Text;
    }
}
