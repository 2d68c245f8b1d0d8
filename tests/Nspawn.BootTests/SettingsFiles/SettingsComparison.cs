using System.Globalization;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>The same settings file under nspawn and under systemd-nspawn: the payload finds the same.</summary>
public sealed class SettingsComparison
{
    private const string Keys = """
        # Everything that a shell can see
        [Exec]
        Hostname=fromfile
        WorkingDirectory=/root
        Environment=A=1 "B=2 3"
        Environment=C=4 \
          D=5
        MachineID=0123456789abcdef0123456789abcdef
        Capability=CAP_SYS_MODULE
        DropCapability=CAP_MKNOD CAP_NONSENSE CAP_CHOWN
        AmbientCapability=CAP_KILL
        NoNewPrivileges=yes
        SystemCallFilter=~sethostname
        LimitNOFILE=100:200
        LimitRTTIME=5
        OOMScoreAdjust=77
        CPUAffinity=0
        Personality=x86
        ResolvConf=delete
        Timezone=off
        [NoSuchSection]
        Hostname=wrong
        [Files]
        Bind=/etc/passwd:/bound
        BindReadOnly=/etc/passwd:/bound-ro
        TemporaryFileSystem=/fresh:size=1m
        [Network]
        Private=yes
        [Exec]
        NoSuchKey=1
        """;

    private const string Probe = """
        echo "hostname $(hostname)"; hostname other 2>/dev/null; echo "renamed $?"
        echo "cwd $PWD"; echo "environment $A $B $C $D $X"; echo "id $container_uuid"
        grep -E '^(CapBnd|CapAmb|NoNewPrivs|Cpus_allowed_list)' /proc/self/status
        echo "nofile $(ulimit -n) $(ulimit -Hn)"; grep -i 'realtime timeout' /proc/self/limits
        echo "oom $(cat /proc/self/oom_score_adj)"; echo "arch $(uname -m)"
        ls /etc/resolv.conf 2>&1; ls -1d /bound /bound-ro /fresh /cli 2>&1
        (echo x >>/bound-ro) 2>&1
        echo "interfaces $(ls /sys/class/net | wc -l | sed 's/^1$/one/; s/^[0-9].*/many/')"
        """;

    private static readonly string[] s_ofTheFile =
    [
        "hostname fromfile", "renamed 1", "cwd /root", "environment 1 2 3 4 5 ", "NoNewPrivs:\t1", "Cpus_allowed_list:\t0", "nofile 100 200",
        "oom 77", "arch i686", "/bound", "/fresh", "interfaces one", "id 01234567-89ab-cdef-0123-456789abcdef",
    ];

    private static readonly string[] s_harmless = ["hostname fromfile", "renamed 1", "cwd /root", "environment 1 2 3 4 5 ", "NoNewPrivs:\t1", "arch i686"];

    [Theory]
    [InlineData(FilePlace.Run, "yes", 13)]
    [InlineData(FilePlace.Run, "no", 0)]
    [InlineData(FilePlace.Run, "override", 13)]
    [InlineData(FilePlace.Run, "trusted", 13)]
    [InlineData(FilePlace.Beside, "yes", 6)]
    [InlineData(FilePlace.Beside, "no", 0)]
    [InlineData(FilePlace.Beside, "override", 6)]
    [InlineData(FilePlace.Beside, "trusted", 13)]
    public void Keys_AreAlike(FilePlace place, string mode, int heeded)
    {
        string[] facts = AssertAlike(place, Keys, ["--settings=" + mode, "sh", "-c", Probe]);
        string[] expected = heeded == s_ofTheFile.Length ? s_ofTheFile : s_harmless;

        Assert.Equal(heeded, s_ofTheFile.Count(facts.Contains));
        Assert.All(heeded == 0 ? [] : expected, fact => Assert.Contains(fact, facts));
    }

    [Theory]
    [InlineData("yes", "hostname fromcli|environment     cli|nofile 50 50|/cli")]
    [InlineData("override", "hostname fromfile|environment 1 2 3 4 5 |nofile 100 200|/bound")]
    public void KeysAndOptions_AreAlike(string mode, string expected)
    {
        string[] options = ["--hostname=fromcli", "-EX=cli", "--tmpfs=/cli", "--capability=CAP_NET_ADMIN", "--rlimit=NOFILE=50", "--settings=" + mode];
        string[] facts = AssertAlike(FilePlace.Run, Keys, [.. options, "sh", "-c", Probe]);

        Assert.All(expected.Split('|'), fact => Assert.Contains(fact, facts));
    }

