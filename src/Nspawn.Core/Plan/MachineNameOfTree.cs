using System.Text;

namespace Nspawn.Core;

/// <summary>Makes a machine's name from its tree's.</summary>
public static class MachineNameOfTree
{
    private const int Longest = 64;

    public static string From(TreeSource source, string hostname) => From(source.Path, hostname, source.Kind == TreeKind.Image);

    /// <summary>The last component of the path, without what a machine name may not hold; the host's name for <c>/</c>.</summary>
    public static string From(string path, string hostname, bool isImage = false)
    {
        string last = path == "/" ? hostname : path[(path.LastIndexOf('/') + 1)..];
        if (isImage && last.EndsWith(ImageSearch.RawSuffix, StringComparison.Ordinal))
        {
            last = last[..^ImageSearch.RawSuffix.Length];
        }

        StringBuilder name = new();
        foreach (char c in last)
        {
            bool separator = c is '-' or '.';
            bool doubled = separator && (name.Length == 0 || name[^1] is '-' or '.');
            if ((char.IsAsciiLetterOrDigit(c) || separator) && !doubled && name.Length < Longest)
            {
                _ = name.Append(c);
            }
        }

        string cleaned = name.ToString().TrimEnd('-', '.');
        return cleaned.Length > 0
            ? cleaned
            : throw new LaunchException($"cannot make a machine name from {path}: give one with --machine=");
    }
}
