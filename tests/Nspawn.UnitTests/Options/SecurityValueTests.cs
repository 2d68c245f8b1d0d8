using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class SecurityValueTests
{
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
    public void Nothing_else_is_a_signal(string text) => Commands.Refused(() => SignalNames.Parse(text));

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
        Commands.Refused(() => CapabilityList.ParseNamed("all"));
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
    public void Other_words_are_no_capability(string text) => Commands.Refused(() => CapabilityList.Parse(text));

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
    public void Other_system_calls_are_refused(string text) => Commands.Refused(() => SystemCallList.Add(Settings.Default, text));
}
