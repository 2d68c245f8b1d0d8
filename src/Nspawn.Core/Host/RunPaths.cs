namespace Nspawn.Core;

/// <summary>
/// Where runs keep things on the host. Each has a run id, part of all its names: two runs of one machine do not meet,
/// and none removes what is another's.
/// </summary>
public static class RunPaths
{
    public const string SystemTop = "/run/systemd/nspawn";

    /// <summary>The directory of all runs: root's, or what <see cref="UseBelow"/> said.</summary>
    public static string Top { get; private set; } = SystemTop;
    public static string Propagate => Top + "/propagate";
    public static string Locks => Top + "/locks";

    /// <summary>In a run's own directory.</summary>
    public const string UnixExport = "unix-export";

    /// <summary>In a run's own directory: what there is to know of the machine; see <see cref="MachineState"/>.</summary>
    public const string State = "state";

    /// <summary>In the container's cgroup: where those are who enter it from outside.</summary>
    public const string EntryCgroup = "nspawn-exec";

    /// <summary>In a run's own directory: the container's network, while an interface of the host is in it.</summary>
    public const string Network = "network";

    /// <summary>systemd-nspawn's lock of all zones, and ours of all that many containers share.</summary>
    public const string ZoneLock = "/run/systemd/nspawn-network-zone";

    /// <summary>All cgroups of containers begin with it.</summary>
    public const string CgroupPrefix = "nspawn-";

    private const int RunIdLength = 8;
    private const int SuffixLength = 16;

    /// <summary>For an ordinary user, once, before anything is read: the directory for what lives as long as they are logged in.</summary>
    public static void UseBelow(string runtimeDirectory) => Top = runtimeDirectory.TrimEnd('/') + "/systemd/nspawn";

    public static string NameOf(string machine, string runId) => $"{machine}.{runId}";

    /// <summary>Where runs write down what they do to a network of the host's: one of several, if it has several.</summary>
    public static string NetworkDirectory(ulong network) => $"{Top}/.network/{network}";

    public static string CgroupOf(string machine, string runId) => $"{CgroupPrefix}{machine}-{runId}";

    /// <summary>What the run keeps on disk, named as its cgroup is.</summary>
    public static string ScratchOf(string temporary, string machine, string runId) => $"{temporary}/{CgroupOf(machine, runId)}";

    /// <summary>A tree's snapshot for one run, beside it; hidden, as systemd-nspawn's are.</summary>
    public static string SnapshotOf(string tree, string machine, string runId) =>
        $"{tree[..(tree.LastIndexOf('/') + 1)]}.#{CgroupOf(machine, runId)}";

    /// <summary>The name of one of many ephemeral machines of a tree.</summary>
    public static string EphemeralOf(string machine, Guid id)
    {
        string suffix = $"{id:N}"[..SuffixLength];
        string stem = machine.Length + 1 + SuffixLength <= MachineNames.MaxLength
            ? machine
            : machine[..(MachineNames.MaxLength - 1 - SuffixLength)].TrimEnd('-', '.');
        return $"{stem}-{suffix}";
    }

    /// <summary>The name of the machine without what tells an ephemeral one from its like.</summary>
    public static string StemOf(string machine) =>
        machine.Length > SuffixLength + 1 && machine[^(SuffixLength + 1)] == '-' && machine[^SuffixLength..].All(char.IsAsciiHexDigitLower)
            ? machine[..^(SuffixLength + 1)]
            : machine;

    /// <summary>The run id in the name of a machine's directory; null: it is another's.</summary>
    public static string? RunOf(string name, string machine) => RunBehind(name, machine, '.');

    /// <summary>The run id in the name of a machine's cgroup or scratch directory; null: it is another's.</summary>
    public static string? RunOfCgroup(string name, string machine) =>
        name.StartsWith(CgroupPrefix, StringComparison.Ordinal) ? RunBehind(name[CgroupPrefix.Length..], machine, '-') : null;

    /// <summary>The machine in the name of a cgroup or scratch directory of this run.</summary>
    public static string MachineOfCgroup(string name, string runId) => name[CgroupPrefix.Length..^(runId.Length + 1)];

    /// <summary>The machine that the name of a run's directory is about.</summary>
    public static string MachineOf(string name) =>
        name.LastIndexOf('.') is var dot && dot > 0 && RunOf(name, name[..dot]) is not null ? name[..dot] : name;

    // An ephemeral machine of a tree is the tree's too: its own name is not known beforehand.
    private static string? RunBehind(string name, string machine, char separator)
    {
        if (name.Length <= RunIdLength + 1 || name[^(RunIdLength + 1)] != separator || !name[^RunIdLength..].All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        string named = name[..^(RunIdLength + 1)];
        return named == machine || StemOf(named) == machine ? name[^RunIdLength..] : null;
    }
}
