using System.Text;
using System.Text.Json;
using Xunit;

namespace Nspawn.UnitTests;

public class VarlinkMessagesTests
{
    [Fact]
    public void Registering_says_who_the_machine_is()
    {
        MachineParameters machine = new("web", new string('a', 32), "systemd-nspawn", "container", new(7, 9876543210, "b"), "/srv/web");

        Assert.Equal(
            "{\"method\":\"io.systemd.Machine.Register\",\"parameters\":{\"name\":\"web\",\"id\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
            + "\"service\":\"systemd-nspawn\",\"class\":\"container\",\"leaderProcessId\":{\"pid\":7,\"pidfdId\":9876543210,\"bootId\":\"b\"},"
            + "\"rootDirectory\":\"/srv/web\"}}",
            Encoding.UTF8.GetString(VarlinkMessages.Register(machine)));
    }

    [Fact]
    public void What_an_old_kernel_does_not_tell_is_left_out()
    {
        MachineParameters machine = new("web", "a", "s", "container", new(7, null, null), "/srv/web");

        Assert.Contains("\"leaderProcessId\":{\"pid\":7}", Encoding.UTF8.GetString(VarlinkMessages.Register(machine)));
    }

    [Fact]
    public void Unregistering_names_the_machine() => Assert.Equal(
        "{\"method\":\"io.systemd.Machine.Unregister\",\"parameters\":{\"name\":\"web\"}}",
        Encoding.UTF8.GetString(VarlinkMessages.Unregister("web")));

    [Theory]
    [InlineData("{}", null)]
    [InlineData("{\"parameters\":{\"x\":1}}", null)]
    [InlineData("{\"error\":\"io.systemd.Machine.MachineExists\",\"parameters\":{}}", "io.systemd.Machine.MachineExists")]
    public void An_answer_holds_an_error_or_none(string answer, string? error) =>
        Assert.Equal(error, VarlinkMessages.ErrorOf(Encoding.UTF8.GetBytes(answer)));

    [Theory]
    [InlineData("{}", null)]
    [InlineData("{\"error\":\"io.systemd.System\",\"parameters\":{\"origin\":\"linux\",\"errno\":110}}", "io.systemd.System, errno 110")]
    [InlineData("{\"error\":\"io.systemd.System\"}", "io.systemd.System")]
    public void What_the_kernel_refused_a_service_is_told(string answer, string? fault) =>
        Assert.Equal(fault, VarlinkMessages.FaultOf(Encoding.UTF8.GetBytes(answer)));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("HTTP/1.1 400")]
    [InlineData("[]")]
    public void What_is_no_answer_is_told(string answer) =>
        Assert.ThrowsAny<JsonException>(() => VarlinkMessages.ErrorOf(Encoding.UTF8.GetBytes(answer)));
}
