using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>What a settings file and a command line make together.</summary>
public class SettingsFileTests
{
    private const string Path = "/etc/systemd/nspawn/m.nspawn";

    [Fact]
    public void Every_key_reaches_its_setting()
    {
        Settings settings = Of("""
            [Exec]
            ProcessTwo=yes
            Parameters=ls "-l x"
            Parameters=/srv
            Environment=A=1 "B=2 3"
            Environment=C=
            User=joe
            WorkingDirectory=/srv
            KillSignal=SIGTERM
            NotifyReady=yes
            SuppressSync=on
            Hostname=web
            MachineID=0123456789abcdef0123456789abcdef
            Capability=CAP_NET_ADMIN CAP_SYS_MODULE
            DropCapability=CAP_MKNOD
            AmbientCapability=CAP_CHOWN
            NoNewPrivileges=1
            SystemCallFilter=@clock mount
            SystemCallFilter=~ptrace
            LimitNOFILE=1024:4096
            LimitCORE=infinity
            OOMScoreAdjust=-5
            CPUAffinity=0 2
            CPUAffinity=4-5
            Personality=x86
            ResolvConf=bind-host
            Timezone=no
            LinkJournal=guest
            [Files]
            ReadOnly=yes
            Bind=/srv/data
            BindReadOnly=/a:/b:norbind
            TemporaryFileSystem=/var:mode=0700
            Inaccessible=/etc/shadow
            [Network]
            Private=yes
            """);

        Assert.True(settings is
        {
            Mode: StartMode.AsPid2, User: "joe", WorkingDirectory: "/srv", KillSignal: 15, NotifyReady: true, SuppressSync: true,
            Hostname: "web", NoNewPrivileges: true, OomScoreAdjust: -5, Personality: Personality.X86, ResolvConf: ResolvConfMode.BindHost,
            Timezone: TimezoneMode.Off, LinkJournal: LinkJournalMode.Guest, ReadOnly: true, PrivateNetwork: true,
        });
        Assert.Equal(["ls", "-l x", "/srv"], settings.Arguments);
        Assert.Equal(["A=1", "B=2 3", "C="], settings.Environment);
        Assert.Equal(Guid.Parse("0123456789abcdef0123456789abcdef"), settings.Uuid);
        Assert.Equal(CapabilitySet.Of(Capability.NetAdmin, Capability.SysModule), settings.AddCapabilities);
        Assert.Equal(CapabilitySet.Of(Capability.Mknod), settings.DropCapabilities);
        Assert.Equal(CapabilitySet.Of(Capability.Chown), settings.AmbientCapabilities);
        Assert.Equal(["@clock", "mount"], settings.AllowSystemCalls);
        Assert.Equal(["ptrace"], settings.DenySystemCalls);
        Assert.Equal(new Rlimit(1024, 4096), settings.Rlimits[RlimitResource.Nofile]);
        Assert.Equal(2, settings.Rlimits.Count);
        Assert.Equal([0, 2, 4, 5], settings.CpuAffinity);
        Assert.Equal(["/srv/data", "/b", "/var", "/etc/shadow"], settings.Mounts.Select(mount => mount.Destination));
    }

    [Theory]
    [InlineData("Boot=yes", "", "Boot|")]
    [InlineData("Boot=yes|Parameters=a=b 'c d'", "", "Boot|c d")]
    [InlineData("Boot=yes|Parameters=x", "ls -l", "Command|ls,-l")]
    [InlineData("Boot=yes|Parameters=x", "-b", "Boot|")]
    [InlineData("Boot=yes|Parameters=x", "-a ls", "AsPid2|ls")]
    [InlineData("ProcessTwo=yes|Parameters=x", "ls", "Command|ls")]
    [InlineData("Boot=no|Parameters=x y", "", "Command|x,y")]
    [InlineData("Boot=no|Parameters=x y", "-b z", "Boot|z")]
    [InlineData("Boot=yes|Parameters=x", "--settings=override ls", "Boot|x")]
    [InlineData("Boot=yes", "--settings=override -b z", "Boot|")]
    [InlineData("Boot=no|Parameters=x", "--settings=override -b z", "Command|x")]
    [InlineData("Hostname=h", "--settings=override -b z", "Boot|z")]
    [InlineData("Boot=yes|Boot=", "ls", "Command|ls")]
    [InlineData("Boot=yes|Boot=|ProcessTwo=yes", "", "AsPid2|")]
    public void One_side_says_how_to_start(string file, string line, string start)
    {
        Settings settings = Of("[Exec]\n" + file.Replace('|', '\n'), line);

        Assert.Equal(start, $"{settings.Mode}|{string.Join(',', settings.Arguments)}");
    }

