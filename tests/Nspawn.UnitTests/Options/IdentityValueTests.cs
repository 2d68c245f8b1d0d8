using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class IdentityValueTests
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
    public void Nothing_else_is_a_boolean(string text) => Commands.Refused(() => Booleans.Parse(text));

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
    public void What_machined_would_refuse_is_no_machine_name(string text) => Commands.Refused(() => MachineNames.Parse(text));

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
    public void Other_forms_are_no_id(string text) => Commands.Refused(() => MachineIds.Parse(text));

    [Theory]
    [InlineData("machine", "machine.slice")]
    [InlineData("machine.slice", "machine.slice")]
    [InlineData("a-b-c", "a-b-c.slice")]
    [InlineData("a.b", "a.b.slice")]
    [InlineData("service", "service.slice")]
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
    [InlineData("a.service")]
    [InlineData("a.b.scope")]
    public void Other_slices_are_refused(string text) => Commands.Refused(() => UnitSyntax.Slice(text));

    [Theory]
    [InlineData("MemoryMax=1G")]
    [InlineData("DeviceAllow=block-* rw")]
    [InlineData("Slice=")]
    public void A_property_is_an_assignment(string text) => Assert.Equal(text, UnitSyntax.Property(text));

    [Theory]
    [InlineData("MemoryMax")]
    [InlineData("=1")]
    [InlineData("Memory Max=1")]
    public void Other_properties_are_refused(string text) => Commands.Refused(() => UnitSyntax.Property(text));

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
    public void Other_variables_are_refused(string text) => Commands.Refused(() => EnvironmentAssignment.Parse(text, Commands.Context));

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
    public void Other_users_are_refused(string text) => Commands.Refused(() => UserNames.Parse(text));
}
