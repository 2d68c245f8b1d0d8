using System.Collections;
using System.Collections.Immutable;
using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>A settings file that came with the tree: it gets nothing of the host, and costs no more than a few lines.</summary>
public class UntrustedSettingsTests
{
    private const string Path = "/var/lib/machines/m.nspawn";
    private const int Seed = 20260417;
    private const int Rounds = 4_000;

    private static readonly string[] s_pieces =
    [
        "[Exec]\n", "[Files]\n", "[Network]\n", "[X-y]\n", "[", "]", "\n", "\r\n", "=", " ", "\t", "\\\n", "\\", "#", ";", "\"", "'", ":", "/", "..",
        "~", "+", "yes", "no", "1", "9999999999", "-", "A=1", "LANG", "CAP_CHOWN", "all", "@default", "\u00e4", "\ud83d\ude00", "\ufeff", "\u2028", "infinity", "help",
    ];

    /// <summary>What each key could do, by a value that works.</summary>
    public static TheoryData<string, string> Values => new()
    {
        { "Exec.MachineID", "0123456789abcdef0123456789abcdef" },
        { "Exec.Ephemeral", "yes" },
        { "Exec.Capability", "all" },
        { "Exec.AmbientCapability", "CAP_CHOWN" },
        { "Exec.SystemCallFilter", "@clock" },
        { "Exec.LimitNOFILE", "infinity" },
        { "Exec.OOMScoreAdjust", "-1000" },
        { "Exec.CPUAffinity", "0" },
        { "Exec.LinkJournal", "host" },
        { "Exec.PrivateUsers", "pick" },
        { "Files.Bind", "/:/host" },
        { "Files.BindReadOnly", "/etc" },
        { "Files.TemporaryFileSystem", "/x" },
        { "Files.Inaccessible", "/x" },
        { "Files.Overlay", "/a:/b:/c" },
        { "Files.BindUser", "joe" },
        { "Files.BindUserShell", "yes" },
        { "Files.OverlayReadOnly", "/a:/b:/c" },
        { "Files.PrivateUsersOwnership", "chown" },
        { "Files.PrivateUsersChown", "yes" },
        { "Network.Private", "yes" },
        { "Network.VirtualEthernet", "yes" },
        { "Network.VirtualEthernetExtra", "a:b" },
        { "Network.Bridge", "br0" },
        { "Network.Zone", "lan" },
        { "Network.Interface", "eth1" },
        { "Network.MACVLAN", "eth1" },
        { "Network.IPVLAN", "eth1" },
        { "Network.NamespacePath", "/run/netns/x" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void What_is_privileged_is_ignored_with_one_warning(string key, string value)
    {
        string text = $"[{key.Split('.')[0]}]\n{key.Split('.')[1]}={value}\n";

        foreach (string line in (string[])["", "--settings=override"])
        {
            Agreement agreement = Agree(text, line);
            Assert.Equal([$"{Path}:2: {key.Split('.')[1]}= needs a file that is trusted, in /etc/systemd/nspawn, or --settings=trusted, ignored"], agreement.Warnings);
            Assert.True(SameBut(agreement.Settings, Agree("", line).Settings));
        }

        Assert.Empty(Agree(text, "", trusted: true).Warnings);
        Assert.False(SameBut(Agree(text, "", trusted: true).Settings, Settings.Default));
    }

    [Fact]
    public void A_port_is_ignored_too() => // alone it would be refused, for it needs a network of the container's own
        Assert.Single(Agree("[Network]\nPort=80\n").Warnings);

    [Fact]
    public void Every_privileged_key_of_the_table_is_tried_above() => Assert.Equal(
        OptionTable.Keyed.Where(option => option.Privileged).Select(option => option.Key!.TrimEnd('*')).Order(),
        Values.Select(row => row.Data.Item1).Append("Network.Port").Select(key => key.StartsWith("Exec.Limit", StringComparison.Ordinal) ? "Exec.Limit" : key).Order());

    [Fact]
    public void Every_line_that_is_ignored_is_told_or_counted()
    {
        string text = "[Exec]\n" + string.Concat(Enumerable.Repeat("Usr=joe\n", 95)) + string.Concat(Enumerable.Repeat("Capability=CAP_KILL\n", 10));
        Assert.Equal($"{Path}: 5 more lines are ignored", Agree(text).Warnings[^1]);
    }

    [Fact]
    public void What_only_takes_away_is_heeded()
    {
        Agreement agreement = Agree("[Exec]\nSystemCallFilter=~@mount\nDropCapability=CAP_CHOWN\nNoNewPrivileges=yes\n[Files]\nReadOnly=yes\n");

        Assert.Empty(agreement.Warnings);
        Assert.Equal(["@mount"], agreement.Settings.DenySystemCalls);
        Assert.True(agreement.Settings is { NoNewPrivileges: true, ReadOnly: true });
        Assert.Equal(CapabilitySet.Of(Capability.Chown), agreement.Settings.DropCapabilities);
    }

    [Theory]
    [InlineData("LANG")]
    [InlineData("SECRET")]
    public void The_callers_variables_are_not_for_the_asking(string name)
    {
        Agreement agreement = Agree($"[Exec]\nEnvironment={name}\n");

        Assert.Empty(agreement.Settings.Environment);
        Assert.Equal([$"{Path}:2: Environment={name}: expected NAME=VALUE, ignored"], agreement.Warnings);
    }

    [Fact]
    public void What_the_command_line_decides_is_not_warned_about() =>
        Assert.Empty(Agree("[Exec]\nCapability=all\n[Files]\nBind=/\n", "--capability=CAP_CHOWN --tmpfs=/x").Warnings);

    [Theory]
    [InlineData("Environment=A=1 ")]
    [InlineData("Environment=\nEnvironment=A=1\n")]
    [InlineData("Boot=yes\nProcessTwo=yes\n")]
    [InlineData("CPUAffinity=0-8191\n")]
    [InlineData("X=1\\\n")]
    [InlineData("DropCapability=all\nParameters=\"a b\"\n")]
    public void The_worst_file_of_the_largest_size_takes_no_time(string piece)
    {
        string text = "[Exec]\n" + string.Concat(Enumerable.Repeat(piece, SettingsFile.LargestSize / piece.Length));
        DateTime start = DateTime.UtcNow;

        Assert.InRange(Agree(text).Warnings.Length, 0, 102);
        Assert.True(DateTime.UtcNow - start < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Any_text_is_read_and_gives_nothing_privileged()
    {
        Random random = new(Seed);
        string[] keys = [.. OptionTable.Keyed.Select(option => option.Key![(option.Key!.IndexOf('.') + 1)..].Replace("*", "NOFILE", StringComparison.Ordinal))];
        for (int i = 0; i < Rounds; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(4) switch
            {
                0 => $"\n{keys[random.Next(keys.Length)]}=",
                _ => s_pieces[random.Next(s_pieces.Length)],
            }));
            Settings settings;
            try
            {
                Agreement agreement = Agree(text, random.Next(2) == 0 ? "" : "--settings=override -b");
                Assert.All(agreement.Warnings, warning => Assert.StartsWith(Path, warning));
                settings = agreement.Settings;
            }
            catch (UsageException contradiction)
            {
                Assert.NotEmpty(contradiction.Message);
                continue;
            }

            Assert.True(settings is { AddCapabilities.Mask: 0, AmbientCapabilities.Mask: 0, Uuid: null, PrivateNetwork: false, OomScoreAdjust: null, LinkJournal: LinkJournalMode.Auto });
            Assert.True(settings.Mounts.IsEmpty && settings.Rlimits.IsEmpty && settings.CpuAffinity.IsEmpty && settings.AllowSystemCalls.IsEmpty, text);
            Assert.DoesNotContain(settings.Environment, one => one == "LANG=C.UTF-8");
        }
    }

    [Fact]
    public void Any_bytes_are_text_or_a_fault()
    {
        Random random = new(Seed);
        for (int i = 0; i < Rounds; i++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            SettingsFile file = SettingsFile.Of(Path, trusted: false, bytes);

            Assert.Equal(file.Fault is null ? 0 : 1, Agree(file).Warnings.Count(warning => warning.StartsWith($"{Path} is ignored: ", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData(new byte[] { (byte)'[', 0 }, "it holds a NUL byte")]
    [InlineData(new byte[] { (byte)'[', 0xff }, "it is not UTF-8")]
    public void What_is_no_text_is_said_in_one_line(byte[] bytes, string fault) =>
        Assert.Equal([$"{Path} is ignored: {fault}"], Agree(SettingsFile.Of(Path, trusted: false, bytes)).Warnings);

    [Fact]
    public void A_huge_file_is_said_in_one_line() => Assert.Equal(
        [$"{Path} is ignored: it is larger than 64 KiB"], Agree(SettingsFile.Of(Path, trusted: false, new byte[SettingsFile.LargestSize + 1])).Warnings);

    // Arrays in records are compared by identity.
    // But for where they came from.
    private static bool SameBut(Settings one, Settings other) => typeof(Settings).GetProperties()
        .Where(property => property.GetMethod is { IsStatic: false } && property.Name is not (nameof(Settings.Origins) or nameof(Settings.SettingsFile)))
        .All(property => Written(property.GetValue(one)) == Written(property.GetValue(other)));

    private static string Written(object? value) =>
        value is IEnumerable items and not string ? string.Join(", ", items.Cast<object>()) : $"{value ?? "nothing"}";

    private static Agreement Agree(string text, string line = "", bool trusted = false) => Agree(new SettingsFile(Path, trusted, text), line);

    private static Agreement Agree(SettingsFile file, string line = "") => Commands.Settled(
        Assert.IsType<ParsedCommandLine.Launch>(Commands.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Request, file);

    [Fact]
    public void What_needs_trust_does_not_hide_what_is_misspelt()
    {
        string text = "[Exec]\n" + string.Concat(Enumerable.Repeat("Capability=CAP_KILL\nMachineID=x\n", 8)) + "Usr=joe\nLimitBOGUS=1\n";
        SettingsFile file = new(Path, Trusted: false, text);
        ImmutableArray<string> warnings = Commands.Settled(Assert.IsType<ParsedCommandLine.Launch>(Commands.Parse("-D", "/srv/debian")).Request, file).Warnings;

        Assert.Equal(3, warnings.Length);
        Assert.StartsWith($"{Path}:18: Usr= is no setting", warnings[0]);
        Assert.StartsWith($"{Path}:19: LimitBOGUS= is no setting", warnings[1]);
        Assert.Equal($"{Path}: 16 lines need a file that is trusted, in /etc/systemd/nspawn, or --settings=trusted: Capability=, MachineID=, ignored", warnings[2]);
    }
}
