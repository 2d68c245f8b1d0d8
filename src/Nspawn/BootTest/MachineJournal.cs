using System.Collections.Immutable;
using System.Globalization;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The journal of a machine's boot, read by its own journalctl(1); a machine without one has none.</summary>
internal sealed class MachineJournal(RunningMachine machine, SignalFile signals)
{
    private const int Milliseconds = 10_000;
    private const int Room = 64 * 1024 * 1024;
    private const int MostEntries = 20_000;
    private const int TailLines = 10;

    private bool _synchronised;

    public byte[] Text() => Read("--output=short-precise", lines: null);

    /// <param name="lines">The last so many entries; null: all.</param>
    public byte[] Export(int? lines) => Read("--output=export", lines);

    public ImmutableArray<JournalEntry> Entries() => JournalExport.Parse(Export(MostEntries));

    /// <summary>The last lines of a unit.</summary>
    public static ImmutableArray<string> Tail(ImmutableArray<JournalEntry> entries, string unit) =>
        [.. entries.Where(entry => entry.Unit == unit).Select(entry => entry.Message).TakeLast(TailLines)];

    private byte[] Read(string format, int? lines)
    {
        if (!_synchronised)
        {
            _ = Run(["journalctl", "--sync"], output: null);
            _synchronised = true;
        }

        using MemoryFile output = new("journal", Room);
        string[] limit = lines is int count ? ["--lines", count.ToString(CultureInfo.InvariantCulture)] : [];
        _ = Run(["journalctl", "--boot", "--no-pager", "--quiet", format, .. limit], output);
        return output.Read();
    }

    private InsideResult Run(ImmutableArray<string> command, MemoryFile? output) =>
        new InsideCommand(machine, signals) { Output = output }.Run(command, Environment.TickCount64 + Milliseconds);
}
