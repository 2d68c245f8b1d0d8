using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>What is mounted in a directory of the host, one mount at a time: for where they cannot be treated alike.</summary>
internal static class SubMounts
{
    private const int MountPointField = 4;
    private const int LargestTable = 64 * 1024 * 1024;

    /// <summary>Their paths below the directory, in the order they were mounted in, as the calling thread sees them.</summary>
    public static List<string> Below(string directory)
    {
        using SafeFileHandle table = Descriptors.Open("/proc/thread-self/mountinfo", OpenMode.Read);
        string text = Encoding.UTF8.GetString(Descriptors.ReadAll(table, LargestTable, "mountinfo"));
        return
        [
            .. text.Split('\n').Select(line => line.Split(' ')).Where(fields => fields.Length > MountPointField)
                .Select(fields => Unescaped(fields[MountPointField]))
                .Where(point => point.StartsWith(directory + "/", StringComparison.Ordinal)).Select(point => point[directory.Length..]).Distinct(),
        ];
    }

    /// <summary>Attaches copies of them to another mount of the same directory, shown with other owners where they can be.</summary>
    public static void Attach(List<string> paths, SafeFileHandle from, SafeFileHandle to, SafeFileHandle owners)
    {
        using RootDirectory source = new(Descriptors.Duplicate(from));
        using RootDirectory target = new(Descriptors.Duplicate(to));
        foreach (string path in paths)
        {
            using SafeFileHandle? mounted = source.TryOpen(path, OpenMode.Path | OpenMode.NoFollow, out _);
            using SafeFileHandle? place = target.TryOpen(path, OpenMode.Path | OpenMode.NoFollow, out _);
            if (mounted is null || place is null)
            {
                continue; // beneath another one
            }

            using SafeFileHandle copy = Mounts.Clone(mounted, recursive: false, path);
            try
            {
                Mounts.SetIdMap(copy, owners, recursive: false, path);
            }
            catch (SyscallException)
            {
                // Its files are nobody's in the container, as proc's and sysfs's are.
            }

            Mounts.SetPropagation(copy, Propagation.Private, recursive: false, path);
            Mounts.Attach(copy, place, path);
        }
    }

    // proc(5): blanks, tabs, line breaks and backslashes are three octal digits.
    private static string Unescaped(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        StringBuilder plain = new();
        for (int i = 0; i < text.Length; i++)
        {
            bool escaped = text[i] == '\\' && i + 3 < text.Length;
            _ = plain.Append(escaped ? (char)Convert.ToInt32(text.Substring(i + 1, 3), 8) : text[i]);
            i += escaped ? 3 : 0;
        }

        return plain.ToString();
    }
}
