using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary><c>nspawn exec</c> and <c>shell</c>: a command in a machine, from its start to its exit status.</summary>
internal static class EntrySession
{
    private static readonly SignalSet s_forwarded = SignalSet.Of(Signal.Terminate, Signal.Interrupt, Signal.Hangup, Signal.Quit);

    /// <summary>Runs it and waits for its end.</summary>
    /// <returns>Its exit status, as a shell has it.</returns>
    public static int Run(RunningMachine machine, MachineRequest.Execute request)
    {
        TreeUser user = TreeReader.FindUser(machine.Root, request.User)
            ?? throw new LaunchException($"no user {Message.Printable(request.User)} in the machine {machine.State.Machine} (its /etc/passwd)");
        EntryCommand command = EntryCommand.Of(
            machine.State.Confinement.Environment, request, user, request.Terminal ? Environment.GetEnvironmentVariable("TERM") : null);
        SignalMask.KeepEndedChildren();
        return request.Terminal ? OnTerminal(machine, command) : OnStreams(machine, command);
    }

    private static int OnStreams(RunningMachine machine, EntryCommand command)
    {
        using EntryStreams streams = new();
        using EnteredProcess process = Start(machine, command, streams.Inside, isTerminal: false);
        streams.CloseInside();
        using SignalFile signals = TakeSignals();
        Span<PollEntry> entries = stackalloc PollEntry[2 + EntryStreams.EntryCount];
        do
        {
            entries[0] = PollEntry.For(process.Pidfd, PollEvents.Readable);
            entries[1] = PollEntry.For(signals.Handle, PollEvents.Readable);
            streams.Fill(entries[2..]);
            _ = Poll.Wait(entries, Poll.Forever);
            if (entries[1].Ready)
            {
                PassOn(signals, process, resize: null);
            }

            streams.Forward(entries[2..]);
        }
        while (!entries[0].Ready);

        streams.Drain();
        return process.WaitForStatus();
    }

    // A terminal belongs to who opens it: to the machine's root, where the machine has users of its own.
    private static SafeFileHandle? OpenMaster(RunningMachine machine)
    {
        uint root = IdReader.RootOf(machine.State.Leader.Pid);
        using FileSystemIdentity? identity = Processes.EffectiveUid == 0 && root != 0 ? new FileSystemIdentity(root) : null;
        return PseudoTerminal.TryOpenMaster(machine.Root);
    }

    private static int OnTerminal(RunningMachine machine, EntryCommand command)
    {
        if (!Processes.IsTerminal(StandardDescriptors.Input))
        {
            throw new LaunchException("standard input is no terminal: nspawn exec without --tty needs none");
        }

        using SafeFileHandle master = OpenMaster(machine)
            ?? throw new LaunchException($"the machine {machine.State.Machine} has no terminals: no devpts at its /dev/pts");
        using SafeFileHandle slave = PseudoTerminal.Unlock(master);
        using CallerTerminal caller = new();
        Terminal.Resize(master, CallerTerminal.Size());
        // Who restores the caller's terminal if this process is killed.
        using UndoJournal undo = new();
        foreach (SavedTerminal saved in caller.Saved())
        {
            undo.Record(new UndoStep.RestoreTerminal(saved.Descriptor, saved.Attributes));
        }

        using EnteredProcess process = Start(machine, command, [slave, slave, slave], isTerminal: true);
        slave.Dispose();
        using SignalFile signals = TakeSignals();
        using PayloadConsole console = new(master, ConsoleMode.Interactive);
        try
        {
            caller.MakeRaw();
            Forward(master, console, process, signals);
            console.Drain(signals, []);
        }
        finally
        {
            caller.Dispose();
        }

        return process.WaitForStatus();
    }

    private static void Forward(SafeFileHandle master, PayloadConsole console, EnteredProcess process, SignalFile signals)
    {
        const int Deserted = 100; // milliseconds
        Span<PollEntry> entries = stackalloc PollEntry[5];
        do
        {
            entries[0] = PollEntry.For(process.Pidfd, PollEvents.Readable);
            entries[1] = PollEntry.For(signals.Handle, PollEvents.Readable);
            entries[2] = console.MasterEntry;
            entries[3] = console.InputEntry;
            entries[4] = console.OutputEntry;
            _ = Poll.Wait(entries, console.Deserted ? Deserted : Poll.Forever);
            if (entries[1].Ready)
            {
                PassOn(signals, process, master);
            }

            _ = console.Forward(entries[2], entries[3], entries[4]);
        }
        while (!entries[0].Ready);
    }

    private static EnteredProcess Start(
        RunningMachine machine, EntryCommand command, ReadOnlySpan<SafeFileHandle?> streams, bool isTerminal)
    {
        StubInitDisguise.ForgetEnvironment();
        return EnteredProcess.Start(machine, command, streams, isTerminal);
    }

    // Not before the start: until then a signal ends this process, and nothing is there to be told.
    private static SignalFile TakeSignals()
    {
        SignalSet wanted = s_forwarded.Union(SignalSet.Of(Signal.WindowChange));
        SignalMask.BlockInEveryThread(wanted.Union(SignalSet.Of(Signal.Pipe)));
        return new SignalFile(wanted);
    }

    private static void PassOn(SignalFile signals, EnteredProcess process, SafeFileHandle? resize)
    {
        for (int signal = signals.Read(); signal != 0; signal = signals.Read())
        {
            if (signal != Signal.WindowChange)
            {
                process.Signal(signal);
            }
            else if (resize is not null)
            {
                Terminal.Resize(resize, CallerTerminal.Size());
            }
        }
    }
}
