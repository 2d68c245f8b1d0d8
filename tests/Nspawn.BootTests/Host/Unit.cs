using Xunit;

namespace Nspawn.BootTests;

/// <summary>A service of the host that runs a machine's launcher, as an administrator writes one.</summary>
internal sealed class Unit : IDisposable
{
    private readonly RealHost _host;

    private Unit(Machine machine)
    {
        _host = machine.Host;
        Name = $"runs-{machine.Name}.service";
    }

    public string Name { get; }

    public static Unit Start(Machine machine, IEnumerable<string> arguments, params string[] settings)
    {
        Unit unit = new(machine);
        machine.Host.Write("/run/systemd/system/" + unit.Name, $"""
            [Service]
            Type=notify
            KillMode=mixed
            TimeoutStopSec=20
            ExecStart={string.Join(' ', NestedLauncher.CommandLine(machine.Name, ["--notify-ready=yes", .. arguments]))}
            {string.Join('\n', settings)}
            """);
        machine.Host.Output("systemctl", "daemon-reload");
        Outcome started = machine.Host.Run(["systemctl", "start", unit.Name]);
        Assert.True(started.ExitStatus == 0, $"{started}\n{unit.Journal()}");
        return unit;
    }

    /// <summary>Stops it; then its result is this, and the guest went down by itself.</summary>
    public void StopAndExpect(string result)
    {
        _host.Output("systemctl", "stop", Name);
        Assert.True(_host.Output("systemctl", "show", Name, "--value", "-p", "Result") == result, Journal());
        Assert.Contains("Reached target", Journal(), StringComparison.Ordinal);
    }

    public void Dispose() => _host.Shell($"""
        systemctl stop {Name}; systemctl reset-failed {Name}
        rm -f /run/systemd/system/{Name}; systemctl daemon-reload
        """);

    private string Journal() => _host.Output("journalctl", "--no-pager", "-o", "cat", "-n", "60", "-u", Name);
}