    [Theory]
    [InlineData("-E X=1", "X=1", "/f")]
    [InlineData("--tmpfs=/c", "A=1,B=2", "/c")]
    [InlineData("--settings=override -E X=1 --tmpfs=/c", "A=1,B=2", "/f")]
    [InlineData("--settings=trusted -E X=1 --bind=/etc:/c", "X=1", "/c")]
    public void A_list_of_one_side_replaces_that_of_the_other(string line, string environment, string mounts)
    {
        Settings settings = Of("[Exec]\nEnvironment=A=1\nEnvironment=B=2\n[Files]\nBind=/srv:/f\n", line);

        Assert.Equal(environment, string.Join(',', settings.Environment));
        Assert.Equal(mounts, string.Join(',', settings.Mounts.Select(mount => mount.Destination)));
    }

    [Theory]
    [InlineData("--capability=CAP_NET_ADMIN", "CAP_NET_ADMIN", "")]
    [InlineData("--settings=override --capability=CAP_NET_ADMIN", "CAP_NET_ADMIN,CAP_SYS_MODULE", "CAP_MKNOD")]
    [InlineData("", "CAP_SYS_MODULE", "CAP_MKNOD")]
    public void Capabilities_add_up_where_the_file_overrides(string line, string added, string dropped)
    {
        Settings settings = Of("[Exec]\nCapability=CAP_SYS_MODULE\nDropCapability=CAP_MKNOD\n", line);

        Assert.Equal((CapabilityList.Parse(added), CapabilityList.Parse(dropped)), (settings.AddCapabilities, settings.DropCapabilities));
    }

    [Theory]
    [InlineData("", 1UL)]
    [InlineData("--settings=override", 2UL)]
    public void A_limit_replaces_only_the_one_of_its_name(string line, ulong nofile)
    {
        Settings settings = Of("[Exec]\nLimitNOFILE=2\nLimitCORE=3\n", line + " --rlimit=NOFILE=1 --rlimit=NPROC=4");

        Assert.Equal((nofile, 3UL, 4UL),
            (settings.Rlimits[RlimitResource.Nofile].Soft, settings.Rlimits[RlimitResource.Core].Soft, settings.Rlimits[RlimitResource.Nproc].Soft));
    }

    [Theory]
    [InlineData("LinkJournal=host", "-j", LinkJournalMode.TryGuest)]
    [InlineData("LinkJournal=host", "--settings=override -j", LinkJournalMode.Host)]
    public void An_option_without_a_key_can_be_of_a_keys_kind(string file, string line, LinkJournalMode mode) =>
        Assert.Equal(mode, Of("[Exec]\n" + file, line).LinkJournal);

    [Fact]
    public void An_empty_value_takes_earlier_ones_of_its_key_back() =>
        Assert.Equal(["C=3"], Of("[Exec]\nEnvironment=A=1 B=2\nUser=x\nEnvironment=\nUser=\nEnvironment=C=3").Environment);

    [Fact]
    public void A_value_that_will_not_do_does_not_take_the_place_of_the_command_lines()
    {
        Agreement agreement = Agree("[Exec]\nHostname=a_b\nEnvironment==1\n", "--settings=override --hostname=h -E X=1");

        Assert.Equal("h", agreement.Settings.Hostname);
        Assert.Equal(["X=1"], agreement.Settings.Environment);
        Assert.Equal([$"{Path}:2: Hostname=a_b: expected at most 64 letters, digits and dashes, in parts joined by dots that no dash begins or ends, ignored",
            $"{Path}:3: Environment==1: expected NAME=VALUE or NAME, the name of letters, digits and underscores, ignored"], agreement.Warnings);
    }

