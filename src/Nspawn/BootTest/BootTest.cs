using System.Diagnostics;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// One boot test: starts the launcher on a tree, waits until it is up, judges it, and runs checks inside. The machine is gone
/// afterwards, whatever happened.
/// </summary>
internal static class BootTest
{
    /// <param name="request">What is asked for.</param>
    /// <param name="settings">The launch, as the launcher will understand it.</param>
    /// <param name="environment">The caller's. Read from here on: this process forgets its own before anybody inside could see it.</param>
    /// <param name="signals">Those that end the test.</param>
    public static TestOutcome Run(
        BootTestRequest request, Settings settings, IReadOnlyDictionary<string, string> environment, SignalFile signals)
    {
        long started = Stopwatch.GetTimestamp();
        long deadline = Environment.TickCount64 + (long)request.Timeout.TotalMilliseconds;
        BootReport report = new()
        {
            Verdict = Verdict.Passed,
            Summary = "",
            Image = TestedLaunch.NameOf(request.Launch),
            Machine = "",
            Options = request.Options,
            Started = DateTimeOffset.UtcNow,
            Duration = TimeSpan.Zero,
            Kernel = HostReader.ReadKernelRelease(),
            Nspawn = ProgramName.Version,
        };
        using TestedMachine tested = new(request.Launch, settings, environment);
        StubInitDisguise.ForgetEnvironment();
        Boots boots = new(tested, request, deadline, signals, new LaunchTraits(SharesNetwork: !settings.LeavesNetwork));
        BootEnd end;
        try
        {
            end = boots.Run(ref report);
            report = report with { Duration = Stopwatch.GetElapsedTime(started) };
        }
        finally
        {
            tested.Stop();
            tested.PrintErrors();
        }

        boots.KeepConsole();
        return new TestOutcome(end, report, boots.Records);
    }
}
