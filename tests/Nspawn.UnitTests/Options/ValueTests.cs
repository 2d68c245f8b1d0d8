using System.Text;
using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class ValueTests
{
    [Theory]
    [InlineData("1", true)]
    [InlineData("yes", true)]
    [InlineData("Y", true)]
    [InlineData("TRUE", true)]
    [InlineData("t", true)]
    [InlineData("on", true)]
    [InlineData("0", false)]
    [InlineData("no", false)]
    [InlineData("n", false)]
    [InlineData("false", false)]
    [InlineData("f", false)]
    [InlineData("off", false)]
    public void A_boolean_is_spelled_as_systemd_spells_it(string text, bool value) => Assert.Equal(value, Booleans.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("yes ")]
    [InlineData("ja")]
    public void Nothing_else_is_a_boolean(string text) => Refused(() => Booleans.Parse(text));

    [Theory]
    [InlineData("a")]
    [InlineData("debian-12")]
    [InlineData("web.example.org")]
    [InlineData("6c1e0d6a1ac14b6a9dcbb1a9ff7a0f7e")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void A_machine_name_is_labels_joined_by_dots(string text) => Assert.Equal(text, MachineNames.Parse(text));

    [Theory]
    [InlineData("a_b")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a.-b")]
    [InlineData(".host")]
    [InlineData("a..b")]
    [InlineData("a.")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a/b")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void What_machined_would_refuse_is_no_machine_name(string text) => Refused(() => MachineNames.Parse(text));

    [Theory]
    [InlineData("6c1e0d6a1ac14b6a9dcbb1a9ff7a0f7e")]
    [InlineData("6C1E0D6A-1AC1-4B6A-9DCB-B1A9FF7A0F7E")]
    public void An_id_may_have_dashes(string text) =>
        Assert.Equal("6c1e0d6a-1ac1-4b6a-9dcb-b1a9ff7a0f7e", MachineIds.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("6c1e0d6a1ac14b6a9dcbb1a9ff7a0f7")]
    [InlineData("6c1e0d6a1ac14b6a9dcbb1a9ff7a0f7g")]
    [InlineData("{6c1e0d6a-1ac1-4b6a-9dcb-b1a9ff7a0f7e}")]
    [InlineData("6c1e0d6a1ac1-4b6a-9dcb-b1a9ff7a0f7e-")]
    [InlineData(" 6c1e0d6a1ac14b6a9dcbb1a9ff7a0f7e")]
    public void Other_forms_are_no_id(string text) => Refused(() => MachineIds.Parse(text));

    [Theory]
    [InlineData("SIGTERM", 15)]
    [InlineData("TERM", 15)]
    [InlineData("15", 15)]
    [InlineData("SIGRTMIN", 34)]
    [InlineData("RTMIN+3", 37)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("37", 37)]
    [InlineData("SIGRTMAX", 64)]
    [InlineData("RTMAX-1", 63)]
    [InlineData("SIGRTMIN+30", 64)]
    [InlineData("SIGRTMAX-30", 34)]
    [InlineData("SIGIO", 29)]
    [InlineData("SIGPOLL", 29)]
    [InlineData("SYS", 31)]
    public void A_signal_has_a_name_and_a_number(string text, int number) => Assert.Equal(number, SignalNames.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("SIG")]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("-1")]
    [InlineData("+15")]
    [InlineData("SIGFOO")]
    [InlineData("RTMIN+31")]
    [InlineData("RTMIN-1")]
    [InlineData("RTMIN+")]
    [InlineData("RTMAX-31")]
    [InlineData("99999999999999999999")]
    public void Nothing_else_is_a_signal(string text) => Refused(() => SignalNames.Parse(text));

    [Fact]
    public void Every_listed_signal_is_understood()
    {
        string[] names = [.. SignalNames.All()];

        Assert.Equal(names, names.Select(name => SignalNames.NameOf(SignalNames.Parse(name))));
    }

    [Theory]
    [InlineData("CAP_NET_ADMIN,cap_bpf", "CAP_NET_ADMIN CAP_BPF")]
    [InlineData("net_admin, Chown", "CAP_CHOWN CAP_NET_ADMIN")]
    [InlineData("", "")]
    [InlineData(",,", "")]
    public void Capabilities_are_named_without_ceremony(string text, string names) =>
        Assert.Equal(names, CapabilityList.Parse(text).ToString());

    [Fact]
    public void All_is_every_capability()
    {
        Assert.Equal(CapabilitySet.All, CapabilityList.Parse("all"));
        Assert.Equal(CapabilitySet.All, CapabilityList.Parse("chown,ALL"));
        Refused(() => CapabilityList.ParseNamed("all"));
        Assert.All(CapabilityList.Names(), name => Assert.Equal(name, CapabilityList.Parse(name).ToString(), ignoreCase: true));
    }

    [Theory]
    [InlineData("CAP_")]
    [InlineData("NETADMIN")]
    [InlineData("N_ETADMIN")]
    [InlineData("12")]
    [InlineData("CAP_CAP_CHOWN")]
    [InlineData("chown kill")]
    [InlineData("_chown")]
    public void Other_words_are_no_capability(string text) => Refused(() => CapabilityList.Parse(text));

    [Theory]
    [InlineData("NOFILE=1024:4096", RlimitResource.Nofile, 1024, 4096)]
    [InlineData("RLIMIT_NOFILE=7", RlimitResource.Nofile, 7, 7)]
    [InlineData("core=infinity", RlimitResource.Core, Rlimit.Infinity, Rlimit.Infinity)]
    [InlineData("RLIMIT_CORE=0:infinity", RlimitResource.Core, 0, Rlimit.Infinity)]
    [InlineData("STACK=8M", RlimitResource.Stack, 8 << 20, 8 << 20)]
    [InlineData("AS=1.5G", RlimitResource.As, 3UL << 29, 3UL << 29)]
    [InlineData("MEMLOCK=64K:1024K", RlimitResource.Memlock, 64 << 10, 1 << 20)]
    [InlineData("CPU=1min 30s:2h", RlimitResource.Cpu, 90, 7200)]
    [InlineData("CPU=1500ms", RlimitResource.Cpu, 2, 2)]
    [InlineData("CPU=90", RlimitResource.Cpu, 90, 90)]
    [InlineData("RTTIME=5ms", RlimitResource.Rttime, 5000, 5000)]
    [InlineData("RTTIME=5", RlimitResource.Rttime, 5, 5)]
    [InlineData("NICE=-5", RlimitResource.Nice, 25, 25)]
    [InlineData("NICE=+19", RlimitResource.Nice, 1, 1)]
    [InlineData("NICE=40", RlimitResource.Nice, 40, 40)]
    public void A_resource_limit_is_written_in_its_own_unit(string text, RlimitResource resource, ulong soft, ulong hard) =>
        Assert.Equal(new Rlimit(soft, hard), Rlimits.Add(Settings.Default.Rlimits, text)[resource]);

    [Theory]
    [InlineData("NOFILE")]
    [InlineData("NOFILE=")]
    [InlineData("NOFILE=1:")]
    [InlineData("NOFILE=:1")]
    [InlineData("NOFILE=2:1")]
    [InlineData("NOFILE=-1")]
    [InlineData("NOFILE=1K")]
    [InlineData("NOFILE=1:2:3")]
    [InlineData("FOO=1")]
    [InlineData("=1")]
    [InlineData("STACK=8X")]
    [InlineData("STACK=99999999E")]
    [InlineData("STACK=16E")]
    [InlineData("CPU=1 fortnight")]
    [InlineData("CPU=s")]
    [InlineData("CPU=99999999999999999999999999999999")]
    [InlineData("CPU=99999999999999999999w")]
    [InlineData("CPU=1.2.3")]
    [InlineData("NICE=-21")]
    [InlineData("NICE=+20")]
    public void Other_resource_limits_are_refused(string text) => Refused(() => Rlimits.Add(Settings.Default.Rlimits, text));

    [Theory]
    [InlineData("0-3,5 7", new[] { 0, 1, 2, 3, 5, 7 })]
    [InlineData("7,5,5-6", new[] { 5, 6, 7 })]
    [InlineData("", new int[0])]
    [InlineData("8191", new[] { 8191 })]
    public void Processors_are_listed_by_number_and_range(string text, int[] cpus) => Assert.Equal(cpus, CpuList.Parse(text));

    [Theory]
    [InlineData("3-0")]
    [InlineData("8192")]
    [InlineData("0-99999999999")]
    [InlineData("-1")]
    [InlineData("1-")]
    [InlineData("1-2-3")]
    [InlineData("a")]
    public void Other_lists_of_processors_are_refused(string text) => Refused(() => CpuList.Parse(text));

    [Theory]
    [InlineData("-1000", -1000)]
    [InlineData("0", 0)]
    [InlineData("1000", 1000)]
    public void An_oom_score_is_within_a_thousand(string text, int score) => Assert.Equal(score, OomScore.Parse(text));

    [Theory]
    [InlineData("-1001")]
    [InlineData("1001")]
    [InlineData("")]
    [InlineData("1e2")]
    public void Other_oom_scores_are_refused(string text) => Refused(() => OomScore.Parse(text));

    [Theory]
    [InlineData("machine", "machine.slice")]
    [InlineData("machine.slice", "machine.slice")]
    [InlineData("a-b-c", "a-b-c.slice")]
    [InlineData("-", "-.slice")]
    [InlineData(@"dev\x2dtools", @"dev\x2dtools.slice")]
    public void A_slice_gets_its_suffix(string text, string name) => Assert.Equal(name, UnitSyntax.Slice(text));

    [Theory]
    [InlineData("")]
    [InlineData(".slice")]
    [InlineData("a--b")]
    [InlineData("-a")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ä")]
    public void Other_slices_are_refused(string text) => Refused(() => UnitSyntax.Slice(text));

    [Theory]
    [InlineData("MemoryMax=1G")]
    [InlineData("DeviceAllow=block-* rw")]
    [InlineData("Slice=")]
    public void A_property_is_an_assignment(string text) => Assert.Equal(text, UnitSyntax.Property(text));

    [Theory]
    [InlineData("MemoryMax")]
    [InlineData("=1")]
    [InlineData("Memory Max=1")]
    public void Other_properties_are_refused(string text) => Refused(() => UnitSyntax.Property(text));

    [Theory]
    [InlineData("A=b", "A=b")]
    [InlineData("A=", "A=")]
    [InlineData("_a1=x=y", "_a1=x=y")]
    [InlineData("LANG", "LANG=C.UTF-8")]
    [InlineData("UNSET", "UNSET=")]
    public void A_variable_is_assigned_or_copied(string text, string assignment) =>
        Assert.Equal(assignment, EnvironmentAssignment.Parse(text, Commands.Context));

    [Theory]
    [InlineData("")]
    [InlineData("=x")]
    [InlineData("1a=x")]
    [InlineData("a-b=x")]
    [InlineData("a b")]
    public void Other_variables_are_refused(string text) => Refused(() => EnvironmentAssignment.Parse(text, Commands.Context));

    [Theory]
    [InlineData("joe")]
    [InlineData("1000")]
    [InlineData("_apt")]
    [InlineData("joe.doe@example")]
    public void A_user_has_a_name_or_a_number(string text) => Assert.Equal(text, UserNames.Parse(text));

    [Theory]
    [InlineData("-b")]
    [InlineData("a:b")]
    [InlineData("a b")]
    [InlineData("a/b")]
    public void Other_users_are_refused(string text) => Refused(() => UserNames.Parse(text));

    [Fact]
    public void System_calls_are_allowed_and_denied()
    {
        Settings settings = Commands.Launch("--system-call-filter=bpf  @keyring", "--system-call-filter=~mount @swap", "--system-call-filter", "_llseek");

        Assert.Equal(["bpf", "@keyring", "_llseek"], settings.AllowSystemCalls.AsEnumerable());
        Assert.Equal(["mount", "@swap"], settings.DenySystemCalls.AsEnumerable());
    }

    [Theory]
    [InlineData("a,b")]
    [InlineData("@")]
    [InlineData("a ~b")]
    [InlineData("~~a")]
    [InlineData("bpf:EPERM")]
    public void Other_system_calls_are_refused(string text) => Refused(() => SystemCallList.Add(Settings.Default, text));

    [Theory]
    [InlineData("a:b", "b")]
    [InlineData("a:", "")]
    [InlineData("a.b-c:b:c", "b:c")]
    [InlineData(@"a:x\ny\t\\\x41\101\u00e4\s\e", null)]
    [InlineData(@"a:x\ny\t\\\x41\101\u00e4\s", "x\ny\t\\AAä ")]
    [InlineData(@"a:\U0001F600", "😀")]
    [InlineData(@"a:\000", "\0")]
    public void A_credential_is_unescaped_as_c_does(string text, string? value)
    {
        if (value is null)
        {
            Refused(() => CredentialSyntax.Set(text));
            return;
        }

        Assert.Equal(value, Encoding.UTF8.GetString(CredentialSyntax.Set(text).Value!));
    }

    [Fact]
    public void A_credential_may_hold_any_byte() => Assert.Equal([0xff, 0xfe], CredentialSyntax.Set(@"a:\xff\376").Value!);

    [Theory]
    [InlineData("a")]
    [InlineData(":b")]
    [InlineData("a/b:c")]
    [InlineData("..:c")]
    [InlineData(@"a:\")]
    [InlineData(@"a:\x4")]
    [InlineData(@"a:\xgg")]
    [InlineData(@"a:\777")]
    [InlineData(@"a:\ud800")]
    [InlineData(@"a:\U00110000")]
    public void Other_credentials_are_refused(string text) => Refused(() => CredentialSyntax.Set(text));

    [Theory]
    [InlineData("a:/etc/x", "/etc/x")]
    [InlineData("a:b", "/run/credentials/x.service/b")]
    public void A_credential_is_loaded_by_path_or_from_the_callers_own(string text, string path) =>
        Assert.Equal(path, CredentialSyntax.Load(text, Commands.Context).LoadFrom);

    [Fact]
    public void The_callers_own_credentials_need_a_directory()
    {
        OptionContext bare = new(_ => null, "/");

        Refused(() => CredentialSyntax.Load("a:b", bare));
        Refused(() => CredentialSyntax.Load("a:b/c", Commands.Context));
        Refused(() => CredentialSyntax.Load("a:", Commands.Context));
        Refused(() => CredentialSyntax.Load("a", Commands.Context));
    }

    internal static void Refused(Func<object?> parse)
    {
        UsageException refusal = Assert.Throws<UsageException>(parse);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.NotEmpty(refusal.Message);
    }
}
