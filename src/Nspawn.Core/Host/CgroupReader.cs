using System.Collections.Immutable;
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
    public static string OwnGroup() => OwnGroup("0::/");

    /// <summary>The launcher's own group in version 1's hierarchy name=systemd.</summary>
    public static string OwnLegacyGroup() => OwnGroup(":name=systemd:/");

    private static string OwnGroup(string mark)
    {
        foreach (string line in (HostReader.ReadText("/proc/self/cgroup") ?? "").Split('\n'))
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
}
