using System.Globalization;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Tells the version of a tree's systemd by the name of its shared library, without running anything.</summary>
public static class SystemdVersion
{
    private const string Prefix = "libsystemd-shared-";

    public static int? Find(RootDirectory tree)
    {
        // The first two, where there are any, hold little else.
        foreach (string directory in (ReadOnlySpan<string>)
            ["/usr/lib/x86_64-linux-gnu/systemd", "/usr/lib64/systemd", "/usr/lib/systemd", "/lib/systemd"])
        {
            foreach (string name in DirectoryListing.Of(tree, directory))
            {
                if (Parse(name) is int version)
                {
                    return version;
                }
            }
        }

        return null;
    }

    /// <summary><c>libsystemd-shared-252.so</c> and <c>libsystemd-shared-257.9-1.so</c> say 252 and 257.</summary>
    public static int? Parse(string fileName)
    {
        if (!fileName.StartsWith(Prefix, StringComparison.Ordinal) || !fileName.EndsWith(".so", StringComparison.Ordinal))
        {
            return null;
        }

        int end = Prefix.Length;
        while (char.IsAsciiDigit(fileName[end]))
        {
            end++;
        }

        return int.TryParse(fileName.AsSpan(Prefix.Length, end - Prefix.Length), CultureInfo.InvariantCulture, out int version)
            ? version
            : null;
    }
}
