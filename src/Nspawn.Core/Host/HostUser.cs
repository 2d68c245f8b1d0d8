using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>A user of the host, as the host's files have it, or its name service for one who is in none; that is asked, not loaded.</summary>
/// <param name="Name">The name.</param>
/// <param name="Uid">The number.</param>
/// <param name="Gid">The number of the main group.</param>
/// <param name="Group">The main group's name; empty: it has none.</param>
/// <param name="RealName">What people call the user.</param>
/// <param name="Home">The home directory.</param>
/// <param name="HasHome">It is there.</param>
/// <param name="Shell">The login shell.</param>
public sealed record HostUser(string Name, uint Uid, uint Gid, string Group, string RealName, string Home, bool HasHome, string Shell)
{
    private const int LargeFile = 16 * 1024 * 1024;

    /// <summary>The hash of the user's password, from shadow(5); null: there is none to log in with.</summary>
    public static string? PasswordOf(string name)
    {
        string[]? entry = Line(HostReader.ReadText("/etc/shadow", LargeFile), 0, name) ?? Line(NameService.Ask("shadow", name), 0, name);
        string? hash = entry?.ElementAtOrDefault(1);
        return hash is ['$' or '_', ..] ? hash : null;
    }

    internal static ImmutableDictionary<string, HostUser> Read(ImmutableArray<string> names) =>
        names.IsEmpty ? ImmutableDictionary<string, HostUser>.Empty
        : Parse(names, HostReader.ReadText("/etc/passwd", LargeFile), HostReader.ReadText("/etc/group", LargeFile),
            home => FileStatus.At(home) is { Type: FileType.Directory }, NameService.Ask);

    internal static ImmutableDictionary<string, HostUser> Parse(ImmutableArray<string> names, string? passwd, string? group, Func<string, bool> isDirectory, Func<string, string, string?> ask)
    {
        ImmutableDictionary<string, HostUser> users = ImmutableDictionary<string, HostUser>.Empty;
        foreach (string name in names)
        {
            if ((Line(passwd, 0, name) ?? Line(ask("passwd", name), 0, name)) is { Length: >= 7 } fields && uint.TryParse(fields[2], out uint uid) && uint.TryParse(fields[3], out uint gid))
            {
                users = users.SetItem(name, new HostUser(
                    name, uid, gid, (Line(group, 2, fields[3]) ?? Line(ask("group", fields[3]), 2, fields[3]))?[0] ?? "", fields[4].Split(',')[0], fields[5], isDirectory(fields[5]), fields[6]));
            }
        }

        return users;
    }

    private static string[]? Line(string? text, int field, string value) =>
        text?.Split('\n').Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > field && fields[field] == value);
}
