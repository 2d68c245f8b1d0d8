using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// <c>nspawn test</c>: starts the launcher on a tree, waits until it is up, judges it, runs checks inside, and reports. The
/// machine is gone afterwards, whatever happened.
/// </summary>
internal sealed class BootTest : IDisposable
{
    private static readonly SignalSet s_endSignals = SignalSet.Of(Signal.Terminate, Signal.Interrupt, Signal.Hangup, Signal.Quit);

    private readonly BootTestRequest _request;
    private readonly Settings _settings;
    private readonly ReportFiles _files;
    private readonly Dictionary<string, string> _environment;
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly long _deadline;
    private SignalFile? _signals;

    private BootTest(BootTestRequest request)
    {
        _request = request;
        _deadline = Environment.TickCount64 + (long)request.Timeout.TotalMilliseconds;
        // What contradicts itself is said before anything is done, and so is a report that cannot be written.
        _settings = request.Launch.With(SettingsFileReader.Find(request.Launch.Alone)).Settings;
        _files = new ReportFiles(request.Outputs);
        // Wiped before anybody in the machine could look into this process.
        _environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(one => (string)one.Key, one => (string?)one.Value ?? "");
    }

    /// <returns>The exit status.</returns>
    public static int Run(BootTestRequest request)
    {
        RunningMachines.CheckRoot();
        using BootTest test = new(request);
        return test.Run();
    }

    public void Dispose()
    {
        _signals?.Dispose();
        _files.Dispose();
    }

    private int Run()
    {
        SignalMask.KeepEndedChildren();
        SignalMask.BlockInEveryThread(s_endSignals.Union(SignalSet.Of(Signal.Pipe)));
        _signals = new SignalFile(s_endSignals);
        using TestedMachine tested = new(_request.Launch, _settings, _environment);
        StubInitDisguise.ForgetEnvironment();
        Boots boots = new(tested, _request, _deadline, _signals) { Wants = _files.Wants, SharesNetwork = !_settings.LeavesNetwork };
        BootReport report = new()
        {
            Verdict = Verdict.Passed,
            Summary = "",
            Image = TestedLaunch.NameOf(_request.Launch),
            Machine = "",
            Options = _request.Options,
            Started = _started,
            Duration = TimeSpan.Zero,
            Kernel = HostReader.ReadKernelRelease(),
            Nspawn = ProgramName.Version,
        };
        BootEnd end;
        try
        {
            end = boots.Run(ref report);
            report = report with { Duration = Stopwatch.GetElapsedTime(_startedAt) };
        }
        finally
        {
            tested.Stop(atOnce: false);
            tested.PrintErrors();
        }

        if (end is not BootEnd.NotStarted)
        {
            bool colours = Processes.IsTerminal(StandardDescriptors.Output)
                && string.IsNullOrEmpty(_environment.GetValueOrDefault("NO_COLOR")) && _environment.GetValueOrDefault("TERM") != "dumb";
            Output.Print(VerdictText.Of(report, colours));
        }

        bool written = _files.Write(kind => kind switch
        {
            ReportKind.Console => tested.Console,
            ReportKind.Journal => boots.JournalText,
            ReportKind.JournalExport => boots.JournalExport,
            _ => null,
        });
        return end is BootEnd.Interrupted by ? 128 + by.Signal
            : report.Verdict == Verdict.Passed && !written ? LaunchException.LauncherError
            : (int)report.Verdict;
    }
}
