using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class ExitStatusTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(7, 7, 7)]
    [InlineData(133, 133, 1)]
    [InlineData(255, 255, 255)]
    public void The_payloads_own_status_is_the_launchers(int status, int own, int upstream) =>
        Holds(new PayloadEnd.Exited(status), own, upstream);

    [Theory]
    [InlineData(Signal.Kill, 137)]
    [InlineData(Signal.Terminate, 143)]
    public void A_killed_payload_counts_as_a_shell_would_count_it(int signal, int own) =>
        Holds(new PayloadEnd.Killed(signal), own, upstream: 1);

    [Fact]
    public void Power_off_is_success() => Holds(new PayloadEnd.PoweredOff(), 0, 0);

    [Fact]
    public void A_reboot_asks_the_unit_for_a_restart_when_the_unit_is_kept()
    {
        Assert.Equal(133, ExitStatus.Of(new PayloadEnd.Rebooting(), asSystemdNspawn: false, keepUnit: true));
        Assert.Equal(133, ExitStatus.Of(new PayloadEnd.Rebooting(), asSystemdNspawn: true, keepUnit: true));
        Assert.Equal(0, ExitStatus.Of(new PayloadEnd.Rebooting(), asSystemdNspawn: false, keepUnit: false));
    }

    [Fact]
    public void The_kernel_says_reboot_with_hangup_and_halt_with_interrupt()
    {
        Assert.IsType<PayloadEnd.Rebooting>(PayloadEnd.Of(new ChildEnd(Signalled: true, Signal.Hangup)));
        Assert.IsType<PayloadEnd.PoweredOff>(PayloadEnd.Of(new ChildEnd(Signalled: true, Signal.Interrupt)));
        Assert.Equal(new PayloadEnd.Killed(Signal.Kill), PayloadEnd.Of(new ChildEnd(Signalled: true, Signal.Kill)));
        Assert.Equal(new PayloadEnd.Exited(2), PayloadEnd.Of(new ChildEnd(Signalled: false, 2)));
    }

    [Theory]
    [InlineData(0, "Container m exited successfully.")]
    [InlineData(9, "Container m failed with error code 9.")]
    public void The_message_tells_success_from_failure(int status, string line) =>
        Assert.Equal(line, Messages.OfEnd("m", new PayloadEnd.Exited(status)));

    [Fact]
    public void The_message_names_the_signal() =>
        Assert.Equal(
            "Container m terminated by signal RTMIN+3.",
            Messages.OfEnd("m", new PayloadEnd.Killed(Signal.RealTimeMin + 3)));

    private static void Holds(PayloadEnd end, int own, int upstream)
    {
        Assert.Equal(own, ExitStatus.Of(end, asSystemdNspawn: false, keepUnit: false));
        Assert.Equal(upstream, ExitStatus.Of(end, asSystemdNspawn: true, keepUnit: true));
    }
}
