using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>What can be said of something beforehand.</summary>
internal enum Truth { No, Unknown, Yes }

/// <summary>Whether the conditions of a unit hold in a container that is started without further options; systemd.unit(5).</summary>
internal static class UnitConditions
{
    private const string Prefix = "Unit.Condition";

    private static readonly ImmutableHashSet<string> s_devices =
    [
        "/dev", "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/console", "/dev/ptmx", "/dev/pts",
        "/dev/shm", "/dev/mqueue", "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/net/tun", "/dev/fuse",
    ];

    /// <summary>No: systemd passes over the unit.</summary>
    public static Truth Of(BootUnit unit, TreeSurvey survey)
    {
        Truth all = Truth.Yes;
        Truth? any = null;
        foreach (string key in unit.Settings.Select(setting => setting.Key).Where(IsCondition).Distinct())
        {
            foreach (string value in unit.Values(key))
            {
                bool triggers = value.StartsWith('|'), negates = value.TrimStart('|').StartsWith('!');
                Truth truth = One(key[Prefix.Length..], value.TrimStart('|').TrimStart('!').Trim(), survey);
                truth = negates ? (Truth)(Truth.Yes - truth) : truth;
                if (triggers)
                {
                    any = any is Truth other && other > truth ? other : truth;
                }
                else
                {
                    all = truth < all ? truth : all;
                }
            }
        }

        return any is Truth one && one < all ? one : all;
    }

    /// <summary>The paths that the conditions ask for.</summary>
    public static IEnumerable<string> Paths(BootUnit unit) => unit.Settings
        .Select(setting => setting.Key)
        .Where(key => IsCondition(key) && (key.Contains("Path", StringComparison.Ordinal) || key.Contains("File", StringComparison.Ordinal) || key.Contains("Directory", StringComparison.Ordinal)))
        .Distinct()
        .SelectMany(unit.Values)
        .Select(value => value.TrimStart('|').TrimStart('!').Trim())
        .Where(path => path.StartsWith('/'));

    private static bool IsCondition(string key) => key.StartsWith(Prefix, StringComparison.Ordinal);

    private static Truth One(string condition, string value, TreeSurvey survey) => condition switch
    {
        "Virtualization" => value switch
        {
            "yes" or "true" or "1" or "on" or "container" or "systemd-nspawn" => Truth.Yes,
            "private-users" => Truth.Unknown,
            _ => Truth.No,
        },
        // The one thing that options often add: a network of its own.
        "Capability" when value == "CAP_NET_ADMIN" => Truth.Unknown,
        "Capability" => RetainedCapabilities.Default.Names().Contains(value) ? Truth.Yes : Truth.No,
        "PathIsReadWrite" => value is "/sys" or "/sys/" or "/proc/sys" or "/proc/sys/" ? Truth.No : Truth.Unknown,
        "FirstBoot" => Is(survey.MachineId is MachineIdState.Missing or MachineIdState.Uninitialized == value is "yes" or "true" or "1" or "on"),
        "PathExists" => Exists(value, survey) ? Truth.Yes : IsLater(value) ? Truth.Unknown : Truth.No,
        "PathIsDirectory" or "PathIsMountPoint" or "FileNotEmpty" or "DirectoryNotEmpty" or "FileIsExecutable" or "PathIsSymbolicLink" =>
            Exists(value, survey) || IsLater(value) ? Truth.Unknown : Truth.No,
        _ => Truth.Unknown,
    };

    private static Truth Is(bool yes) => yes ? Truth.Yes : Truth.No;

    private static bool Exists(string path, TreeSurvey survey) =>
        path.StartsWith("/dev/", StringComparison.Ordinal) ? s_devices.Contains(path.TrimEnd('/')) : survey.UnitPaths.Contains(path) && !IsLater(path);

    /// <summary>It lies in a file system that is filled at run time, or that the launcher mounts.</summary>
    private static bool IsLater(string path) =>
        ((string[])["/proc", "/sys", "/run", "/tmp", "/var/run"]).Any(top => path == top || path.StartsWith(top + "/", StringComparison.Ordinal));
}
