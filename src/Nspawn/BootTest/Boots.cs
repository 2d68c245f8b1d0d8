using System.Collections.Immutable;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The boots of a test, the first and one for each of <c>--reboots</c>: each is waited for, looked at, checked and judged.</summary>
internal sealed class Boots(TestedMachine tested, BootTestRequest request, long deadline, SignalFile signals, LaunchTraits traits)
{
    private const int CheckAgainMilliseconds = 100;
    private const int ConsoleLines = 50;
    private const int ConsoleBytes = 64 * 1024;
    private const int DyingMilliseconds = 500;

    /// <summary>From the signal that ends PID 1 to its end, where nobody can be asked.</summary>
    private const int EndingMilliseconds = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private const int UsageMilliseconds = 25;
    private const int MostSamples = 2000;

    private readonly Dictionary<RecordKind, byte[]> _records = [];
    private readonly List<UsageSample> _usage = [];

    /// <summary>The machine's own words, as far as they are wanted.</summary>
    public IReadOnlyDictionary<RecordKind, byte[]> Records => _records;

    /// <summary>Fills the report, with its verdict.</summary>
    /// <returns>How the last boot ended.</returns>
    public BootEnd Run(ref BootReport report)
    {
        BootEnd end = new BootEnd.Up();
        for (int boot = 1; boot <= 1 + request.Reboots; boot++)
        {
            if (boot > 1 && !tested.Reboot())
            {
                throw new LaunchException("--reboots= needs systemd as the machine's init: another knows no signal for it");
            }

            _usage.Clear();
            end = new BootWatch(tested, request, deadline, signals, boot)
            {
                Sample = Sample,
                SampleMilliseconds = request.WantsTimes ? UsageMilliseconds : int.MaxValue,
            }.Wait();
            end = Look(ref report, end, boot);
            report = report with { Usage = [.. _usage] };
            if (end is BootEnd.Up)
            {
                end = Check(ref report, last: boot > request.Reboots);
            }

            if (tested.HasEnded && end is not BootEnd.NotStarted)
            {
                end = tested.Ending();
            }

            report = Judged(report, end);
            if (report.Verdict != Verdict.Passed)
            {
                break;
            }
        }

        report = Judged(Investigate(Traced(report)), end);
        Keep();
        return end;
    }

    /// <summary>To be called when the machine has ended: the launcher may be behind with what it passes on.</summary>
    public void KeepConsole()
    {
        if (Wanted.Contains(RecordKind.Console))
        {
            _records[RecordKind.Console] = tested.Console;
        }
    }

    /// <summary>What is known of a boot at once, good or bad.</summary>
    private BootEnd Look(ref BootReport report, BootEnd end, int boot)
    {
        report = report with
        {
            Checks = [],
            Machine = tested.Name ?? "",
            OperatingSystem = tested.OsName,
            IsSystemd = tested.Machine?.State.Announces ?? report.IsSystemd,
        };
        if (report.IsSystemd is not true || end is BootEnd.Died or BootEnd.Rebooted)
        {
            return end;
        }

        // Whoever is up has to say what has failed; of others that is only more to know.
        int signal;
        while (!TrySee(ref report, end, out signal))
        {
            tested.TakeNews();
            if (end is not BootEnd.Up || tested.HasEnded || signal != 0 || IsInterruptedWithin(CheckAgainMilliseconds, ref signal))
            {
                break;
            }

            if (tested.Starts > boot)
            {
                return new BootEnd.Rebooted();
            }

            if (Environment.TickCount64 >= deadline)
            {
                return new BootEnd.Silent();
            }
        }

        return signal == 0 ? end : new BootEnd.Interrupted(signal);
    }

    private bool TrySee(ref BootReport report, BootEnd end, out int signal)
    {
        int interrupted = 0;
        BootReport before = report;
        bool seen = tested.Machine is RunningMachine machine && TryAsk(machine, manager => See(manager, before), out report, otherwise: before);
        signal = interrupted;
        return seen;

        BootReport See(GuestManager manager, BootReport report)
        {
            HashSet<string> restarting = end is BootEnd.Up
                ? RestartWatch.Settle(manager, deadline, milliseconds => !IsInterruptedWithin(milliseconds, ref interrupted)) : [];
            GuestView view = new(manager);
            string target = TargetLook.IdOf(manager, request.Target);
            TimeSpan? reached = view.ActiveSince(target);
            ImmutableArray<UnitReport> units = view.Units(MayFail, restarting, inFull: request.WantsTimes);
            return report with
            {
                Systemd = view.Version,
                SystemState = view.SystemState,
                Target = target,
                TargetReached = reached,
                BootTimes = end is BootEnd.Up && reached is TimeSpan time ? [.. report.BootTimes, time] : report.BootTimes,
                Units = units,
                CriticalChain = request.WantsTimes ? ChainTo(target, units, jobs: [], view) : [],
            };
        }
    }

