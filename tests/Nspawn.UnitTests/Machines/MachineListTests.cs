using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class MachineListTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(59, "59s")]
    [InlineData(60, "1min")]
    [InlineData(3725, "1h 2min")]
    [InlineData(90_061, "1d 1h")]
    [InlineData(-5, "0s")]
    public void Uptime_has_two_units(int seconds, string expected) => Assert.Equal(expected, MachineList.Uptime(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Addresses_are_those_of_the_network_that_are_its_own()
    {
        const string Trie = """
            Main:
              +-- 0.0.0.0/0 3 0 5
                 |-- 0.0.0.0
                    /0 universe UNICAST
                 +-- 10.0.0.0/24 2 0 2
                    |-- 10.0.0.0
                       /24 link UNICAST
                    |-- 10.0.0.2
                       /32 host LOCAL
                 |-- 127.0.0.1
                    /32 host LOCAL
            Local:
                    |-- 10.0.0.2
                       /32 host LOCAL
            """;
        Assert.Equal(["10.0.0.2"], MachineFacts.Version4(Trie));
        Assert.Equal(["2001:db8::1"], MachineFacts.Version6(
            "20010db8000000000000000000000001 02 40 00 80     eth0\n00000000000000000000000000000001 01 80 10 80       lo\n"));
    }

    [Fact]
    public void A_field_of_os_release_is_read_without_its_quotes() =>
        Assert.Equal("Debian 12", OsName.Field("NAME=x\nPRETTY_NAME=\"Debian 12\"\n", "PRETTY_NAME"));
}
