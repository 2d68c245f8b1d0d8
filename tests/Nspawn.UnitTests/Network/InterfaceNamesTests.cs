using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class InterfaceNamesTests
{
    [Theory]
    [InlineData("ve-short", "ve-short")]
    [InlineData("ve-exactly12345", "ve-exactly12345")]
    [InlineData("ve-verylongmachinename01", "ve-verylongz0sB")]
    [InlineData("ve-averyveryverylongname", "ve-averyverUARo")]
    public void A_long_name_is_shortened_as_systemd_does(string name, string expected) =>
        Assert.Equal(expected, InterfaceNames.Shorten(name));

    [Fact]
    public void SipHash_gives_what_its_paper_says() => Assert.Equal(
        0xa129ca6149be45e5, SipHash.Of([.. Enumerable.Range(0, 16).Select(i => (byte)i)], [.. Enumerable.Range(0, 15).Select(i => (byte)i)]));

    [Fact]
    public void Addresses_differ_by_machine_and_by_end_and_belong_to_no_maker()
    {
        Guid host = Guid.Parse("3d1219c7-c4c5-404a-aa1f-6d2a48adfda4");
        MacAddresses one = new(host, "one"), other = new(host, "other");
        string?[] all = [one.Host, one.Container, one.ExtraHost(0), one.ExtraHost(1), one.ExtraContainer(1), one.Macvlan(0), other.Host];

        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.All(all, address => Assert.Equal(2, MacAddresses.Parse(address!)![0] & 3));
        Assert.Null(new MacAddresses(null, "one").Host);
    }

    [Theory]
    [InlineData("eth0", true)]
    [InlineData("exactly15bytes_", true)]
    [InlineData("sixteen_bytes_xx", false)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("a%d", false)]
    [InlineData("..", false)]
    [InlineData("42", false)]
    [InlineData("all", false)]
    [InlineData("ä", false)]
    public void An_interface_has_a_name_the_kernel_takes(string name, bool valid) => Assert.Equal(valid, InterfaceSyntax.IsValid(name));

    [Fact]
    public void A_pair_names_both_ends()
    {
        Assert.Equal([new InterfacePair("a", null), new InterfacePair("b", "c")], InterfaceSyntax.Pairs("a b:c", exists: false));
        Assert.Throws<UsageException>(() => InterfaceSyntax.Pairs("a:b:c", exists: false).ToArray());
        Assert.Throws<UsageException>(() => InterfaceSyntax.Pairs(" ", exists: false).ToArray());
        Assert.Throws<UsageException>(() => InterfaceSyntax.Pairs("sixteen_bytes_xx", exists: false).ToArray());
        Assert.Equal("an-alternative-name-of-some-length", InterfaceSyntax.Pairs("an-alternative-name-of-some-length", exists: true).Single().Host);
    }

    [Theory]
    [InlineData("8080", TransportProtocol.Tcp, 8080, 8080)]
    [InlineData("8080:80", TransportProtocol.Tcp, 8080, 80)]
    [InlineData("udp:53:5353", TransportProtocol.Udp, 53, 5353)]
    [InlineData("tcp:1", TransportProtocol.Tcp, 1, 1)]
    public void A_port_is_read(string text, TransportProtocol protocol, int host, int container) =>
        Assert.Equal(new ForwardedPort(protocol, (ushort)host, (ushort)container), PortSyntax.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("80:")]
    [InlineData("1:2:3")]
    [InlineData("sctp:80")]
    [InlineData("tcp:")]
    [InlineData("+80")]
    public void What_is_no_port_is_refused(string text) => Assert.Throws<UsageException>(() => PortSyntax.Parse(text));
}
