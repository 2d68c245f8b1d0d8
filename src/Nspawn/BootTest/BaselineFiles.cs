using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// The baseline that a test is compared with, read before anything is booted, and the one that it leaves. Several runs are one
/// test to everybody else: the report of the last with the times of all.
/// </summary>
internal sealed class BaselineFiles : IDisposable
{
    private const uint Permissions = 0x1a4; // 0644
    private const int LongestBaseline = 64 * 1024 * 1024;

    private readonly BootTestRequest _request;
    private readonly Baseline? _before;
    private readonly SafeFileHandle? _save;

    /// <exception cref="LaunchException">One cannot be read or written, or is none.</exception>
    public BaselineFiles(BootTestRequest request)
    {
        _request = request;
        _before = request.Compare is string compare ? Read(compare) : null;
        if (request.SaveBaseline is string save)
        {
            _save = Descriptors.TryOpenToWrite(save, Permissions, out Errno errno)
                ?? throw new LaunchException($"cannot write the baseline {Message.Printable(save)}: {ErrnoText.Of(errno)}");
        }
    }

    /// <summary>What was to be written is.</summary>
    public bool IsSaved { get; private set; } = true;

    public void Dispose() => _save?.Dispose();

    /// <summary>As many runs as were asked for, as long as they go well; then what they are beside the baseline.</summary>
    public TestOutcome Runs(Func<TestOutcome> run)
    {
        List<BootReport> reports = [];
        while (true)
        {
            TestOutcome outcome = run();
            reports.Add(outcome.Report);
            if (outcome.Report.Verdict != Verdict.Passed)
            {
                return outcome;
            }

            if (reports.Count == _request.Runs)
            {
                BootReport all = outcome.Report with { BootTimes = [.. reports.SelectMany(report => report.BootTimes)] };
                return outcome with { Report = Beside(all, Baseline.Of(reports)) };
            }
        }
    }

    private BootReport Beside(BootReport report, Baseline now)
    {
        if (_save is not null)
        {
            IsSaved = TryWrite(_save, _request.SaveBaseline!, now.Json());
        }

        string summary = report.BootTimes.Length > 1 && _request.Runs > 1
            ? $"{report.Summary}, median of {_request.Runs} runs {ReportFormats.BootTime(report)}" : report.Summary;
        if (_before is null)
        {
            return report with { Summary = summary };
        }

        BaselineComparison comparison = BaselineComparison.Of(_before, now, _request.Tolerance);
        return comparison.Boot is null
                ? report with { Verdict = Verdict.LauncherFailed, Summary = "cannot compare: how long this boot took is not known; a --check= that succeeds tells it of an init other than systemd" }
            : comparison.IsSlower
            ? report with { Verdict = Verdict.TooSlow, Summary = comparison.Summary() }
            : report with { Summary = $"{summary}, no slower than the baseline" };
    }

    private static Baseline Read(string path)
    {
        using SafeFileHandle file = Descriptors.TryOpen(path, OpenMode.Read, out Errno errno)
            ?? throw new LaunchException($"cannot read the baseline {Message.Printable(path)}: {ErrnoText.Of(errno)}");
        try
        {
            return Baseline.Read(Encoding.UTF8.GetString(Descriptors.ReadAll(file, LongestBaseline, path)));
        }
        catch (FormatException wrong)
        {
            throw new LaunchException($"cannot compare with {Message.Printable(path)}: {wrong.Message}; --save-baseline=FILE makes a baseline");
        }
    }

    private static bool TryWrite(SafeFileHandle file, string path, string text)
    {
        try
        {
            Descriptors.Empty(file);
            Descriptors.Write(file, Encoding.UTF8.GetBytes(text), path);
            return true;
        }
        catch (SyscallException failure)
        {
            Complain.Line($"cannot write the baseline {Message.Printable(path)}: {failure.Reason}");
            return false;
        }
    }
}
