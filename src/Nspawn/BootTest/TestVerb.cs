using System.Collections;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary><c>nspawn test</c>: a boot test from its request to reports and exit status.</summary>
internal static class TestVerb
{
    private const int SignalBase = 128;
    private static readonly SignalSet s_endSignals = SignalSet.Of(Signal.Terminate, Signal.Interrupt, Signal.Hangup, Signal.Quit);

    /// <returns>The exit status.</returns>
    public static int Run(BootTestRequest request)
    {
        // What contradicts itself is said before anything is done, and so is a report that cannot be written.
        Settings settings = request.Launch.With(SettingsFileReader.Find(request.Launch.Alone)).Settings;
        if (settings.PrivateUsers == PrivateUsersMode.Managed && Rootless.IsSo)
        {
            throw new LaunchException("a test with --private-users=managed takes root: leave it out, the container's users are you and your sub-ids then");
        }

        using ReportFiles files = new(request.Outputs);
        using BaselineFiles baselines = new(request);
        Dictionary<string, string> environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(one => (string)one.Key, one => (string?)one.Value ?? "");
        SignalMask.KeepEndedChildren();
        SignalMask.BlockInEveryThread(s_endSignals.Union(SignalSet.Of(Signal.Pipe)));
        using SignalFile signals = new(s_endSignals);
        TestOutcome outcome = baselines.Runs(() => BootTest.Run(request, settings, environment, signals));
        bool isRunner = GitHubActions.IsRunner(environment.GetValueOrDefault);
        // What kept it from starting the launcher has said; a runner wants it as an annotation.
        if (outcome.End is not BootEnd.NotStarted || isRunner)
        {
            Print(request, outcome.Report, environment, isRunner);
        }

        bool written = files.Write(outcome) & baselines.IsSaved;
        return outcome.End is BootEnd.Interrupted by ? SignalBase + by.Signal
            : outcome.Report.Verdict == Verdict.Passed && !written ? LaunchException.LauncherError
            : (int)outcome.Report.Verdict;
    }

    private static void Print(BootTestRequest request, BootReport report, Dictionary<string, string> environment, bool isRunner)
    {
        int descriptor = request.TextDescriptor;
        bool colours = Processes.IsTerminal(descriptor)
            && string.IsNullOrEmpty(environment.GetValueOrDefault("NO_COLOR")) && environment.GetValueOrDefault("TERM") != "dumb";
        string text = VerdictText.Of(report, colours);
        if (!isRunner)
        {
            Output.Print(request.IsQuiet && report.Verdict == Verdict.Passed ? "" : text, descriptor);
            return;
        }

        int line = text.IndexOf('\n');
        Output.Print(GitHubActions.Group(text[..line], text[(line + 1)..], $"{Guid.NewGuid():N}") + GitHubActions.Annotations(report), descriptor);
        if (environment.GetValueOrDefault(GitHubActions.SummaryVariable) is { Length: > 0 } summary)
        {
            ReportFiles.Append(summary, ReportFormat.Markdown.Write(report));
        }
    }
}