    [Fact]
    public void A_word_that_will_not_do_leaves_the_others_alone()
    {
        Agreement agreement = Agree("[Exec]\nDropCapability=CAP_CHOWN CAP_TYPO CAP_KILL\nEnvironment=A=1 1 B=2\n");

        Assert.Equal(CapabilitySet.Of(Capability.Chown, Capability.Kill), agreement.Settings.DropCapabilities);
        Assert.Equal(["A=1", "B=2"], agreement.Settings.Environment);
        Assert.Equal([$"{Path}:2: DropCapability=CAP_TYPO", $"{Path}:3: Environment=1"],
            agreement.Warnings.Select(warning => warning[..warning.IndexOf(": ", Path.Length + 4, StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData("[Exec]\nBoot=yes\nProcessTwo=yes\n", 3)]
    [InlineData("[Exec]\nProcessTwo=yes\n\nBoot=yes\n", 4)]
    [InlineData("[Exec]\nParameters=x\n", 2)]
    [InlineData("[Exec]\nNoSuchKey=x\n", 2)]
    [InlineData("[Files]\nBoot=yes\n", 2)]
    [InlineData("[exec]\nBoot=yes\n", 1)]
    [InlineData("[Exec]\nboot=yes\n", 2)]
    [InlineData("[Exec]\nBoot=perhaps\n", 2)]
    [InlineData("[Exec]\nEnvironment=LANG\n", 2)]
    [InlineData("[Exec]\nEnvironment='A=1\n", 2)]
    [InlineData("[Exec]\nLimit=1\n", 2)]
    [InlineData("[Exec]\nLimitNONSENSE=1\n", 2)]
    [InlineData("[Files]\nBind=relative\n", 2)]
    [InlineData("[Exec]\nCapability=CAP_TYPO\n", 2)]
    public void What_cannot_be_heeded_is_one_warning(string text, int line)
    {
        Agreement agreement = Agree(text);

        string warning = Assert.Single(agreement.Warnings);
        Assert.StartsWith($"{Path}:{line}: ", warning);
        Assert.EndsWith(", ignored", warning);
        Assert.Empty(agreement.Settings.Environment);
    }

    [Fact]
    public void Nobody_is_buried_under_warnings()
    {
        Agreement agreement = Agree(string.Concat(Enumerable.Repeat("rubbish\n", 500)));

        Assert.Equal(101, agreement.Warnings.Length);
        Assert.Equal($"{Path}: 400 more lines are ignored", agreement.Warnings[^1]);
    }

    [Fact]
    public void Reasons_and_errors_name_the_key_and_its_line()
    {
        Settings settings = Of("[Exec]\nUser=nobody-here\nWorkingDirectory=/srv\n", "ls");

        LaunchException refusal = Assert.Throws<LaunchException>(
            () => Planner.Create(settings, PlanFacts.Host, PlanFacts.Tree with { User = null }));
        Assert.Equal($"{Path}:2: User=nobody-here: no such user in the tree's /etc/passwd", refusal.Message);
        Plan plan = Planner.Create(settings, PlanFacts.Host, PlanFacts.Tree);
        Assert.Equal(Path, plan.SettingsFile);
        Assert.Equal($"{Path}:3: WorkingDirectory=", plan.Leader.OfType<ChangeDirectory>().Single().Reason);
    }

    [Fact]
    public void A_contradiction_names_the_key()
    {
        UsageException refusal = Assert.Throws<UsageException>(() => Of("[Exec]\nAmbientCapability=CAP_CHOWN\n", "-b"));

        Assert.StartsWith($"{Path}:2: AmbientCapability= has no use with --boot", refusal.Message);
    }

    private static Settings Of(string text, string line = "") => Agree(text, line).Settings;

    private static Agreement Agree(string text, string line = "") => Commands.Settled(
        Assert.IsType<ParsedCommandLine.Launch>(Commands.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Request,
        new SettingsFile(Path, Trusted: true, text));
}
