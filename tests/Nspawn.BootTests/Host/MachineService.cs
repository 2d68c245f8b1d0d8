using Xunit;

namespace Nspawn.BootTests;

/// <summary>The service that an installed template makes of a machine.</summary>
/// <param name="machine">The machine.</param>
/// <param name="template">The unit's name up to the <c>@</c>.</param>
internal sealed class MachineService(Machine machine, string template) : IDisposable
{
    public string Name => $"{template}{machine.Name}.service";

    public string Socket => $"{template}{machine.Name}.socket";

    public string State => machine.Host.Shell($"systemctl is-active {Name}").Text.TrimEnd();

    public string Show(string property) => machine.Host.Output("systemctl", "show", Name, "--value", "-p", property);

    public void Start()
    {
        NestedLauncher.NotOnReference("the units start nspawn");
        // The one of systemd's is what machinectl starts.
        string[] command = template == "nspawn@" ? ["systemctl", "start", Name] : ["machinectl", "start", machine.Name];
        Outcome started = machine.Host.Run(command);
        Assert.True(started.ExitStatus == 0, $"{started}\n{Journal()}");
    }

    public void Stop() => machine.Host.Output("systemctl", "stop", Name);

    public string Journal() => machine.Host.Output("journalctl", "--no-pager", "-o", "cat", "-u", Name);

    public void Dispose() => machine.Host.Shell($"""
        systemctl stop {Socket} 2>/dev/null; systemctl stop {Name}; systemctl reset-failed {Name}
        [ ! -e /run/systemd/system/{Socket} ] || rm /run/systemd/system/{Socket}; systemctl daemon-reload
        """);
}
