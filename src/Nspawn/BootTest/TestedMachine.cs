using System.Text;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The machine under test with its launcher: it is there when that is started, and gone when this is disposed.</summary>
internal sealed class TestedMachine : IDisposable
{
    /// <summary>For a guest that shuts down in an orderly way.</summary>
    private const int PowerOffMilliseconds = 90_000;
    private const int KillMilliseconds = 10_000;
    private const int ConsoleRoom = 64 * 1024 * 1024;
    private const int ErrorRoom = 1024 * 1024;
    private const int RebootSignal = Signal.RealTimeMin + 5;

    private readonly MemoryFile _console = new("console", ConsoleRoom);
    private readonly MemoryFile _errors = new("errors", ErrorRoom);
    private readonly LaunchNews _news = new();
    private readonly LauncherProcess _launcher;
    private readonly bool _isDisposable;
    private int _errorsPrinted;

    /// <param name="request">What is launched.</param>
    /// <param name="settings">The same, as the launcher will understand it.</param>
    /// <param name="environment">The caller's, to be the launcher's.</param>
    public TestedMachine(Request request, Settings settings, IEnumerable<KeyValuePair<string, string>> environment)
    {
        _isDisposable = TestedLaunch.IsDisposable(settings);
        string[] ofLauncher = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "TERM"];
        _launcher = LauncherProcess.Start(
            TestedLaunch.Spell(request.Assignments, showsSecrets: true),
            [
                .. environment.Where(one => !ofLauncher.Contains(one.Key)).Select(one => $"{one.Key}={one.Value}"),
                "TERM=dumb", $"NOTIFY_SOCKET={_news.Address}",
            ],
            _console, _errors);
    }

    /// <summary>The machine, once it runs; after a reboot another.</summary>
    public RunningMachine? Machine { get; private set; }

    public string? Name { get; private set; }

    /// <summary>What its os-release calls it; null: nothing, or it never ran.</summary>
    public string? OsName { get; private set; }

    /// <summary>How often it was started.</summary>
    public int Starts { get; private set; }

    public PollEntry News => _news.Entry;

    public PollEntry End => _launcher.Entry;

    public bool HasEnded => _launcher.HasEnded;

    /// <summary>Whether its launcher ends within so many milliseconds.</summary>
    public bool EndsWithin(int milliseconds) => _launcher.EndsWithin(milliseconds);

    public byte[] Console => _console.Read();

    public byte[] ConsoleTail(int bytes) => _console.Tail(bytes);

    /// <summary>Takes what the launcher has told.</summary>
    public void TakeNews()
    {
        int starts = _news.Take(_launcher.Pid);
        Starts += starts;
        if (starts > 0 || Machine is null)
        {
            Machine?.Dispose();
            Machine = Starts > 0 ? RunningMachines.OfLauncher(_launcher.Pid) : null;
            OsName ??= Machine?.State.OperatingSystem;
            Name ??= Machine?.State.Machine;
        }
        else
        {
            Machine.Refresh();
        }
    }

    /// <summary>After its launcher's end: how it ended.</summary>
    public BootEnd Ending()
    {
        ChildEnd end = _launcher.End();
        int status = end.Signalled ? 128 + end.Value : end.Value;
        Starts += _news.Take(_launcher.Pid);
        return Starts > 0
            ? new BootEnd.Died(status)
            : new BootEnd.NotStarted(LastError() is { Length: > 0 } said ? said : $"the launcher ended with status {status}");
    }

    /// <returns>It was asked to; otherwise its init knows no such signal.</returns>
    public bool Reboot()
    {
        if (Machine is { State.Announces: false })
        {
            return false;
        }

        if (Machine is not null)
        {
            _ = Pidfd.Send(Machine.Leader, RebootSignal);
        }

        return true;
    }

    /// <summary>Ends it, orderly where something that it writes will stay, and waits until nothing of it is left.</summary>
    public void Stop()
    {
        Machine?.Dispose();
        Machine = null;
        if (!_isDisposable)
        {
            _launcher.Signal(Signal.Terminate);
            _ = _launcher.EndsWithin(PowerOffMilliseconds);
        }

        if (!_launcher.HasEnded)
        {
            // Two that are not the same: one alone may be the first, and two of a kind are one while they wait.
            _launcher.Signal(Signal.Terminate);
            _launcher.Signal(Signal.Interrupt);
            if (!_launcher.EndsWithin(KillMilliseconds))
            {
                _launcher.Signal(Signal.Kill); // its janitor cleans up
            }
        }

        _ = _launcher.End();
    }

    /// <summary>What the launcher has said since the last time, for the caller: warnings, and why it failed.</summary>
    public void PrintErrors()
    {
        byte[] said = _errors.Read(_errorsPrinted);
        _errorsPrinted += said.Length;
        if (said.Length > 0)
        {
            Descriptors.Write(StandardDescriptors.Borrow(StandardDescriptors.Error), said, "standard error");
        }
    }

    public void Dispose()
    {
        Machine?.Dispose();
        _launcher.Dispose();
        _news.Dispose();
        _console.Dispose();
        _errors.Dispose();
    }

    private string LastError()
    {
        string line = Encoding.UTF8.GetString(_errors.Read()).Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "";
        return line.StartsWith("nspawn: ", StringComparison.Ordinal) ? line["nspawn: ".Length..] : line;
    }
}