    /// <summary>Runs what was asked for in a machine that is up.</summary>
    private BootEnd Check(ref BootReport report, bool last)
    {
        if (tested.Machine is not RunningMachine machine)
        {
            return new BootEnd.Up();
        }

        List<CheckResult> results = [];
        int interrupted = 0;
        foreach (string line in request.Checks)
        {
            results.Add(Run(machine, ["/bin/sh", "-c", line], line, echo: null, ref interrupted));
        }

        if (last && !request.Command.IsEmpty)
        {
            results.Add(Run(machine, request.Command, string.Join(' ', request.Command), request.TextDescriptor, ref interrupted));
        }

        report = report with { Checks = [.. results] };
        if (!machine.State.Announces && !request.Checks.IsEmpty && results.All(result => result.Passed))
        {
            report = report with { BootTimes = [.. report.BootTimes, DateTime.UtcNow - DateTime.UnixEpoch.AddMicroseconds(machine.State.Started)] };
        }

        if (results.Count > 0 && interrupted == 0 && IsShuttingDown(machine))
        {
            return new BootEnd.Died(0);
        }

        return interrupted != 0 ? new BootEnd.Interrupted(interrupted) : new BootEnd.Up();
    }

    /// <summary>A check may be what ends the machine. Who dies takes with him those who were inside, and takes a moment: that is waited for.</summary>
    private bool IsShuttingDown(RunningMachine machine)
    {
        if (machine.State.Announces
            && TryAsk(machine, manager => manager.OfManager().GetValueOrDefault("SystemState") as string ?? "", out string state, otherwise: ""))
        {
            return state == "stopping";
        }

        _ = (machine.State.Announces || machine.EndsWithin(EndingMilliseconds)) && tested.EndsWithin(DyingMilliseconds);
        return false;
    }

    // Nobody says when an init that is not systemd is up: what is checked may take its time.
    private CheckResult Run(RunningMachine machine, ImmutableArray<string> command, string shown, int? echo, ref int interrupted)
    {
        if (interrupted != 0 || Environment.TickCount64 >= deadline)
        {
            string why = interrupted != 0 ? "the test was interrupted" : "the time was up";
            return new CheckResult { Command = shown, Duration = TimeSpan.Zero, Output = $"not run: {why}\n" };
        }

        while (true)
        {
            InsideResult result = new InsideCommand(machine, signals) { Echo = echo }.Run(command, deadline);
            interrupted = result.Interrupted;
            bool again = result.ExitStatus is not (0 or null) && !machine.State.Announces && echo is null && machine.IsAlive
                && Environment.TickCount64 + CheckAgainMilliseconds < deadline && !IsInterruptedWithin(CheckAgainMilliseconds, ref interrupted);
            if (!again)
            {
                return new CheckResult { Command = shown, ExitStatus = result.ExitStatus, Duration = result.Duration, Output = result.Output };
            }
        }
    }

    private bool IsInterruptedWithin(int milliseconds, ref int interrupted)
    {
        Span<PollEntry> wait = [PollEntry.For(signals.Handle, PollEvents.Readable)];
        _ = Poll.Wait(wait, milliseconds);
        interrupted = signals.Read();
        return interrupted != 0;
    }

    private BootReport Judged(BootReport report, BootEnd end)
    {
        Judgement judgement = Judgement.Of(end, report, request);
        return report with { Verdict = judgement.Verdict, Summary = judgement.Summary };
    }

    private BootReport Traced(BootReport report) => request.WantsTraces && tested.Machine is RunningMachine machine && machine.IsAlive
        ? report with { Listening = traits.SharesNetwork ? [] : MachineTraces.Listening(machine), Written = MachineTraces.Written(machine) }
        : report;

