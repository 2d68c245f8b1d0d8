using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class CommandLineTests
{
    [Fact]
    public void Nothing_asked_is_the_default()
    {
        Settings settings = Commands.Launch();

        // Arrays are compared by identity in records; none may have been replaced.
        Assert.Equal(Settings.Default with { Arguments = settings.Arguments }, settings);
        Assert.Empty(settings.Arguments);
    }

    [Theory]
    [InlineData("explain -b -D tree", false)]
    [InlineData("explain --json -b -D tree", true)]
    [InlineData("explain -b --json -D tree", true)]
    [InlineData("explain -bD tree --js", true)]
    public void Explain_takes_the_options_of_a_launch(string line, bool json)
    {
        ParsedCommandLine.Explain explain = Assert.IsType<ParsedCommandLine.Explain>(Commands.Parse(line.Split(' ')));

        Assert.Equal(json, explain.Json);
        Assert.Equal(StartMode.Boot, explain.Request.Alone.Mode);
        Assert.Equal("/home/joe/tree", explain.Request.Alone.Directory);
    }

    [Fact]
    public void Options_of_a_verb_are_unknown_without_it() =>
        Assert.Equal("unrecognized option '--json'", Commands.Refusal("--json"));

    [Fact]
    public void A_command_may_have_the_name_of_a_verb()
    {
        Assert.Equal(["explain"], Commands.Launch("--", "explain").Arguments.AsEnumerable());
        Assert.Equal(["explain"], Commands.Launch("-q", "explain").Arguments.AsEnumerable());
        Assert.Equal(["explain", "x"], Assert.IsType<ParsedCommandLine.Explain>(Commands.Parse("explain", "explain", "x")).Request.Alone.Arguments.AsEnumerable());
    }

    [Theory]
    [InlineData("systemd-nspawn")]
    [InlineData("/usr/bin/systemd-nspawn")]
    public void Systemd_nspawn_has_no_verbs(string programName)
    {
        ParsedCommandLine parsed = CommandLine.Parse(["explain", "-b"], programName, Commands.Context);

        Assert.Equal(["explain", "-b"], Assert.IsType<ParsedCommandLine.Launch>(parsed).Request.Alone.Arguments.AsEnumerable());
    }

    [Theory]
    [InlineData("-D /tree", "/tree")]
    [InlineData("-D tree/", "/home/joe/tree")]
    [InlineData("-D ./a//b/.", "/home/joe/a/b")]
    [InlineData("-D ../other", "/home/joe/../other")]
    public void The_tree_is_found_from_the_callers_directory(string line, string directory) =>
        Assert.Equal(directory, Commands.LaunchLine(line).Directory);

    [Fact]
    public void A_bad_argument_is_named_with_what_is_accepted()
    {
        Assert.Equal("--register=maybe: expected yes, no or auto", Commands.Refusal("--register=maybe"));
        Assert.Equal("--notify-ready=2: expected yes or no", Commands.Refusal("--notify-ready=2"));
        Assert.Equal("--machine=a_b: expected at most 64 letters, digits and dashes, in parts joined by dots that no dash begins or ends",
            Commands.Refusal("-Ma_b"));
    }

    [Fact]
    public void A_secret_is_not_repeated() =>
        Assert.DoesNotContain("hunter2", Commands.Refusal("--set-credential=bad/name:hunter2"));

    [Fact]
    public void The_last_of_a_kind_wins()
    {
        Settings settings = Commands.LaunchLine("-P --console=passive --register=no --register=auto --rlimit=NOFILE=1 --rlimit=NOFILE=2 -M a -M b");

        Assert.True(settings is { Console: ConsoleMode.Passive, Register: RegisterMode.Auto, Machine: "b" });
        Assert.Equal(new Rlimit(2, 2), settings.Rlimits[RlimitResource.Nofile]);
    }

    [Theory]
    [InlineData("no ambient capabilities for init", "-b --ambient-capability=chown")]
    [InlineData("ambient capabilities are kept ones", "--ambient-capability=sys_module")]
    [InlineData("ambient capabilities are kept ones", "--ambient-capability=net_admin")]
    [InlineData("ambient capabilities are kept ones", "--ambient-capability=chown --drop-capability=all")]
    [InlineData("a credential has one value", "--set-credential=a:b --load-credential=a:/c")]
    [InlineData("what is managed is there", "--network-manage=yes")]
    [InlineData("what is managed is there", "--private-network --network-manage=yes")]
    [InlineData("what is managed is there", "--network-bridge=br0 --network-manage=yes")]
    [InlineData("never on the host's own root", "-D /")]
    public void A_contradiction_is_refused(string rule, string line) =>
        Assert.Equal(SettingsRules.All.Single(one => one.Name == rule).Message, Commands.Refusal(line.Split(' ')));

    [Theory]
    [InlineData("-n --network-manage=yes")]
    [InlineData("--network-zone=lan --network-manage=yes")]
    [InlineData("--network-bridge=br0 -p 80 --network-manage=yes")]
    [InlineData("--network-manage=no")]
    public void What_can_be_managed_is(string line) => Assert.NotNull(Commands.LaunchLine(line));

    [Theory]
    [InlineData("-n -p 80:8080 -p udp:80 -p 80:81", "--port=tcp:80:81: ")]
    [InlineData("-n -p 80 -p udp:53 -p udp:53:54 -p 80", "--port=tcp:80:80: ")]
    public void A_port_that_is_forwarded_twice_is_named(string line, string start) =>
        Assert.StartsWith(start, Commands.Refusal(line.Split(' ')));

    [Theory]
    [InlineData("-b -a", "--as-pid2: excludes")]
    [InlineData("-a -b", "--boot: excludes")]
    public void There_is_one_way_to_start(string line, string message) =>
        Assert.StartsWith(message, Commands.Refusal(line.Split(' ')));

    [Theory]
    [InlineData("--ambient-capability=chown")]
    [InlineData("--ambient-capability=sys_module --capability=sys_module")]
    [InlineData("--ambient-capability=net_admin --private-network")]
    [InlineData("--keep-unit --slice=x --property=A=b")]
    [InlineData("-b --console=pipe -u joe")]
    public void What_only_looks_contradictory_is_accepted(string line) => Assert.NotNull(Commands.LaunchLine(line));

    [Theory]
    [InlineData(false, false, 0x9decafffUL)]
    [InlineData(true, false, 0x9decbfffUL)]
    [InlineData(true, true, 0x1000UL)]
    public void Retained_capabilities_are_systemd_nspawns_but_for_auditing(bool privateNetwork, bool onlyNetAdmin, ulong mask)
    {
        CapabilitySet drop = onlyNetAdmin ? CapabilitySet.All.Except(CapabilitySet.Of(Capability.NetAdmin)) : CapabilitySet.Empty;

        Assert.Equal(new CapabilitySet(mask), RetainedCapabilities.Of(new Settings { PrivateNetwork = privateNetwork, DropCapabilities = drop }));
    }

    [Fact]
    public void Outside_a_boot_operands_stay_as_they_are() =>
        Assert.Equal(["env", "A=b"], Commands.Launch("env", "A=b").Arguments.AsEnumerable());
}