    [Theory]
    [InlineData("Boot=yes|Parameters=x.y=1 'c  d'", "", "init 1 x.y=1 c  d A=")]
    [InlineData("Boot=yes|Environment=A=7|Parameters=x", "echo fromcli", "fromcli")]
    [InlineData("Boot=yes|Environment=A=7|Parameters=x", "-b y", "init 1 y A=7")]
    [InlineData("Boot=yes|ProcessTwo=yes", "", "init 1 A=")]
    [InlineData("Boot=no|Parameters=echo fromfile", "", "fromfile")]
    [InlineData("ProcessTwo=yes|Parameters=sh -c 'echo $$'", "", "2")]
    [InlineData("ProcessTwo=yes|Parameters=echo fromfile", "echo fromcli", "fromcli")]
    [InlineData("Parameters=fromfile", "-b", "init 1 A=")]
    [InlineData("Parameters=fromfile", "--settings=override -b fromcli", "init 1 fromcli A=")]
    [InlineData("Boot=yes|Parameters=fromfile", "--settings=override echo fromcli", "init 1 fromfile A=")]
    [InlineData("Boot=no|Parameters=echo fromfile", "--settings=override -b fromcli", "fromfile")]
    [InlineData("Boot=yes|Parameters=fromfile", "--settings=no echo fromcli", "fromcli")]
    public void Start_IsAlike(string file, string line, string printed)
    {
        foreach (FilePlace place in Enum.GetValues<FilePlace>())
        {
            string[] facts = AssertAlike(place, "[Exec]\n" + file.Replace('|', '\n'), line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            Assert.Equal([printed], facts);
        }
    }

    [Fact]
    public void ReadOnly_IsAlike() => Assert.Contains(
        "no", AssertAlike(FilePlace.Beside, "[Files]\nReadOnly=yes\n", ["sh", "-c", "touch /x 2>/dev/null && echo yes || echo no"]));

    private static string[] AssertAlike(FilePlace place, string text, string[] arguments)
    {
        Need.Tool("systemd-nspawn");
        string[] reference = FactsUnder(Launcher.Reference, place, text, arguments);
        string[] own = FactsUnder(Launcher.Nspawn, place, text, arguments);

        Assert.Equal(reference, own);
        return own;
    }

    private static string[] FactsUnder(Launcher launcher, FilePlace place, string text, string[] arguments)
    {
        using Scratch scratch = new("busybox");
        scratch.Write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nguest:x:1000:1000::/root:/bin/sh\n")
            .Write("/etc/group", "root:x:0:\nguest:x:1000:\n").Write("/etc/os-release", "ID=x\n")
            .Write("/etc/machine-id", arguments.Contains(Probe) && text.Contains("MachineID", StringComparison.Ordinal) ? "" : new string('1', 32))
            .Remove("/sbin/init").WriteProgram("/sbin/init", "#!/bin/sh\necho init $$ \"$@\" A=$A\n");
        using PlacedFile file = new(scratch, place, text);
        Outcome outcome = launcher.Run(scratch, arguments);
        Assert.True(outcome is { ExitStatus: 0, TimedOut: false }, outcome.ToString());
        return [.. outcome.Text.TrimEnd('\n').Split('\n').Select(line => Comparable(line, scratch.Name))];
    }

    // The name is another in each run, an id that nobody asked for too; nspawn keeps no capabilities for auditing, and lets
    // a command have as many files as a command on the host.
    private static string Comparable(string line, string name)
    {
        const ulong Auditing = 0x6000_0000;
        return line.StartsWith("CapBnd:\t", StringComparison.Ordinal)
            ? $"CapBnd {ulong.Parse(line["CapBnd:\t".Length..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & ~Auditing:x}"
            : line.StartsWith("id ", StringComparison.Ordinal) && !line.Contains("01234567-89ab", StringComparison.Ordinal) ? "id of its own"
            : line.StartsWith("nofile ", StringComparison.Ordinal) && !line.EndsWith("00 200", StringComparison.Ordinal) && !line.EndsWith("50 50", StringComparison.Ordinal) ? "nofile of its own"
            : line.Replace(name, "NAME", StringComparison.Ordinal);
    }
}
