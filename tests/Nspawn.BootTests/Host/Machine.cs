using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>A container in a host: its tree, an overlay of the guest's that is kept in memory, and its launcher.</summary>
internal sealed class Machine : IDisposable
{
    private static int s_count;

    private readonly string _top;
    private Command? _launcher;

    public Machine(RealHost host, string? name = null, string tree = RealHost.GuestTree)
    {
        Host = host;
        Name = name ?? $"guest{Interlocked.Increment(ref s_count)}";
        _top = "/run/trees/" + Name;
        // The label of the overlay is how processes of the machine are told. An id makes it no first boot.
        Outcome made = host.Run(
        [
            "sh", "-ec", """
            mkdir -p "$2/upper/etc/systemd/system" "$2/work" "$3"
            tr -d - </proc/sys/kernel/random/uuid >"$2/upper/etc/machine-id"
            for slow in ldconfig systemd-journal-catalog-update; do ln -s /dev/null "$2/upper/etc/systemd/system/$slow.service"; done
            mount -t overlay "tree-of-$1" -o "lowerdir=$4,upperdir=$2/upper,workdir=$2/work" "$3"
            """,
            "sh", Name, _top, Tree, tree,
        ]);
        Assert.True(made.ExitStatus == 0, made.ToString());
    }

    public RealHost Host { get; }

    public string Name { get; }

    public string Tree => NestedLauncher.TreeOf(Name);

    public Command Launcher => _launcher ?? throw new InvalidOperationException(Name + " was not started");

    /// <summary>A file in its tree, or a symbolic link.</summary>
    public void WriteFile(string path, string text, string? linkTo = null)
    {
        if (linkTo is null)
        {
            Host.Write(Tree + path, text + "\n");
        }
        else
        {
            Host.Output("sh", "-c", """mkdir -p "$(dirname "$2")" && ln -s "$1" "$2" """, "sh", linkTo, Tree + path);
        }
    }

    /// <summary>Starts the launcher and returns.</summary>
    public Machine Start(params string[] arguments)
    {
        _launcher?.Dispose();
        _launcher = Host.Start(NestedLauncher.CommandLine(Name, arguments));
        return this;
    }

    /// <summary>Boots the guest and waits until it asks for a login.</summary>
    public Machine Boot(params string[] options)
    {
        Start([.. options, "-b"]);
        WaitForLogin();
        return this;
    }

    public void WaitForLogin(int times = 1) =>
        Assert.True(
            SpinWait.SpinUntil(() => Launcher.HasEnded || Logins() >= times, TimeSpan.FromSeconds(30)) && Logins() >= times,
            $"{Host.Name}: {Name} asked for no login:\n{(Launcher.HasEnded ? Launcher.Wait(TimeSpan.Zero) : Launcher.OutputSoFar)}");

    /// <summary>Waits until the guest's bus is there and its boot is over.</summary>
    public void AwaitRunning() => Host.Eventually(
        // A question that comes before the guest's systemd is on its bus gets no answer.
        $"timeout 2 systemctl -M {Name} is-system-running", answer => answer.Text == "running\n", TimeSpan.FromSeconds(30));

    /// <summary>Runs a payload to its end.</summary>
    public Outcome Run(params string[] arguments) => Host.Run(NestedLauncher.CommandLine(Name, arguments));

    /// <summary>Waits for the launcher's end and expects it to be a good one, with nothing left.</summary>
    public void AssertEnds(int status = 0)
    {
        Outcome outcome = Launcher.Wait(TimeSpan.FromSeconds(20));
        Assert.True(outcome.ExitStatus == status && !outcome.TimedOut, $"{Host.Name}: {Name}: {outcome}");
        AssertNothingLeft();
    }

    /// <summary>Signals the launcher itself, not the nsenter in front of it.</summary>
    public void Signal(Signum signal) => Launcher.SignalOnlyChild(signal);

    /// <summary>A property of the machine as machined tells it.</summary>
    public string Show(string property) => Host.Output("machinectl", "show", Name, "--value", "-p", property);

    /// <summary>A property of the machine's unit.</summary>
    public string ShowUnit(string property) => Host.Output("systemctl", "show", Show("Unit"), "--value", "-p", property);

    public void AssertListed() => Assert.Contains(Name, Host.Output("machinectl", "list", "--no-legend").Split([' ', '\n']));

    /// <summary>No unit, machine, process or control group of it is on the host, soon.</summary>
    public void AssertNothingRuns() => Host.Eventually(WhatRuns(), answer => answer.Text.Length == 0);

    /// <summary>No file of it either.</summary>
    public void AssertNothingLeft() => Host.Eventually(
        $$"""
        {{WhatRuns()}}
        find /run -path '*nspawn*' -name '{{Name}}*'
        find /run/systemd/machines -name '{{Name}}'
        """,
        answer => answer.Text.Length == 0 || (NestedLauncher.IsReference && IsKnownOfReference(answer.Text)));

    public void Dispose()
    {
        _launcher?.SignalChildIfAny(Signum.SIGKILL);
        _launcher?.Dispose();
        Host.Shell($$"""
            machinectl terminate {{Name}} 2>/dev/null
            for p in $(grep -sl ' / / .* - overlay tree-of-{{Name}} ' /proc/[0-9]*/mountinfo); do kill -KILL "$(echo "$p" | cut -d/ -f3)"; done
            umount -l {{Tree}}; rmdir {{Tree}}; rm -rf {{_top}}
            """);
    }

    private string WhatRuns() => $$"""
        machinectl list --no-legend | awk '$1 == "{{Name}}" { print "machine " $1 }'
        systemctl list-units --all --plain --no-legend '{{Name}}.scope' 'machine-{{Name}}.scope' | sed 's/^/unit /'
        grep -sl ' / / .* - overlay tree-of-{{Name}} ' /proc/[0-9]*/mountinfo | sed 's/^/process /'
        find /sys/fs/cgroup -type d -name '*{{Name}}*' | grep -v /runs-
        """;

    private int Logins() => Launcher.OutputSoFar.Split("login: ").Length - 1;

    // It keeps the propagation directory and, when killed, the mount for exported sockets.
    private static bool IsKnownOfReference(string left) =>
        left.Split('\n', StringSplitOptions.RemoveEmptyEntries).All(line => line.StartsWith("/run/systemd/nspawn/", StringComparison.Ordinal));
}
