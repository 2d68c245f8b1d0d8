using System.Text;

namespace Nspawn.Core;

/// <summary>Names of units; systemd.unit(5).</summary>
public static class UnitNames
{
    public const string MachineSlice = "machine.slice";

    /// <summary>The scope of a machine: what a unit's name may not hold is written as <c>\xNN</c>, slashes as dashes.</summary>
    public static string ScopeOf(string machine)
    {
        StringBuilder name = new();
        foreach (byte one in Encoding.UTF8.GetBytes(machine))
        {
            char c = (char)one;
            _ = c == '/' ? name.Append('-')
                : IsPlain(c) && (c != '.' || name.Length > 0) ? name.Append(c)
                : name.Append($"\\x{one:x2}");
        }

        return name.Append(".scope").ToString();
    }

    /// <summary>A name with a type behind the last dot.</summary>
    public static bool IsValid(string text) =>
        text.Length is > 2 and < 256 && text.LastIndexOf('.') is var dot && dot > 0 && dot < text.Length - 1
        && text.All(c => IsPlain(c) || c is '@' or '\\');

    /// <summary>The name says of which type its unit is.</summary>
    public static bool HasType(string text) => text[(text.LastIndexOf('.') + 1)..] is
        "service" or "socket" or "target" or "device" or "mount" or "automount" or "swap" or "timer" or "path" or "slice" or "scope"
        && text.Contains('.');

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is ':' or '-' or '_' or '.';
}
