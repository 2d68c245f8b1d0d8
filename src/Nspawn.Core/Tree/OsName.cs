using System.Text;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What a tree calls itself; os-release(5).</summary>
public static class OsName
{
    private const int SmallFile = 64 * 1024;

    /// <summary>The pretty name, fit to print; null: there is none, or it cannot be read.</summary>
    public static string? Of(RootDirectory tree)
    {
        try
        {
            byte[]? text = tree.ReadFile("/etc/os-release", SmallFile) ?? tree.ReadFile("/usr/lib/os-release", SmallFile);
            return text is not null && Field(Encoding.UTF8.GetString(text), "PRETTY_NAME") is string name ? Message.Printable(name) : null;
        }
        catch (SyscallException)
        {
            return null; // a disk with errors
        }
    }

    internal static string? Field(string osRelease, string name)
    {
        foreach (ReadOnlySpan<char> line in osRelease.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name) && line.Length > name.Length && line[name.Length] == '=')
            {
                return line[(name.Length + 1)..].Trim().Trim("\"'").ToString();
            }
        }

        return null;
    }
}
