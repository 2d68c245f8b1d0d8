using System.Collections;
using System.Collections.Immutable;
using System.Text;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary><c>nspawn test --matrix</c>: many images side by side, each in a test of its own; what they came to in one table.</summary>
internal sealed class MatrixVerb : IDisposable
{
    private static readonly SignalSet s_endSignals = SignalSet.Of(Signal.Terminate, Signal.Interrupt, Signal.Hangup, Signal.Quit);

    private readonly MatrixRequest _request;
    private readonly Queue<MatrixEntry> _waiting;
    private readonly ImmutableArray<MatrixEntry> _entries;
    private readonly List<MatrixJob> _running = [];
    private readonly Dictionary<MatrixEntry, MatrixResult> _results = [];
    private readonly string[] _environment;
    private readonly SignalFile _signals;
    private readonly bool _isTerminal = Processes.IsTerminal(StandardDescriptors.Error);

    private MatrixVerb(MatrixRequest request, ImmutableArray<MatrixEntry> entries)
    {
        _request = request;
        _entries = entries;
        _waiting = new Queue<MatrixEntry>(entries);
        _environment = [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(one => $"{one.Key}={one.Value}")];
        SignalMask.KeepEndedChildren();
        SignalMask.BlockInEveryThread(s_endSignals.Union(SignalSet.Of(Signal.Pipe)));
        _signals = new SignalFile(s_endSignals);
    }

    /// <returns>The exit status: the worst verdict's.</returns>
    public static int Run(MatrixRequest request)
    {
        ImmutableArray<MatrixEntry> entries = MatrixImages.Of(request.Source);
        CheckOutputs(request.Outputs);
        string[] low = [.. MatrixLimits.TooLow(Math.Min(request.Jobs, entries.Length), HostFiles.Read, InotifyInstances.Count())];
        if (low.Length > 0)
        {
            throw new LaunchException(string.Join("; ", low));
        }

        using MatrixVerb verb = new(request, entries);
        int signal = verb.RunAll();
        verb.PrintSummary();
        return signal != 0 ? 128 + signal : (int)MatrixSummary.Worst(verb._results.Values);
    }

    public void Dispose()
    {
        _running.ForEach(job => job.Dispose());
        _signals.Dispose();
    }

    private static void CheckOutputs(ImmutableArray<string> outputs)
    {
        foreach (string directory in outputs.Select(output => output[..(output.LastIndexOf('/') + 1)]).Where(directory => directory.Length > 0))
        {
            if (FileStatus.At(directory)?.Type != FileType.Directory)
            {
                throw new LaunchException($"cannot write reports into {Message.Printable(directory)}: there is no such directory; mkdir -p makes it");
            }
        }
    }

    /// <returns>The signal that ended it; 0: none.</returns>
    private int RunAll()
    {
        int signal = 0;
        while (_running.Count > 0 || _waiting.Count > 0)
        {
            while (_running.Count < _request.Jobs && _waiting.TryDequeue(out MatrixEntry? next))
            {
                _running.Add(new MatrixJob(_request, next, _environment));
            }

            ShowProgress();
            PollEntry[] entries = [PollEntry.For(_signals.Handle, PollEvents.Readable), .. _running.Select(job => job.End)];
            _ = Poll.Wait(entries, Poll.Forever);
            if (entries[0].Ready && _signals.Read() is not 0 and int came)
            {
                signal = came;
                _waiting.Clear();
                _running.ForEach(job => job.Stop(came));
            }

            foreach (MatrixJob job in _running.Where(job => job.HasEnded).ToArray())
            {
                Finish(job);
            }
        }

        ClearProgress();
        return signal;
    }

    private void Finish(MatrixJob job)
    {
        _ = _running.Remove(job);
        _results[job.Entry] = job.Result();
        ClearProgress();
        Output.Print(job.Text);
        job.Dispose();
    }

    private void PrintSummary()
    {
        MatrixResult[] results = [.. _entries.Where(_results.ContainsKey).Select(entry => _results[entry])];
        Output.Print("\n" + MatrixSummary.Text(results));
        if (Environment.GetEnvironmentVariable("GITHUB_ACTIONS") == "true" && Environment.GetEnvironmentVariable(GitHubActions.SummaryVariable) is { Length: > 0 } summary)
        {
            ReportFiles.Append(summary, MatrixSummary.Markdown(results) + "\n");
        }
    }

    private void ShowProgress()
    {
        if (_isTerminal)
        {
            const int Most = 4;
            string more = _running.Count > Most ? $" and {_running.Count - Most} more" : "";
            Tell($"\r\e[K[{_results.Count}/{_entries.Length}] {Message.OneLine(string.Join(", ", _running.Take(Most).Select(job => job.Entry.Name)))}{more}");
        }
    }

    private void ClearProgress()
    {
        if (_isTerminal)
        {
            Tell("\r\e[K");
        }
    }

    private static void Tell(string text)
    {
        try
        {
            Descriptors.Write(StandardDescriptors.Borrow(StandardDescriptors.Error), Encoding.UTF8.GetBytes(text), "standard error");
        }
        catch (SyscallException)
        {
            // Whoever looked does not look any more.
        }
    }
}
