using System.Diagnostics;
using System.Globalization;
using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>
/// A host with systemd as PID 1, a system bus, machined and cgroup2: a fixture booted by nspawn itself, in which further
/// launchers are started. Everything in it is thrown away with it.
/// </summary>
internal sealed class RealHost : IDisposable
{
    /// <summary>Where the host has what it is tested with.</summary>
    public const string Binaries = "/opt/nspawn";
    public const string GuestTree = "/opt/guest";
    public const string BusyboxTree = "/opt/busybox";

    private static readonly TimeSpan s_boot = TimeSpan.FromSeconds(60);

    private readonly Scratch _scratch;
    private readonly Leftovers _leftovers;
    private readonly Command _launcher;
    private string _commandsGroup = "";

    private RealHost(string fixture)
    {
        _scratch = Prepared(new Scratch(fixture));
        _leftovers = Leftovers.Watch(_scratch);
        // A network of its own: ports that tests listen on are nobody else's. bpf(2): launchers inside limit devices too.
        _launcher = Launcher.Nspawn.Start(_scratch,
        [
            "-b", "--private-network", "--system-call-filter=bpf",
            $"--bind-ro={Path.GetDirectoryName(Path.GetFullPath(Launcher.Nspawn.Program))}:{Binaries}",
            $"--bind-ro={Fixture.PathOf("trixie")}:{GuestTree}",
            $"--bind-ro={Fixture.PathOf("busybox")}:{BusyboxTree}",
        ]);
    }

    /// <summary>PID 1 of the host, as the test sees it.</summary>
    public int Leader { get; private set; }

    public string Name => _scratch.FixtureName;

    public static RealHost Boot(string fixture)
    {
        RealHost host = new(fixture);
        try
        {
            host.WaitUntilUp();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Starts a program in the host, in a service's control group as if the host had started it.</summary>
    public Command Start(IEnumerable<string> command, byte[]? input = null) => Command.Start(
        "sh",
        ["-c", """echo $$ >"$1" && shift && exec nsenter -a -t "$@" """, "sh", _commandsGroup + "/cgroup.procs", Leader.ToString(CultureInfo.InvariantCulture), .. command],
        Launcher.CallerEnvironment, input);

    public Outcome Run(IEnumerable<string> command, TimeSpan? timeout = null)
    {
        using Command running = Start(command);
        return running.Wait(timeout ?? TimeSpan.FromSeconds(30));
    }

    public Outcome Shell(string script, TimeSpan? timeout = null) => Run(["sh", "-c", script], timeout);

    /// <summary>Standard output of a program that must succeed, without the last line's end.</summary>
    public string Output(params string[] command)
    {
        Outcome outcome = Run(command);
        Assert.True(outcome.ExitStatus == 0, $"{Name}: {string.Join(' ', command)}: {outcome}");
        return outcome.Text.TrimEnd('\n');
    }

    /// <summary>The number that a process of the host has outside.</summary>
    public int ProcessOutside(string pid) => Directory.EnumerateDirectories("/proc")
        .Where(path => char.IsAsciiDigit(path["/proc/".Length]))
        .Where(path => NamespacePidOf(path) == pid && IsOfThisHost(path))
        .Select(path => int.Parse(path["/proc/".Length..], CultureInfo.InvariantCulture))
        .Single();

    /// <summary>Asks until the answer is right, and fails with the last one.</summary>
    public void Eventually(string script, Func<Outcome, bool> isRight, TimeSpan? timeout = null)
    {
        Stopwatch clock = Stopwatch.StartNew();
        Outcome outcome;
        while (!isRight(outcome = Shell(script)))
        {
            Assert.True(clock.Elapsed < (timeout ?? TimeSpan.FromSeconds(10)), $"{Name}: {script}: {outcome}");
            Thread.Sleep(50);
        }
    }

    /// <summary>A file of the host, which may be below /run.</summary>
    public void Write(string path, string text)
    {
        using Command writer = Start(["sh", "-c", """mkdir -p "$(dirname "$1")" && cat >"$1" """, "sh", path], System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Equal(0, writer.Wait(TimeSpan.FromSeconds(10)).ExitStatus);
    }

    /// <summary>Asks it to end as one asks a container.</summary>
    public void AskToEnd() => _launcher.Signal(Signum.SIGTERM);

    /// <summary>Waits for the end it was asked for; what was wrong with it, if anything.</summary>
    public string? End()
    {
        Outcome outcome = _launcher.Wait(TimeSpan.FromSeconds(30));
        Dispose();
        return outcome.ExitStatus == 0 ? null : $"{Name} did not end well: {outcome}";
    }

    /// <summary>To be asked when no other host is there either.</summary>
    public void AssertNothingLeft() => _leftovers.AssertNone();

    public void Dispose()
    {
        _launcher.Dispose();
        _scratch.Dispose();
    }

    private static Scratch Prepared(Scratch scratch)
    {
        // What tests run in: a plain service, so that the host's systemd knows whose they are.
        scratch.Write("/etc/systemd/system/commands.service", """
            [Service]
            ExecStart=sleep infinity
            """);
        scratch.Link("/etc/systemd/system/multi-user.target.wants/commands.service", "../commands.service");
        foreach (string slow in (string[])["ldconfig.service", "systemd-journal-catalog-update.service"])
        {
            scratch.Link("/etc/systemd/system/" + slow, "/dev/null");
        }

        Outcome installed = Command.Run(Repository.File("scripts/install"), ["--prefix=/usr", "--destdir=" + scratch.Tree, "--machinectl"], TimeSpan.FromMinutes(5));
        Assert.True(installed.ExitStatus == 0, installed.ToString());
        return scratch;
    }

    private bool IsOfThisHost(string process) =>
        new FileInfo(process + "/ns/pid").LinkTarget == new FileInfo($"/proc/{Leader}/ns/pid").LinkTarget;

    private static string? NamespacePidOf(string process)
    {
        try
        {
            return File.ReadLines(process + "/status").FirstOrDefault(line => line.StartsWith("NSpid:", StringComparison.Ordinal))?.Split('\t')[^1];
        }
        catch (IOException)
        {
            return null; // gone meanwhile
        }
    }

    private void WaitUntilUp()
    {
        Assert.True(_launcher.WaitForOutput("login: ", s_boot), $"{Name} does not come up:\n{_launcher.OutputSoFar}");
        Leader = File.ReadAllText($"/proc/{_launcher.Pid}/task/{_launcher.Pid}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))
            .Single(pid => File.ReadAllText($"/proc/{pid}/comm") == "systemd\n");
        string group = File.ReadLines($"/proc/{Leader}/cgroup").Single(line => line.StartsWith("0::", StringComparison.Ordinal))[3..];
        string mount = File.ReadLines("/proc/self/mountinfo").Single(line => line.Contains(" - cgroup2 ", StringComparison.Ordinal)).Split(' ')[4];
        _commandsGroup = $"{mount}{group[..group.LastIndexOf("/init.scope", StringComparison.Ordinal)]}/system.slice/commands.service";
        Eventually(
            "systemctl is-system-running --wait && machinectl list",
            answer => answer.ExitStatus == 0 && answer.Text.Contains("running\n", StringComparison.Ordinal));
    }
}
