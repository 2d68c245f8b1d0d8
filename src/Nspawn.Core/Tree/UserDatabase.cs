using System.Collections.Immutable;
using System.Globalization;

namespace Nspawn.Core;

/// <summary>
/// Finds a user in the text of passwd(5) and group(5). systemd-nspawn runs the tree's getent for this, with all
/// privileges, before the payload; reading the files runs nothing of the tree and works without getent in it.
/// </summary>
public static class UserDatabase
{
    /// <summary>The user of that name, or else of that number; null when there is neither.</summary>
    public static TreeUser? Find(string nameOrUid, string passwd, Func<string> group)
    {
        string[]? entry = null;
        foreach (string line in passwd.Split('\n'))
        {
            string[] fields = line.Split(':');
            // A NUL would end the home or the shell early for the kernel, and not for us.
            if (fields.Length >= 7 && !line.Contains('\0') && (fields[0] == nameOrUid || (fields[2] == nameOrUid && entry is null)))
            {
                entry = fields;
                if (fields[0] == nameOrUid)
                {
                    break;
                }
            }
        }

        if (entry is null || !TryId(entry[2], out uint uid) || !TryId(entry[3], out uint gid))
        {
            return null;
        }

        ImmutableArray<uint> groups = uid == 0 ? [] : GroupsOf(entry[0], gid, group());
        return new TreeUser(entry[0], uid, gid, entry[5], entry[6], groups);
    }

    /// <summary>A user that only has a number.</summary>
    public static TreeUser? Unnamed(string uid) => TryId(uid, out uint id) ? new TreeUser(uid, id, 0, "/", "", []) : null;

    /// <summary>The group of that name, or the number itself; null: there is none.</summary>
    public static uint? FindGroup(string nameOrGid, string group)
    {
        foreach (string line in group.Split('\n'))
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 3 && fields[0] == nameOrGid && TryId(fields[2], out uint gid))
            {
                return gid;
            }
        }

        return TryId(nameOrGid, out uint id) ? id : null;
    }

    private static ImmutableArray<uint> GroupsOf(string name, uint primary, string group)
    {
        List<uint> groups = [];
        foreach (string line in group.Split('\n'))
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 4 && TryId(fields[2], out uint gid) && gid != primary
                && Array.IndexOf(fields[3].Split(','), name) >= 0)
            {
                groups.Add(gid);
            }
        }

        return [.. groups];
    }

    // -1 means "no change" to the kernel, and 65535 is -1 cut to 16 bits.
    private static bool TryId(string text, out uint id) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id)
        && id is not (uint.MaxValue or ushort.MaxValue);
}
