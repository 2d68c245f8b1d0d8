using System.Diagnostics.CodeAnalysis;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>What probe.pl found in a container: one text for each key; nothing is "absent".</summary>
internal sealed class Facts
{
    public const string Absent = "absent";

    private readonly SortedDictionary<string, string> _facts = new(StringComparer.Ordinal);

    private Facts(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            int at = line.IndexOf('=', StringComparison.Ordinal);
            string key = line[..at];
            _facts[key] = Told(key, line[(at + 1)..]);
        }
    }

    public IEnumerable<string> Keys => _facts.Keys;

    public string this[string key] => _facts.GetValueOrDefault(key, Absent);

    /// <summary>The rest of every key that starts so, with its value.</summary>
    public Dictionary<string, string> Below(string prefix) => _facts
        .Where(fact => fact.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(fact => fact.Key[prefix.Length..], fact => fact.Value);

    public static Facts In(Outcome outcome)
    {
        string text = outcome.Text;
        int begin = text.IndexOf("<<< facts\n", StringComparison.Ordinal);
        int end = text.IndexOf(">>> facts", StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            Missing(outcome);
        }

        return new Facts(text[begin..end].Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Where(line => line.Contains('=', StringComparison.Ordinal)));
    }

    [DoesNotReturn]
    private static void Missing(Outcome outcome) => Assert.Fail("the probe did not report: " + outcome);

    // Numbers that differ from run to run, in words.
    private static string Told(string key, string value)
    {
        if (key.StartsWith("ns.", StringComparison.Ordinal))
        {
            FileInfo own = new("/proc/self/" + key.Replace('.', '/'));
            return own.LinkTarget == value ? "the host's" : "its own";
        }

        if (key.StartsWith("fd.", StringComparison.Ordinal) && value.IndexOf(":[", StringComparison.Ordinal) is int at and > 0)
        {
            return value[..at];
        }

        return value.Replace(@"\x0a", "\n", StringComparison.Ordinal).TrimEnd('\n');
    }
}
