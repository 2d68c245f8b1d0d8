using System.Globalization;

namespace Nspawn.Core;

/// <summary>Signals by name, with or without SIG, and by number; signal(7).</summary>
public static class SignalNames
{
    /// <summary>The C library keeps the kernel's first two for itself, so that SIGRTMIN of every program is 34.</summary>
    public const int RealTimeMinimum = 34;
    public const int RealTimeMaximum = 64;

    // The place in the array is the number; 29 has the name POLL as well as IO.
    private static readonly string[] s_names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ];

    public static IEnumerable<string> All()
    {
        foreach (string name in s_names.Skip(1))
        {
            yield return "SIG" + name;
        }

        for (int number = RealTimeMinimum; number <= RealTimeMaximum; number++)
        {
            yield return NameOf(number);
        }
    }

    public static string NameOf(int signal) =>
        signal == RealTimeMinimum ? "SIGRTMIN"
        : signal > RealTimeMinimum ? $"SIGRTMIN+{signal - RealTimeMinimum}"
        : $"SIG{s_names[signal]}";

    public static int Parse(string text) =>
        Number(text) ?? throw new UsageException("expected a signal, such as SIGTERM, SIGRTMIN+3 or 15; the value help lists them");

    private static int? Number(string text)
    {
        if (Decimal(text) is { } number)
        {
            return number is >= 1 and <= RealTimeMaximum ? number : null;
        }

        string name = text.StartsWith("SIG", StringComparison.Ordinal) ? text[3..] : text;
        if (name == "POLL")
        {
            name = "IO";
        }

        int index = name.Length == 0 ? -1 : Array.IndexOf(s_names, name);
        return index > 0 ? index : RealTime(name);
    }

    private static int? RealTime(string name)
    {
        int signal;
        if (name.StartsWith("RTMIN", StringComparison.Ordinal))
        {
            signal = RealTimeMinimum + (Offset(name[5..], '+') ?? -RealTimeMaximum);
        }
        else if (name.StartsWith("RTMAX", StringComparison.Ordinal))
        {
            signal = RealTimeMaximum - (Offset(name[5..], '-') ?? RealTimeMaximum);
        }
        else
        {
            return null;
        }

        return signal is >= RealTimeMinimum and <= RealTimeMaximum ? signal : null;
    }

    private static int? Offset(string text, char sign) =>
        text.Length == 0 ? 0 : text[0] == sign ? Decimal(text[1..]) : null;

    private static int? Decimal(string text) =>
        text.Length is > 0 and <= 3 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
