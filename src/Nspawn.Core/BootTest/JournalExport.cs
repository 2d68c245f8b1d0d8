using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Nspawn.Core;

/// <summary>An entry of a journal, as far as a boot test has use for it.</summary>
/// <param name="Unit">The unit it came from, or that it is about.</param>
/// <param name="Message">Its text, in a line.</param>
/// <param name="JobResult">Where the manager tells of the end of a job: done, failed, dependency, timeout …; otherwise empty.</param>
public sealed record JournalEntry(string Unit, string Message, string JobResult);

/// <summary>The journal export format; systemd.io/JOURNAL_EXPORT_FORMATS. A machine wrote it, and may write what it likes.</summary>
public static class JournalExport
{
    private const int LongestMessage = 500;

    /// <summary>The entries, in order; what makes no sense ends them.</summary>
    public static ImmutableArray<JournalEntry> Parse(ReadOnlySpan<byte> text)
    {
        ImmutableArray<JournalEntry>.Builder entries = ImmutableArray.CreateBuilder<JournalEntry>();
        Dictionary<string, string> fields = [];
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (line.IsEmpty)
            {
                Add(entries, fields);
                fields.Clear();
                continue;
            }

            int equals = line.IndexOf((byte)'=');
            if (equals >= 0)
            {
                fields[Text(line[..equals])] = Text(line[(equals + 1)..]);
                continue;
            }

            // A value with line breaks: its length, and its bytes.
            ulong length = text.Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(text) : ulong.MaxValue;
            if (length > (ulong)Math.Max(text.Length - sizeof(ulong), 0))
            {
                break;
            }

            fields[Text(line)] = Text(text.Slice(sizeof(ulong), (int)length));
            text = text[Math.Min(sizeof(ulong) + (int)length + 1, text.Length)..];
        }

        Add(entries, fields);
        return entries.ToImmutable();
    }

    private static void Add(ImmutableArray<JournalEntry>.Builder entries, Dictionary<string, string> fields)
    {
        if (fields.TryGetValue("MESSAGE", out string? message))
        {
            // What the manager says about a unit has UNIT, and so has systemd-coredump; a service's own words have _SYSTEMD_UNIT.
            string unit = fields.GetValueOrDefault("UNIT") ?? fields.GetValueOrDefault("COREDUMP_UNIT") ?? fields.GetValueOrDefault("_SYSTEMD_UNIT") ?? "";
            string shown = Core.Message.OneLine(message.Length > LongestMessage ? message[..LongestMessage] + " ..." : message);
            entries.Add(new JournalEntry(unit, shown, fields.GetValueOrDefault("JOB_RESULT") ?? ""));
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