    /// <summary>What is only of interest where something went wrong.</summary>
    private BootReport Investigate(BootReport report)
    {
        report = report with { ConsoleTail = ConsoleText.Tail(tested.ConsoleTail(ConsoleBytes), ConsoleLines) };
        if (report.Verdict == Verdict.Passed)
        {
            return report;
        }

        if (Systemd is RunningMachine machine)
        {
            if (report.Verdict == Verdict.TimedOut)
            {
                report = report with { Processes = MachineProcesses.Of(machine.State) };
            }

            BootReport seen = report;
            _ = TryAsk(machine, manager => Detail(seen, new GuestView(manager), new MachineJournal(machine, signals)), out report, otherwise: seen);
        }

        return report with { Causes = KnownCauses.Of(report, traits) };
    }

    private IEnumerable<RecordKind> Wanted => request.Outputs.Select(one => one.Record).OfType<RecordKind>().Distinct();

    /// <summary>Keeps the machine's own words, as far as they are wanted.</summary>
    private void Keep()
    {
        foreach (RecordKind kind in Wanted.Where(kind => kind != RecordKind.Console))
        {
            _records[kind] = Systemd is not RunningMachine machine ? []
                : kind == RecordKind.Journal ? new MachineJournal(machine, signals).Text()
                : new MachineJournal(machine, signals).Export(lines: null);
        }
    }

    private void Sample(RunningMachine? machine)
    {
        if (request.WantsTimes && machine is not null && _usage.Count < MostSamples
            && MachineProcesses.Usage(machine.State, DateTime.UtcNow - DateTime.UnixEpoch.AddMicroseconds(machine.State.Started)) is UsageSample sample)
        {
            _usage.Add(sample);
        }
    }

    /// <summary>The machine, if there is a systemd in it that can still be asked.</summary>
    private RunningMachine? Systemd => tested.Machine is RunningMachine machine && machine.State.Announces && machine.IsAlive ? machine : null;

    private BootReport Detail(BootReport report, GuestView view, MachineJournal journal)
    {
        HashSet<string> restarting = [.. report.Units.Where(unit => unit.KeepsRestarting).Select(unit => unit.Name)];
        report = report with { Units = view.Units(MayFail, restarting, inFull: true), Jobs = view.Jobs() };
        ImmutableArray<JournalEntry> entries = journal.Entries();
        HashSet<string> given = [.. entries.Where(entry => entry.JobResult == "dependency").Select(entry => entry.Unit)];
        HashSet<string> running = [.. report.Jobs.Where(job => job.State == "running").Select(job => job.Unit)];
        IEnumerable<string> Dependents(string unit) => Victims.Dependents.SelectMany(property => view.Related(unit, property)).Distinct();
        return report with
        {
            Units = [.. report.Units.Select(unit => !unit.HasFailed && !running.Contains(unit.Name) ? unit : unit with
            {
                // What failed before there was a journal has but the console to say so.
                Journal = MachineJournal.Tail(entries, unit.Name) is { IsEmpty: false } tail ? tail
                    : [.. report.ConsoleTail.Where(line => line.Contains(unit.Name, StringComparison.Ordinal))],
                Victims = unit.HasFailed ? Victims.Of(unit.Name, Dependents, given.Contains) : [],
            })],
            CriticalChain = report.Target is string target ? ChainTo(target, report.Units, report.Jobs, view) : [],
        };
    }

    private static ImmutableArray<string> ChainTo(string target, ImmutableArray<UnitReport> units, ImmutableArray<JobReport> jobs, GuestView view) =>
        CriticalChain.Of(target, units, jobs, unit => view.Related(unit, "After"));

    /// <summary>Asks the guest's manager.</summary>
    /// <returns>It has answered; otherwise it hangs, ends, or is busy with itself.</returns>
    private static bool TryAsk<T>(RunningMachine machine, Func<GuestManager, T> question, out T answer, T otherwise)
    {
        answer = otherwise;
        try
        {
            using GuestManager? manager = GuestManager.TryConnect(machine, s_patience);
            if (manager is null)
            {
                return false;
            }

            answer = question(manager);
            return true;
        }
        catch (Exception failure) when (failure is GuestException or LaunchException)
        {
            return false;
        }
    }

    private bool MayFail(string unit) => request.AllowFailed.Any(pattern => UnitPattern.Matches(pattern, unit));
}
