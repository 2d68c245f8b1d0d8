using System.Text;

namespace Nspawn.Core;

/// <summary>
/// A verdict for people: a line for a boot that went well, and a screen that shows what is to be done for one that did not. What
/// comes from the machine is shown without control characters.
/// </summary>
public sealed class VerdictText
{
    private const int MostUnits = 8;
    private const int MostProcesses = 30;
    private const int MostJobs = 12;
    private const int MostLines = 10;
    private const int SlowestUnits = 3;

    private readonly StringBuilder _text = new();
    private readonly BootReport _report;
    private readonly bool _colours;

    private VerdictText(BootReport report, bool colours) => (_report, _colours) = (report, colours);

    /// <param name="report">All of it.</param>
    /// <param name="colours">It is for a terminal.</param>
    public static string Of(BootReport report, bool colours)
    {
        VerdictText text = new(report, colours);
        text.Verdict();
        if (report.Verdict != Core.Verdict.Passed)
        {
            text.Ground();
        }

        return text._text.ToString();
    }

    private void Verdict()
    {
        bool good = _report.Verdict == Core.Verdict.Passed;
        string name = _report.Image.TrimEnd('/') is { Length: > 0 } path ? path[(path.LastIndexOf('/') + 1)..] : _report.Image;
        Line($"{Message.Printable(name)}: {Coloured(good ? "passed" : "FAILED", good ? 32 : 31)}: {Message.OneLine(_report.Summary)}");
    }

    private void Ground()
    {
        string[] system = [_report.OperatingSystem ?? "", _report.Systemd is string version ? $"systemd {version}" : "", $"Linux {_report.Kernel}"];
        Line("  " + Message.OneLine(string.Join(", ", system.Where(part => part.Length > 0))));
        UnitReport[] failed = [.. _report.FailedUnits.Where(unit => !unit.MayFail).OrderBy(unit => unit.Deactivated ?? TimeSpan.MaxValue)];
        for (int i = 0; i < Math.Min(failed.Length, MostUnits); i++)
        {
            Failed(i + 1, failed[i]);
        }

        More(failed.Length, MostUnits, "failed units");
        Checks();
        if (_report.Verdict is Core.Verdict.TimedOut or Core.Verdict.TargetNotReached or Core.Verdict.Interrupted)
        {
            Jobs();
            Processes();
        }

        if (_report.Verdict is Core.Verdict.InitDied || (failed.Length == 0 && _report.Verdict is Core.Verdict.TimedOut or Core.Verdict.TargetNotReached))
        {
            Block("the console's last lines:", _report.ConsoleTail.TakeLast(MostLines));
        }

        foreach (Cause cause in _report.Causes)
        {
            Line($"  {Coloured("known cause:", 33)} {Message.OneLine(cause.Text)}");
            Line($"    {Message.OneLine(cause.Remedy)}");
        }

        Times();
    }

    private void Failed(int number, UnitReport unit)
    {
        string how = unit.ExitStatus switch
        {
            < 0 => $", killed by SIG{Linux.Signal.NameOf(-unit.ExitStatus.Value)}",
            > 0 => $", status {unit.ExitStatus}",
            _ => "",
        };
        string after = unit is { Activating: TimeSpan begun, Deactivated: TimeSpan ended } && ended > begun ? $", after {Judgement.Seconds(ended - begun)}" : "";
        string why = unit.ActiveState == "failed" ? $"{(unit.Result.Length > 0 ? unit.Result : "failed")}{how}{after}" : BootCases.WhyFailed(unit);
        Line($"  {number}) {Coloured(Message.Printable(unit.Name), 1)}  {why}");
        foreach (string line in unit.Journal.TakeLast(MostLines))
        {
            Line($"       | {Message.OneLine(line)}");
        }

        if (!unit.Victims.IsEmpty)
        {
            string more = unit.Victims.Length > MostUnits ? $" and {unit.Victims.Length - MostUnits} more" : "";
            Line($"     not started because of it: {Message.OneLine(string.Join(", ", unit.Victims.Take(MostUnits)))}{more}");
        }
    }

    private void Checks()
    {
        foreach (CheckResult check in _report.Checks.Where(check => !check.Passed))
        {
            string end = check.ExitStatus is int status ? $"status {status}" : "did not end in time";
            Block($"{Coloured("check", 1)} {Message.Printable(check.Command)}: {end}, after {Judgement.Seconds(check.Duration)}",
                check.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(MostLines));
        }
    }

    private void Jobs()
    {
        JobReport[] jobs = [.. _report.Jobs.OrderBy(job => job.State != "running").ThenBy(job => job.Unit, StringComparer.Ordinal)];
        Block(jobs.Length > 0 ? "jobs that are not done:" : "", jobs.Take(MostJobs).Select(job => $"{job.State,-7}  {job.Type} {job.Unit}"));
        More(jobs.Length, MostJobs, "jobs");
        if (_report.CriticalChain.Length > 1)
        {
            Line($"  critical chain: {Message.OneLine(string.Join(" <- ", _report.CriticalChain))}");
        }
    }

    private void Processes()
    {
        if (_report.Verdict != Core.Verdict.TimedOut)
        {
            return;
        }

        Block(_report.Processes.IsEmpty ? "" : "processes:", ProcessTree.Lines(_report.Processes).Take(MostProcesses));
        More(_report.Processes.Length, MostProcesses, "processes");
    }

    private void Times()
    {
        UnitReport[] slowest = [.. _report.Units.Where(unit => unit.StartTime is not null).OrderByDescending(unit => unit.StartTime).Take(SlowestUnits)];
        if (_report.Verdict is Core.Verdict.TooSlow or Core.Verdict.FailedUnits && slowest.Length > 0)
        {
            Line("  slowest: " + string.Join(", ", slowest.Select(unit => $"{Message.Printable(unit.Name)} {Judgement.Seconds(unit.StartTime!.Value)}")));
        }

        if (_report.Verdict == Core.Verdict.TooSlow && _report.CriticalChain.Length > 1)
        {
            Line($"  critical chain: {Message.OneLine(string.Join(" <- ", _report.CriticalChain))}");
        }
    }

    private void Block(string title, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        if (title.Length == 0 || (all.Length == 0 && title.EndsWith(':')))
        {
            return;
        }

        Line("  " + title);
        foreach (string line in all)
        {
            Line($"       | {Message.OneLine(line)}");
        }
    }

    private void More(int count, int shown, string what)
    {
        if (count > shown)
        {
            Line($"     and {count - shown} more {what}");
        }
    }

    private string Coloured(string text, int colour) => _colours ? $"\e[{colour}m{text}\e[0m" : text;

    private void Line(string text) => _text.Append(text).Append('\n');
}
