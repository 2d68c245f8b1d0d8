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
            if (boot > 1)
            {
                tested.Reboot();
            }

            _usage.Clear();
            end = new BootWatch(tested, request, deadline, signals, boot)
            {
                Sample = Sample,
                SampleMilliseconds = request.WantsTimes ? UsageMilliseconds : int.MaxValue,
            }.Wait();
            report = Look(report, end) with { Usage = [.. _usage] };
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
    private BootReport Look(BootReport report, BootEnd end)
    {
        report = report with { Checks = [], Machine = tested.Name ?? "", OperatingSystem = tested.OsName };
        return tested.Machine is RunningMachine machine && machine.State.Announces && end is not (BootEnd.Died or BootEnd.Rebooted)
            ? Ask(machine, report, (manager, view) =>
            {
                string target = TargetLook.IdOf(manager, request.Target);
                TimeSpan? reached = view.ActiveSince(target);
                return report with
                {
                    Systemd = view.Version,
                    SystemState = view.SystemState,
                    Target = target,
                    TargetReached = reached,
                    BootTimes = end is BootEnd.Up && reached is TimeSpan time ? [.. report.BootTimes, time] : report.BootTimes,
                    Units = view.Units(MayFail, inFull: request.WantsTimes),
                };
            })
            : report;
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

        // Who dies takes with him those who were inside.
        _ = results.Any(result => !result.Passed) && machine.EndsWithin(0) && tested.EndsWithin(DyingMilliseconds);
        return interrupted != 0 ? new BootEnd.Interrupted(interrupted) : new BootEnd.Up();
    }

    // Nobody says when an init that is not systemd is up: what is checked may take its time.
    private CheckResult Run(RunningMachine machine, ImmutableArray<string> command, string shown, int? echo, ref int interrupted)
    {
        if (interrupted != 0 || Environment.TickCount64 >= deadline)
        {
            return new CheckResult { Command = shown, Duration = TimeSpan.Zero, Output = "not run: the time was up\n" };
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
            report = Ask(machine, seen, (_, view) => Detail(seen, view, new MachineJournal(machine, signals)));
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
        report = report with { Units = view.Units(MayFail, inFull: true), Jobs = view.Jobs() };
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
            CriticalChain = report.Target is string target ? CriticalChain.Of(target, report.Units, report.Jobs, unit => view.Related(unit, "After")) : [],
        };
    }

    /// <summary>With the guest's manager, as far as it answers.</summary>
    private static BootReport Ask(RunningMachine machine, BootReport report, Func<GuestManager, GuestView, BootReport> question)
    {
        try
        {
            using GuestManager? manager = GuestManager.TryConnect(machine, s_patience);
            return manager is null ? report : question(manager, new GuestView(manager));
        }
        catch (Exception failure) when (failure is GuestException or LaunchException)
        {
            return report; // it ends, or hangs: there is nothing more to know
        }
    }

    private bool MayFail(string unit) => request.AllowFailed.Any(pattern => UnitPattern.Matches(pattern, unit));
}
