using System.Collections.Immutable;
using System.Globalization;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Finds the host's cgroup2 hierarchy and the launcher's own group in it; cgroups(7).</summary>
public static class CgroupReader
{
    public const string UnifiedMount = "/sys/fs/cgroup";
    public const string HybridMount = "/sys/fs/cgroup/unified";

    public static (CgroupLayout Layout, ImmutableArray<string> Controllers) Read()
    {
        CgroupLayout layout = Layout();
        string? mount = MountPoint(layout);
        string? enabled = mount is null ? null : HostReader.ReadText($"{mount}{OwnGroup()}/cgroup.subtree_control");
        return (layout, [.. (enabled ?? "").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)]);
    }

    public static CgroupLayout Layout() =>
        FileSystems.IsCgroup2(UnifiedMount) ? CgroupLayout.Unified
        : FileSystems.IsCgroup2(HybridMount) ? CgroupLayout.Hybrid
        : CgroupLayout.Legacy;

    /// <summary>Where the host has cgroup2 mounted; null: nowhere.</summary>
    public static string? MountPoint(CgroupLayout layout) => layout switch
    {
        CgroupLayout.Unified => UnifiedMount,
        CgroupLayout.Hybrid => HybridMount,
        _ => null,
    };

    /// <summary>The launcher's own group, as a path below the mount: <c>/user.slice/…</c>, or empty for the root.</summary>
    public static string OwnGroup() => OfProcess("self", "0::/");

    /// <summary>The launcher's own group in version 1's hierarchy name=systemd.</summary>
    public static string OwnLegacyGroup() => OfProcess("self", ":name=systemd:/");

    /// <summary>The group of a process; null where cgroup2 is not mounted or the group is not there.</summary>
    public static string? GroupOf(int pid)
    {
        string group = OfProcess(pid.ToString(CultureInfo.InvariantCulture), "0::/");
        return MountPoint(Layout()) is string mount && group.Length > 0 && FileStatus.At(mount + group) is not null ? group : null;
    }

    /// <summary>No process is in the group or below it.</summary>
    public static bool IsEmpty(string group) =>
        MountPoint(Layout()) is string mount
        && (HostReader.ReadText($"{mount}{group}/cgroup.events") is not string events || events.Contains("populated 0"));

    /// <summary>The launcher's own group is one that its user may divide: groups can be made in it, and processes put there.</summary>
    public static bool OwnGroupIsDelegated() =>
        MountPoint(Layout()) is string mount && OwnGroup() is { Length: > 0 } own
        && HostAccess.CanWrite(mount + own) && HostAccess.CanWrite($"{mount}{own}/cgroup.procs");

    /// <summary>The launcher's unit, by the name of its group; null: it is in none.</summary>
    public static string? OwnUnit() => OwnGroup().Split('/').LastOrDefault(part =>
        part.EndsWith(".service", StringComparison.Ordinal) || part.EndsWith(".scope", StringComparison.Ordinal));

    private static string OfProcess(string pid, string mark)
    {
        foreach (string line in (HostReader.ReadText($"/proc/{pid}/cgroup") ?? "").Split('\n'))
        {
            int at = line.IndexOf(mark, StringComparison.Ordinal);
            if (at >= 0)
            {
                // A group above the namespace's root cannot be reached from here: the root has to do.
                string path = line[(at + mark.Length - 1)..];
                return path == "/" || path.StartsWith("/..", StringComparison.Ordinal) ? "" : path;
            }
        }

        return "";
    }

    /// <summary>The group of the launcher's unit, where the service manager has delegated it; null: it has not.</summary>
    public static string? DelegatedGroup()
    {
        const string Supervisor = "/supervisor";
        string own = OwnGroup();
        string unit = own.EndsWith(Supervisor, StringComparison.Ordinal) ? own[..^Supervisor.Length] : own;
        // systemd's mark on a group that is somebody else's to divide; systemd's CGROUP_DELEGATION.
        return unit.Length > 0 && Links.ReadAttribute(UnifiedMount + unit, "trusted.delegate") == "1" ? unit : null;
    }
}
