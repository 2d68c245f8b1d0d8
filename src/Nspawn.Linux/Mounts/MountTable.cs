using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Nspawn.Linux;

/// <summary>A mount; proc_pid_mountinfo(5).</summary>
/// <param name="Id">Its number, which <see cref="FileStatus.MountId"/> of what is on it shows.</param>
/// <param name="Parent">The mount it is attached to.</param>
/// <param name="Place">Where it is, from the thread's root.</param>
/// <param name="Flags">Of those of the mount itself, what it forbids.</param>
public sealed record MountEntry(ulong Id, ulong Parent, string Place, MountFlags Flags);

/// <summary>The mounts of the calling thread's mount namespace.</summary>
public static class MountTable
{
    private const string Table = "/proc/thread-self/mountinfo";
    private const int LargestTable = 64 * 1024 * 1024;

    /// <summary>All of them, those below behind those above.</summary>
    public static List<MountEntry> Read()
    {
        using SafeFileHandle file = Descriptors.Open(Table, OpenMode.Read);
        return Parse(Encoding.UTF8.GetString(Descriptors.ReadAll(file, LargestTable, Table)));
    }

    /// <summary>Those that are attached to the mount of this number or to one below it.</summary>
    public static List<MountEntry> Below(ulong id, IEnumerable<MountEntry> table)
    {
        HashSet<ulong> known = [id];
        List<MountEntry> below = [];
        // A mount's line may stand before its parent's, when it was attached with what is below it.
        ILookup<ulong, MountEntry> children = table.ToLookup(mount => mount.Parent);
        Queue<ulong> parents = new([id]);
        while (parents.TryDequeue(out ulong parent))
        {
            foreach (MountEntry child in children[parent].Where(child => known.Add(child.Id)))
            {
                below.Add(child);
                parents.Enqueue(child.Id);
            }
        }

        return below;
    }

    internal static List<MountEntry> Parse(string table)
    {
        List<MountEntry> mounts = [];
        foreach (string line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(' ');
            if (fields.Length > 5
                && ulong.TryParse(fields[0], CultureInfo.InvariantCulture, out ulong id)
                && ulong.TryParse(fields[1], CultureInfo.InvariantCulture, out ulong parent))
            {
                mounts.Add(new MountEntry(id, parent, Unescape(fields[4]), FlagsOf(fields[5])));
            }
        }

        return mounts;
    }

    private static MountFlags FlagsOf(string options)
    {
        MountFlags flags = MountFlags.None;
        foreach (string option in options.Split(','))
        {
            flags |= option switch
            {
                "ro" => MountFlags.ReadOnly,
                "nosuid" => MountFlags.NoSuid,
                "nodev" => MountFlags.NoDev,
                "noexec" => MountFlags.NoExec,
                "nosymfollow" => MountFlags.NoSymfollow,
                _ => MountFlags.None,
            };
        }

        return flags;
    }

    // Blank, tab, line break and backslash are written as \ and three octal digits.
    private static string Unescape(string text)
    {
        if (!text.Contains('\\'))
        {
            return text;
        }

        StringBuilder plain = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                _ = plain.Append((char)Convert.ToInt32(text[(i + 1)..(i + 4)], 8));
                i += 3;
            }
            else
            {
                _ = plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
