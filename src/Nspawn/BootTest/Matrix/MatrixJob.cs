using System.Text;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The test of one image of many: this program once more, whose report is read when it has ended.</summary>
internal sealed class MatrixJob : IDisposable
{
    private const int ReportRoom = 64 * 1024 * 1024, TextRoom = 4 * 1024 * 1024;

    private readonly MemoryFile _report = new("report", ReportRoom);
    private readonly MemoryFile _text = new("text", TextRoom);
    private readonly LauncherProcess _test;

    public MatrixJob(MatrixRequest request, MatrixEntry entry, IReadOnlyList<string> environment)
    {
        Entry = entry;
        _test = LauncherProcess.Start(request.WordsFor(entry, MatrixImages.OptionFor(entry.Path)), environment, _report, _text);
    }

    public MatrixEntry Entry { get; }

    public PollEntry End => _test.Entry;

    public bool HasEnded => _test.HasEnded;

    /// <summary>What it has to say to people.</summary>
    public string Text => Encoding.UTF8.GetString(_text.Read());

    /// <summary>Asks it to end, by the signal that asked this program to; it still reports.</summary>
    public void Stop(int signal) => _test.Signal(signal);

    public MatrixResult Result()
    {
        ChildEnd end = _test.End();
        try
        {
            return MatrixResult.Of(Entry, JsonReport.Read(Encoding.UTF8.GetString(_report.Read())));
        }
        catch (FormatException)
        {
            // It ended before there was anything to report: its last line says why.
            string said = Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? $"the test ended with status {end.Value}";
            return new MatrixResult(Entry, Verdict.LauncherFailed, "", said.StartsWith("nspawn: ", StringComparison.Ordinal) ? said["nspawn: ".Length..] : said);
        }
    }

    public void Dispose()
    {
        _test.Dispose();
        _report.Dispose();
        _text.Dispose();
    }
}
