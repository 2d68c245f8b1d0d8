using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// What was asked of the launcher, by command line and settings file, and nothing else: no fact about the host or
/// the tree. Immutable; each option changes it with <c>with</c>.
/// </summary>
public sealed record Settings
{
    /// <summary>The settings when nothing was asked.</summary>
    public static readonly Settings Default = new();

    // The tree
    public string? Directory { get; init; }

    /// <summary>The directory that is copied where the tree is not there yet.</summary>
    public string? Template { get; init; }
    public bool ReadOnly { get; init; }

    /// <summary>Nothing that is written reaches the tree.</summary>
    public bool SparesTree => ReadOnly || Ephemeral != EphemeralMode.No || Volatile != VolatileMode.No;
    public EphemeralMode Ephemeral { get; init; }
    public VolatileMode Volatile { get; init; }
    public RootChange? PivotRoot { get; init; }

    /// <summary>A disk image with the tree: a regular file or a block device.</summary>
    public string? Image { get; init; }
    public ImagePolicy ImagePolicy { get; init; } = ImagePolicy.Everything;

    /// <summary>What the image is checked by, in hexadecimal digits.</summary>
    public string? RootHash { get; init; }

    /// <summary>A path, or <c>base64:</c> and the signature.</summary>
    public string? RootHashSignature { get; init; }
    public string? VerityData { get; init; }

    // What runs in it
    public StartMode Mode { get; init; }

    /// <summary>The operands: the command and its arguments, or in boot mode the arguments of init.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];
    public string? User { get; init; }
    public string? WorkingDirectory { get; init; }

    /// <summary><c>NAME=VALUE</c>, in order of appearance; later ones win. <c>-E NAME</c> has been given the caller's value by then.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>The signal that asks PID 1 to shut down; 0: none asked for (SIGRTMIN+3 in boot mode).</summary>
    public int KillSignal { get; init; }
    public bool NotifyReady { get; init; }
    public bool SuppressSync { get; init; }

    // Identity
    public string? Machine { get; init; }
    public string? Hostname { get; init; }
    public Guid? Uuid { get; init; }

    // The unit on the host
    public RegisterMode Register { get; init; } = RegisterMode.Auto;
    public bool KeepUnit { get; init; }
    public string? Slice { get; init; }

    /// <summary><c>NAME=VALUE</c> assignments for the scope, as systemctl set-property takes them.</summary>
    public ImmutableArray<string> Properties { get; init; } = [];

    // Security
    public CapabilitySet AddCapabilities { get; init; }
    public CapabilitySet DropCapabilities { get; init; }
    public CapabilitySet AmbientCapabilities { get; init; }
    public bool NoNewPrivileges { get; init; }

    /// <summary>System calls and @groups added to the built-in allow list.</summary>
    public ImmutableArray<string> AllowSystemCalls { get; init; } = [];

    /// <summary>System calls and @groups taken from the allow list (the words after <c>~</c>); they win over the added ones.</summary>
    public ImmutableArray<string> DenySystemCalls { get; init; } = [];

    // Resources
    public ImmutableSortedDictionary<RlimitResource, Rlimit> Rlimits { get; init; } = ImmutableSortedDictionary<RlimitResource, Rlimit>.Empty;
    public int? OomScoreAdjust { get; init; }

    /// <summary>The processors the payload may run on, sorted; empty: the launcher's own.</summary>
    public ImmutableArray<int> CpuAffinity { get; init; } = [];
    public Personality Personality { get; init; }

    // Integration
    public ResolvConfMode ResolvConf { get; init; }
    public TimezoneMode Timezone { get; init; }
    public LinkJournalMode LinkJournal { get; init; }

    // Mounts, in order of appearance
    public ImmutableArray<CustomMount> Mounts { get; init; } = [];

    // Network
    public bool PrivateNetwork { get; init; }

    // Input, output and credentials
    public ConsoleMode Console { get; init; }
    public ImmutableArray<Credential> Credentials { get; init; } = [];

    // The launcher itself
    public bool Quiet { get; init; }
    public SettingsFileMode SettingsFile { get; init; }

    /// <summary>Which of all this a settings file asked for.</summary>
    public SettingsOrigins Origins { get; init; } = SettingsOrigins.None;

    /// <summary>No launch: what killed ones of this machine left behind is removed.</summary>
    public bool CleanUp { get; init; }
}
