using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>The names of an enumeration's members on the command line and in the settings file.</summary>
public sealed class NameTable<T>(params ImmutableArray<(string Name, T Value)> rows)
    where T : struct, Enum
{
    public ImmutableArray<(string Name, T Value)> Rows { get; } = rows;

    public IEnumerable<string> Names => Rows.Select(row => row.Name);

    public T Parse(string text) => TryParse(text) ?? throw new UsageException($"expected {Listed(Names)}");

    public T? TryParse(string text)
    {
        foreach ((string name, T value) in Rows)
        {
            if (name == text)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Where the names are modes of something that can be switched off, a boolean picks one of two of them.</summary>
    public T ParseOrBoolean(string text, T yes, T no) =>
        TryParse(text) ?? (Booleans.TryParse(text) is { } boolean
            ? boolean ? yes : no
            : throw new UsageException($"expected {Listed(Names)}"));

    public string NameOf(T value)
    {
        foreach ((string name, T named) in Rows)
        {
            if (EqualityComparer<T>.Default.Equals(named, value))
            {
                return name;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(value));
    }

    private static string Listed(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length == 1 ? all[0] : $"{string.Join(", ", all[..^1])} or {all[^1]}";
    }
}
