using System.Collections;
using System.Text;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary><c>nspawn diff</c>: boots two images, one after the other so that neither slows the other, and compares their reports.</summary>
internal static class DiffVerb
{
    private const int ReportRoom = 64 * 1024 * 1024, TextRoom = 4 * 1024 * 1024;
    private static readonly SignalSet s_endSignals = SignalSet.Of(Signal.Terminate, Signal.Interrupt, Signal.Hangup, Signal.Quit);

    /// <returns>The exit status: 0 they do not differ, 1 they do.</returns>
    public static int Run(DiffRequest request)
    {
        string[] environment = [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(one => $"{one.Key}={one.Value}")];
        SignalMask.KeepEndedChildren();
        SignalMask.BlockInEveryThread(s_endSignals.Union(SignalSet.Of(Signal.Pipe)));
        using SignalFile signals = new(s_endSignals);
        BootDiff diff = BootDiff.Of(Test(request, request.Before, environment, signals), Test(request, request.After, environment, signals));
        Output.Print(request.Form switch
        {
            DiffForm.Json => diff.Json(),
            DiffForm.Markdown => DiffText.Markdown(diff),
            _ => DiffText.Of(diff),
        });
        return diff.IsEmpty ? 0 : 1;
    }

    private static BootReport Test(DiffRequest request, string path, string[] environment, SignalFile signals)
    {
        using MemoryFile report = new("report", ReportRoom), text = new("text", TextRoom);
        using LauncherProcess test = LauncherProcess.Start(request.WordsFor(path, MatrixImages.OptionFor(path)), environment, report, text);
        int signal = 0;
        while (!test.HasEnded)
        {
            Span<PollEntry> wait = [test.Entry, PollEntry.For(signals.Handle, PollEvents.Readable)];
            _ = Poll.Wait(wait, Poll.Forever);
            if (wait[1].Ready && signals.Read() is not 0 and int came)
            {
                signal = came;
                test.Signal(Signal.Terminate);
            }
        }

        _ = test.End();
        string said = Encoding.UTF8.GetString(text.Read());
        try
        {
            BootReport read = JsonReport.Read(Encoding.UTF8.GetString(report.Read()));
            // Two that did not even start have nothing to compare.
            return signal == 0 && read.Verdict is not (Verdict.LauncherFailed or Verdict.Interrupted)
                ? read : throw new LaunchException($"cannot compare: {Message.Printable(path)}: {(signal == 0 ? read.Summary : $"interrupted by SIG{Signal.NameOf(signal)}")}");
        }
        catch (FormatException)
        {
            string last = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "the test gave no report";
            throw new LaunchException($"cannot compare: {Message.Printable(path)}: {(last.StartsWith("nspawn: ", StringComparison.Ordinal) ? last["nspawn: ".Length..] : last)}");
        }
    }
}
