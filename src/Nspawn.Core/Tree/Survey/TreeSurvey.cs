using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>What is to be known of a tree to say whether it will boot well, beside what a launch has to know.</summary>
public sealed record TreeSurvey
{
    public required TreeFacts Tree { get; init; }

    /// <summary>The init that a boot would start and, where it is a script, what that is for; empty: there is none.</summary>
    public ImmutableArray<TreeProgram> Init { get; init; } = [];

    /// <summary>A link that stands for an init and leads to nothing, with its target.</summary>
    public (string Path, string Target)? DanglingInit { get; init; }

    /// <summary>Null: there is none, or it cannot be read.</summary>
    public OsRelease? OsRelease { get; init; }

    /// <summary>Where os-release ought to be there is a link that leads to nothing.</summary>
    public bool OsReleaseDangles { get; init; }
    public MachineIdState MachineId { get; init; }

    /// <summary>D-Bus keeps an id of its own instead of a link to the machine's.</summary>
    public bool HasOwnDbusId { get; init; }

    // Secrets that were made for one machine; their paths
    public ImmutableArray<string> SshHostKeys { get; init; } = [];
    public ImmutableArray<string> RandomSeeds { get; init; } = [];
    public ImmutableArray<string> CredentialSecrets { get; init; } = [];

    /// <summary>/etc/resolv.conf and /etc/localtime, followed to the end, are something.</summary>
    public bool ResolvConfLeads { get; init; }
    public bool LocaltimeLeads { get; init; }
    public ImmutableArray<FstabLine> Fstab { get; init; } = [];

    /// <summary>What systemd would start; empty when the tree's init is another.</summary>
    public ImmutableArray<BootUnit> Units { get; init; } = [];

    /// <summary>Those of the files that units ask for that are there.</summary>
    public ImmutableHashSet<string> UnitPaths { get; init; } = [];
    public LoginState Logins { get; init; }

    /// <summary>/etc/hostname; null: there is none.</summary>
    public string? Hostname { get; init; }

    /// <summary>/bin, /sbin, /lib and /lib64 are links into /usr, or not there.</summary>
    public bool IsUsrMerged { get; init; }

    /// <summary>The owners of /, /etc and /usr.</summary>
    public ImmutableSortedDictionary<string, uint> Owners { get; init; } = ImmutableSortedDictionary<string, uint>.Empty;
    public required TreeCensus Census { get; init; }

    /// <summary>Its init is systemd.</summary>
    public bool IsSystemd => Tree.SystemdVersion is not null || Tree.InitProgram == "systemd";
}

/// <summary>/etc/machine-id; machine-id(5).</summary>
public enum MachineIdState { Missing, Empty, Uninitialized, Malformed, Set, Unreadable }

/// <summary>Who can log in at the console.</summary>
public enum LoginState
{
    /// <summary>/etc/shadow cannot be read, or is not there.</summary>
    Unknown,

    /// <summary>root has no password: whoever comes is let in.</summary>
    RootWithoutPassword,

    /// <summary>root, or another user, has a password, or a getty logs somebody in by itself.</summary>
    Possible,

    /// <summary>Nobody.</summary>
    Impossible,
}
