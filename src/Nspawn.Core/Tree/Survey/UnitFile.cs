using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>A setting in a unit file, behind its section: <c>Unit.ConditionPathExists</c>.</summary>
public readonly record struct UnitSetting(string Key, string Value);

/// <summary>What unit files say, in their order; systemd.syntax(7).</summary>
public static class UnitFile
{
    public static IEnumerable<UnitSetting> Parse(string text)
    {
        string section = "";
        string pending = "";
        foreach (string raw in text.Split('\n'))
        {
            string line = raw.Trim();
            if (line.Length == 0 || line[0] is '#' or ';')
            {
                continue; // a comment does not end a line that goes on
            }

            if (line.EndsWith('\\'))
            {
                pending += line[..^1] + " ";
                continue;
            }

            line = pending + line;
            pending = "";
            int equals = line.IndexOf('=');
            if (line[0] == '[' && line[^1] == ']')
            {
                section = line[1..^1];
            }
            else if (equals > 0)
            {
                yield return new UnitSetting($"{section}.{line[..equals].TrimEnd()}", line[(equals + 1)..].TrimStart());
            }
        }
    }

    /// <summary>The words of a list, without quotes.</summary>
    public static IEnumerable<string> Words(string value) =>
        value.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('"', '\''));

    /// <summary>A name that a unit may have; it can be no path.</summary>
    public static bool IsName(string name)
    {
        int dot = name.LastIndexOf('.');
        return name.Length < 256 && dot > 0
            && name.All(c => char.IsAsciiLetterOrDigit(c) || ":-_.\\@".Contains(c))
            && name[(dot + 1)..] is "service" or "socket" or "target" or "mount" or "automount" or "swap" or "timer" or "path" or "slice" or "scope" or "device";
    }
}

public enum BootUnitState { Loaded, Masked, Missing }

/// <summary>A unit that systemd starts with the tree, as far as its files tell.</summary>
public sealed record BootUnit
{
    public required string Name { get; init; }
    public BootUnitState State { get; init; }

    /// <summary>A link below /etc/systemd/system asks for it: somebody enabled it, or a preset did.</summary>
    public bool IsEnabled { get; init; }
    public ImmutableArray<UnitSetting> Settings { get; init; } = [];

    public string Type => Name[(Name.LastIndexOf('.') + 1)..];

    /// <summary>The name without instance and type: <c>getty</c> of <c>getty@tty1.service</c>.</summary>
    public string Stem => Name[..(Name.IndexOf('@') is int at and > 0 ? at : Name.LastIndexOf('.'))];

    private string Instance => Name.IndexOf('@') is int at and > 0 ? Name[(at + 1)..Name.LastIndexOf('.')] : "";

    /// <summary>The values of a setting, specifiers replaced; an empty one forgets those before it.</summary>
    public IEnumerable<string> Values(string key)
    {
        List<string> values = [];
        foreach (UnitSetting setting in Settings)
        {
            if (setting.Key != key)
            {
                continue;
            }

            if (setting.Value.Length == 0)
            {
                values.Clear();
            }
            else
            {
                values.Add(Expand(setting.Value));
            }
        }

        return values;
    }

    /// <summary>The units that a dependency names.</summary>
    public IEnumerable<string> Units(string key) => Values(key).SelectMany(UnitFile.Words).Where(UnitFile.IsName);

    private string Expand(string value) => !value.Contains('%') ? value : value
        .Replace("%i", Instance, StringComparison.Ordinal)
        .Replace("%I", Instance.Replace('-', '/').Replace("\\x2d", "-", StringComparison.Ordinal), StringComparison.Ordinal)
        .Replace("%n", Name, StringComparison.Ordinal)
        .Replace("%N", Name[..Name.LastIndexOf('.')], StringComparison.Ordinal)
        .Replace("%p", Stem, StringComparison.Ordinal);
}
