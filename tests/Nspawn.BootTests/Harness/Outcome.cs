using System.Text;

namespace Nspawn.BootTests;

/// <summary>How a program ended and everything it wrote.</summary>
/// <param name="ExitStatus">Its exit status; 128 and the signal's number when a signal ended it.</param>
/// <param name="Output">Standard output, byte for byte.</param>
/// <param name="Error">Standard error.</param>
/// <param name="TimedOut">It had to be killed.</param>
internal sealed record Outcome(int ExitStatus, byte[] Output, string Error, bool TimedOut)
{
    /// <summary>Standard output in lines as a person reads them, without the terminal's carriage returns.</summary>
    public string Text => Encoding.UTF8.GetString(Output).Replace("\r", "", StringComparison.Ordinal);

    public override string ToString() =>
        $"exit status {ExitStatus}{(TimedOut ? " (killed: it took too long)" : "")}\n--- output\n{EndOf(Text)}\n--- error\n{EndOf(Error)}";

    // A boot prints a hundred lines; what went wrong is at the end.
    private static string EndOf(string text)
    {
        string[] lines = text.Split('\n');
        return lines.Length <= 30 ? text : "...\n" + string.Join('\n', lines[^30..]);
    }
}
