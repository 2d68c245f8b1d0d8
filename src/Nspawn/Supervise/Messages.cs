using System.Text;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>Lines for the person at the terminal, on standard error; none when quiet.</summary>
internal sealed class Messages(bool quiet) : IDisposable
{
    /// <summary>A standard error that nobody reads must not keep the container's end from being noticed.</summary>
    private const int PatienceMilliseconds = 1000;

    private BorrowedStream? _stream;

    /// <summary>The terminal is raw: a newline alone would leave the cursor where it is.</summary>
    public bool TerminalIsRaw { get; set; }

    public void Say(string line)
    {
        if (quiet)
        {
            return;
        }

        _stream ??= BorrowedStream.ForWriting(StandardDescriptors.Error);
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(line + (TerminalIsRaw ? "\r\n" : "\n"));
        while (!rest.IsEmpty)
        {
            Span<PollEntry> wait = [PollEntry.For(_stream.Handle, PollEvents.Writable)];
            if (Poll.Wait(wait, PatienceMilliseconds) == 0)
            {
                return;
            }

            IoResult written = _stream.Write(rest);
            if (written.Failed)
            {
                return;
            }

            rest = rest[written.Count..];
        }
    }

    public static string OfEnd(string machine, PayloadEnd end) => end switch
    {
        PayloadEnd.Exited { Status: 0 } => $"Container {machine} exited successfully.",
        PayloadEnd.Exited exited => $"Container {machine} failed with error code {exited.Status}.",
        PayloadEnd.Killed killed => $"Container {machine} terminated by signal {Signal.NameOf(killed.Signal)}.",
        PayloadEnd.PoweredOff => $"Container {machine} has been shut down.",
        _ => $"Container {machine} is being rebooted.",
    };

    public void Dispose() => _stream?.Dispose();
}
