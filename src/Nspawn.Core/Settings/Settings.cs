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

    /// <summary>The OCI image that the tree is made of, as it was read; null: it is none, or was not read yet.</summary>
    public OciImage? Oci { get; init; }

    /// <summary>A directory with an OCI runtime bundle, which names the tree.</summary>
    public string? OciBundle { get; init; }

    // What runs in it
    public StartMode Mode { get; init; }

    /// <summary>The operands: the command and its arguments, or in boot mode the arguments of init.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];
    public string? User { get; init; }

    /// <summary>The group to use in the place of the user's own; only an image asks for one.</summary>
    public string? Group { get; init; }

    /// <summary>The groups to use in the place of those that the tree's database gives the user; null: those.</summary>
    public ImmutableArray<uint>? UserGroups { get; init; }

    /// <summary>A user and a group that are numbers need not be in the tree's database.</summary>
    public bool UserNeedNotExist { get; init; }
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

    // Users
    public PrivateUsersMode PrivateUsers { get; init; }

    /// <summary>With <see cref="PrivateUsersMode.Range"/>: which.</summary>
    public IdRange PrivateUsersRange { get; init; }

    /// <summary>Null: what the mode of the users implies.</summary>
    public OwnershipMode? Ownership { get; init; }

    /// <summary>Users of the host that are the container's too, with their homes.</summary>
    public ImmutableArray<string> BindUsers { get; init; } = [];

    /// <summary>The shell of those users: a path, or empty for the one they have on the host; null: the container's usual one.</summary>
    public string? BindUserShell { get; init; }

    /// <summary>Groups of the container that those users are members of.</summary>
    public ImmutableArray<string> BindUserGroups { get; init; } = [];

    // Security

    /// <summary>The container may have containers of its own.</summary>
    public bool Nesting { get; init; }
    public CapabilitySet AddCapabilities { get; init; }
    public CapabilitySet DropCapabilities { get; init; }
    public CapabilitySet AmbientCapabilities { get; init; }
    public bool NoNewPrivileges { get; init; }

    /// <summary>System calls and @groups added to the built-in allow list.</summary>
    public ImmutableArray<string> AllowSystemCalls { get; init; } = [];

    /// <summary>System calls and @groups taken from the allow list (the words after <c>~</c>); they win over the added ones.</summary>
    public ImmutableArray<string> DenySystemCalls { get; init; } = [];

    /// <summary>How many ranges of users containers inside were to be given one by one; here <see cref="Nesting"/> gives them.</summary>
    public int DelegatedRanges { get; init; }

    /// <summary>Of which address families sockets can be made; null: of all.</summary>
    public AddressFamilies? AddressFamilies { get; init; }

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

    /// <summary>A veth pair, one end on the host, the other <c>host0</c> inside.</summary>
    public bool VirtualEthernet { get; init; }

    /// <summary>More veth pairs, by the names of their ends.</summary>
    public ImmutableArray<InterfacePair> ExtraLinks { get; init; } = [];

    /// <summary>The bridge of the host that the veth's end becomes a port of; it stays the host's.</summary>
    public string? Bridge { get; init; }

    /// <summary>The same with a bridge that its machines share, made by the first and gone with the last.</summary>
    public string? Zone { get; init; }

    /// <summary>Interfaces that are the container's until it ends.</summary>
    public ImmutableArray<InterfacePair> MovedInterfaces { get; init; } = [];
    public ImmutableArray<InterfacePair> Macvlans { get; init; } = [];
    public ImmutableArray<InterfacePair> Ipvlans { get; init; } = [];

    /// <summary>The file of a network namespace that the container joins instead of one of its own.</summary>
    public string? NetworkNamespace { get; init; }
    public ImmutableArray<ForwardedPort> Ports { get; init; } = [];
    public NetworkManageMode NetworkManage { get; init; }

    /// <summary>The container is not on the launcher's own network.</summary>
    public bool LeavesNetwork => PrivateNetwork || NetworkNamespace is not null;

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
