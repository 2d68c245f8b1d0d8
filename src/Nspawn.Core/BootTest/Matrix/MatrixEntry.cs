using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>One of many images that are tested side by side.</summary>
/// <param name="Name">What it goes by in the table and in the names of its reports; unique among them.</param>
/// <param name="Path">The tree or image.</param>
public sealed record MatrixEntry(string Name, string Path)
{
    /// <summary>The paths of a list, one a line; empty lines and those that begin with a number sign say nothing.</summary>
    /// <param name="text">The list.</param>
    /// <param name="directory">Where the list is: paths that do not begin with a slash begin there.</param>
    public static IEnumerable<string> Listed(string text, string directory) => text.Split('\n').Select(line => line.Trim())
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line[0] == '/' ? line : $"{directory}/{line}");

    /// <summary>Each with a name: the last part of its path without a disk image's ending, and a number where that is taken.</summary>
    public static ImmutableArray<MatrixEntry> Named(IEnumerable<string> paths)
    {
        HashSet<string> taken = [];
        ImmutableArray<MatrixEntry>.Builder entries = ImmutableArray.CreateBuilder<MatrixEntry>();
        foreach (string path in paths)
        {
            string plain = NameOf(path), name = plain;
            for (int number = 2; !taken.Add(name); number++)
            {
                name = $"{plain}-{number}";
            }

            entries.Add(new MatrixEntry(name, path));
        }

        return entries.ToImmutable();
    }

    private static string NameOf(string path)
    {
        string trimmed = path.TrimEnd('/');
        string last = trimmed[(trimmed.LastIndexOf('/') + 1)..];
        string name = last.EndsWith(".raw", StringComparison.Ordinal) || last.EndsWith(".img", StringComparison.Ordinal) ? last[..^4] : last;
        return name.Length > 0 ? name : "root";
    }
}
