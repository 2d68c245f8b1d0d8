using System.Collections.Immutable;
using System.Globalization;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Ids that somebody on the host has already.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Range">Which.</param>
/// <param name="File">Where it says so.</param>
public readonly record struct UsedIds(string Name, IdRange Range, string File);

/// <summary>
/// Reads whose ids are whose, from the host's files: passwd(5), group(5), subuid(5), subgid(5). The launcher loads no
/// name service.
/// </summary>
public static class IdReader
{
    private const int LargeFile = 16 * 1024 * 1024;

    /// <summary>Whether the kernel makes a user namespace for this process.</summary>
    public static bool HasUserNamespaces() =>
        FileStatus.At("/proc/self/ns/user") is not null
        && HostReader.ReadText("/proc/sys/user/max_user_namespaces")?.Trim() is not ("0" or null);

    /// <summary>The ids of the launcher's own user namespace; null: it has all there are.</summary>
    public static IdMapping? OwnIds { get; } = ReadOwnIds();

    /// <summary>Who root is in the user namespace of a process.</summary>
    public static uint RootOf(int pid) =>
        IdMapping.Parse(HostReader.ReadText($"/proc/{pid}/uid_map") ?? "").FirstOrDefault(one => one.Inside == 0).Outside;

    private static IdMapping? ReadOwnIds()
    {
        ImmutableArray<IdExtent> uids = IdMapping.Parse(HostReader.ReadText("/proc/self/uid_map") ?? "");
        return uids is [{ Inside: 0, Outside: 0, Count: uint.MaxValue }]
            ? null
            : new IdMapping(uids, IdMapping.Parse(HostReader.ReadText("/proc/self/gid_map") ?? ""));
    }

    /// <summary>All of them, and lines that make no sense, to be told.</summary>
    public static (ImmutableArray<UsedIds> Used, ImmutableArray<string> Malformed) Read(Settings settings)
    {
        if (settings.PrivateUsers is PrivateUsersMode.No or PrivateUsersMode.Identity)
        {
            return ([], []);
        }

        List<UsedIds> used = [];
        List<string> malformed = [];
        foreach (string file in (ReadOnlySpan<string>)["/etc/passwd", "/etc/group", "/etc/subuid", "/etc/subgid"])
        {
            Parse(file, HostReader.ReadText(file, LargeFile) ?? "", used, malformed);
        }

        return ([.. used], [.. malformed]);
    }

    internal static void Parse(string file, string text, List<UsedIds> used, List<string> malformed)
    {
        bool subordinate = file.StartsWith("/etc/sub", StringComparison.Ordinal);
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string[] fields = line.Split(':');
            if (line.Trim().Length == 0 || line[0] is '#' or '+' or '-')
            {
                continue;
            }

            string first = subordinate ? fields.ElementAtOrDefault(1) ?? "" : fields.ElementAtOrDefault(2) ?? "";
            string count = subordinate ? fields.ElementAtOrDefault(2) ?? "" : "1";
            if (!TryNumber(first, out uint start) || !TryNumber(count, out uint length))
            {
                malformed.Add($"{file}, line {number}: not {(subordinate ? "NAME:START:COUNT" : "an entry with an id")}; ignored");
            }
            else if (!(subordinate && fields[0] is "root" or "0"))
            {
                // What is root's to give away is the launcher's: who runs it is root.
                used.Add(new UsedIds(fields[0], new IdRange(start, length), file));
            }
        }
    }

    private static bool TryNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
