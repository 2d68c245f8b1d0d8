using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>How a command in the machine ended.</summary>
/// <param name="ExitStatus">Null: the time was up, or the test was interrupted.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Output">The end of what it wrote.</param>
/// <param name="Interrupted">The signal that ended the test; 0: none.</param>
internal sealed record InsideResult(int? ExitStatus, TimeSpan Duration, string Output, int Interrupted);

/// <summary>A command that is run as root in the machine under test, with nothing to read, and with an end.</summary>
/// <param name="machine">The machine.</param>
/// <param name="signals">Those that end the test.</param>
internal sealed class InsideCommand(RunningMachine machine, SignalFile signals)
{
    private const int TailBytes = 64 * 1024;
    private const int DyingMilliseconds = 1000;

    /// <summary>Its output goes there too as it comes; null: nowhere.</summary>
    public int? Echo { get; init; }

    /// <summary>Takes its standard output alone; null: both streams are kept together.</summary>
    public MemoryFile? Output { get; init; }

    /// <summary>Runs it until its end or the deadline, in the ticks of <see cref="Environment.TickCount64"/>.</summary>
    public InsideResult Run(ImmutableArray<string> command, long deadline)
    {
        long started = Stopwatch.GetTimestamp();
        TailBuffer tail = new(TailBytes);
        (SafeFileHandle read, SafeFileHandle write) = Descriptors.Pipe();
        using SafeFileHandle input = Descriptors.Open("/dev/null", OpenMode.Read);
        using SafeFileHandle output = read;
        using SafeFileHandle inside = write;
        try
        {
            // Not as the machine's files have root: they may be in a file system of its own, that never answers.
            EntryCommand entry = EntryCommand.Of(
                machine.State.Confinement.Environment, new MachineRequest.Execute(null) { Command = command }, TreeUser.Root, terminal: null);
            TimeSpan patience = TimeSpan.FromMilliseconds(Math.Max(1, deadline - Environment.TickCount64));
            using EnteredProcess process = EnteredProcess.Start(machine, entry, [input, Output?.Handle ?? inside, inside], isTerminal: false, patience);
            inside.Dispose();
            Descriptors.MakeNonBlocking(output);
            int interrupted = Pump(process, output, tail, deadline);
            bool ended = !Pidfd.IsAlive(process.Pidfd);
            if (!ended)
            {
                process.Signal(Signal.Kill);
            }

            Drain(output, tail);
            return new InsideResult(ended ? process.WaitForStatus() : Reap(process), Stopwatch.GetElapsedTime(started), tail.Text(), interrupted);
        }
        catch (LaunchException failure)
        {
            // As a shell has it: 126 and 127 for what cannot be executed.
            return new InsideResult(failure.ExitStatus, Stopwatch.GetElapsedTime(started), failure.Message + "\n", 0);
        }
    }

    private int Pump(EnteredProcess process, SafeFileHandle output, TailBuffer tail, long deadline)
    {
        bool open = true;
        while (true)
        {
            long left = deadline - Environment.TickCount64;
            if (left <= 0)
            {
                return 0;
            }

            Span<PollEntry> entries =
            [
                PollEntry.For(process.Pidfd, PollEvents.Readable), PollEntry.For(signals.Handle, PollEvents.Readable),
                open ? PollEntry.For(output, PollEvents.Readable) : PollEntry.Idle,
            ];
            _ = Poll.Wait(entries, (int)Math.Min(left, int.MaxValue));
            if (entries[1].Ready && signals.Read() is not 0 and var signal)
            {
                return signal;
            }

            if (entries[2].Ready)
            {
                open = Take(output, tail);
            }

            if (entries[0].Ready)
            {
                return 0;
            }
        }
    }

    // Not to the end of the file: who was started in the background may hold it open.
    private void Drain(SafeFileHandle output, TailBuffer tail)
    {
        for (int left = TailBytes; left > 0; left -= 4096)
        {
            Span<PollEntry> look = [PollEntry.For(output, PollEvents.Readable)];
            if (Poll.Wait(look, 0) == 0 || !Take(output, tail))
            {
                return;
            }
        }
    }

    private bool Take(SafeFileHandle output, TailBuffer tail)
    {
        Span<byte> buffer = stackalloc byte[4096];
        IoResult read = Descriptors.TryRead(output, buffer);
        if (read.Count > 0)
        {
            tail.Append(buffer[..read.Count]);
            if (Echo is int descriptor)
            {
                EchoTo(descriptor, buffer[..read.Count]);
            }
        }

        return !read.AtEnd && !read.Failed;
    }

    private static void EchoTo(int descriptor, ReadOnlySpan<byte> bytes)
    {
        try
        {
            Descriptors.Write(StandardDescriptors.Borrow(descriptor), bytes, "output");
        }
        catch (SyscallException)
        {
            // Nobody reads any more: the verdict counts.
        }
    }

    // One that sleeps in the kernel does not die before that lets it: the machine's end will see to it.
    private static int? Reap(EnteredProcess process)
    {
        Span<PollEntry> wait = [PollEntry.For(process.Pidfd, PollEvents.Readable)];
        if (Poll.Wait(wait, DyingMilliseconds) > 0)
        {
            _ = Pidfd.Wait(process.Pidfd);
        }

        return null;
    }
}

/// <summary>The last bytes of a stream.</summary>
internal sealed class TailBuffer(int size)
{
    private byte[] _bytes = [];

    public void Append(ReadOnlySpan<byte> more)
    {
        byte[] all = [.. _bytes, .. more];
        _bytes = all.Length > size ? all[^size..] : all;
    }

    public string Text() => Encoding.UTF8.GetString(_bytes);
}
