namespace Nspawn.Core;

/// <summary>
/// Where runs keep things on the host. Each has a run id, part of all its names: two runs of one machine do not meet,
/// and none removes what is another's.
/// </summary>
public static class RunPaths
{
    public const string Top = "/run/systemd/nspawn";
    public const string Propagate = Top + "/propagate";
    public const string Locks = Top + "/locks";

    /// <summary>In a run's own directory.</summary>
    public const string UnixExport = "unix-export";

    /// <summary>In a run's own directory: the container's network, while an interface of the host is in it.</summary>
    public const string Network = "network";


    /// <summary>systemd-nspawn's lock of all zones, and ours of all that many containers share.</summary>
    public const string ZoneLock = "/run/systemd/nspawn-network-zone";

    /// <summary>All cgroups of containers begin with it.</summary>
    public const string CgroupPrefix = "nspawn-";

    private const int RunIdLength = 8;

    public static string NameOf(string machine, string runId) => $"{machine}.{runId}";

    /// <summary>Where runs write down what they do to a network of the host's: one of several, if it has several.</summary>
    public static string NetworkDirectory(ulong network) => $"{Top}/.network/{network}";

    public static string CgroupOf(string machine, string runId) => $"{CgroupPrefix}{machine}-{runId}";

    /// <summary>The run id in the name of a machine's directory; null: it is another's.</summary>
    public static string? RunOf(string name, string machine) => RunBehind(name, machine + ".");

    /// <summary>The run id in the name of a machine's cgroup; null: it is another's.</summary>
    public static string? RunOfCgroup(string name, string machine) => RunBehind(name, CgroupOf(machine, ""));

    private static string? RunBehind(string name, string prefix) =>
        name.Length == prefix.Length + RunIdLength && name.StartsWith(prefix, StringComparison.Ordinal)
        && name[prefix.Length..].All(char.IsAsciiHexDigitLower)
            ? name[prefix.Length..]
            : null;
}
