using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>A contradiction between options.</summary>
/// <param name="Name">What tests and readers call it.</param>
/// <param name="IsBroken">Whether these settings, made from the options of these names, contradict themselves.</param>
/// <param name="Message">What is said then, and what to do about it.</param>
public sealed record SettingsRule(string Name, Func<Settings, IReadOnlySet<string>, bool> IsBroken, string Message)
{
    /// <summary>What in these settings breaks it, to be said first; null: the message alone says it.</summary>
    public Func<Settings, string>? Culprit { get; init; }

    /// <summary>What is said of settings that break it.</summary>
    public string MessageFor(Settings settings) => Culprit is null ? Message : Culprit(settings) + Message;
}

/// <summary>All contradictions between options. A single option's argument is judged where it is parsed.</summary>
public static class SettingsRules
{
    public static readonly ImmutableArray<SettingsRule> All =
    [
        new("no ambient capabilities for init",
            (settings, _) => settings.Mode == StartMode.Boot && settings.AmbientCapabilities != CapabilitySet.Empty,
            "--ambient-capability has no use with --boot: init runs as root and has all that are kept"),

        new("ambient capabilities are kept ones",
            (settings, _) => !RetainedCapabilities.Of(settings).Contains(settings.AmbientCapabilities),
            "--ambient-capability names a capability that the container does not keep; add it with --capability"),

        new("a credential has one value",
            (settings, _) => settings.Credentials.DistinctBy(credential => credential.Name).Count() != settings.Credentials.Length,
            "--set-credential and --load-credential give two values to one credential"),

        new("a bundle brings its tree",
            (settings, given) => settings.OciBundle is not null && (given.Contains("directory") || given.Contains("image") || given.Contains("template")),
            "--oci-bundle= excludes --directory=, --image= and --template=: the bundle names its own tree"),

        new("one tree",
            (settings, _) => settings.Directory is not null && settings.Image is not null,
            "--directory= and --image= exclude each other: one names a tree, the other a disk image with one"),

        new("dm-verity checks images",
            (settings, given) => settings.Image is null && settings.Directory is not null
                && (given.Contains("root-hash") || given.Contains("root-hash-sig") || given.Contains("verity-data")),
            "--root-hash=, --root-hash-sig= and --verity-data= are for disk images: use --image="),

        new("one bridge",
            (settings, _) => settings.Bridge is not null && settings.Zone is not null,
            "--network-bridge= and --network-zone= exclude each other: the link is a port of one bridge"),

        new("a joined namespace has its own links",
            (settings, _) => settings.NetworkNamespace is not null
                && (settings.VirtualEthernet || !settings.ExtraLinks.IsEmpty || !settings.MovedInterfaces.IsEmpty
                    || !settings.Macvlans.IsEmpty || !settings.Ipvlans.IsEmpty || !settings.Ports.IsEmpty),
            "--network-namespace-path= joins a network as it is: no other --network- option but --private-network goes with it"),

        new("ports lead to a network of its own",
            (settings, _) => !settings.Ports.IsEmpty && !settings.PrivateNetwork,
            "--port= forwards to a container with a network of its own; add --network-veth, or leave it out: on the host's network the port is the host's already"),

        new("a port is forwarded once",
            (settings, _) => settings.Ports.DistinctBy(port => (port.Protocol, port.Host)).Count() != settings.Ports.Length,
            ": this port of the host is forwarded already; forward another")
        {
            Culprit = settings => "--port=" + settings.Ports.GroupBy(port => (port.Protocol, port.Host)).First(same => same.Count() > 1).ElementAt(1),
        },

        new("what is managed is there",
            (settings, _) => settings is { NetworkManage: NetworkManageMode.Yes, Ports.IsEmpty: true } and not { VirtualEthernet: true, Bridge: null },
            "--network-manage=yes has nothing to look after: add --network-veth, --network-zone= or --port="),

        new("cleanup needs a machine",
            (settings, _) => settings.CleanUp && settings.Machine is null && settings.Directory is null && settings.Image is null,
            "--cleanup needs --machine=, --directory= or --image=: whose leftovers are to be removed"),

        new("an ephemeral machine has no leftovers of a name",
            (settings, _) => settings.CleanUp && settings.Ephemeral != EphemeralMode.No,
            "--cleanup and --ephemeral exclude each other: --cleanup alone removes what ephemeral runs of the tree left"),

        new("a template makes a tree that stays",
            (settings, _) => settings.Template is not null && settings.Ephemeral != EphemeralMode.No,
            "--template and --ephemeral exclude each other: use --ephemeral on the template itself"),

        new("a template needs a place",
            (settings, _) => settings.Template is not null && settings.Machine is null && settings.Directory is null,
            "--template needs --directory= or --machine=: where the tree is to be"),

        new("an ephemeral journal is nobody else's",
            (settings, _) => settings is { Ephemeral: not EphemeralMode.No, LinkJournal: LinkJournalMode.Host or LinkJournalMode.Guest },
            "--ephemeral and --link-journal exclude each other: the journal is gone with the container; try-host and try-guest go on without"),

        new("a shell and groups are somebody's",
            (settings, _) => settings.BindUsers.IsEmpty && (settings.BindUserShell is { Length: > 0 } || !settings.BindUserGroups.IsEmpty),
            "--bind-user-shell= and --bind-user-group= are about the users of --bind-user=: name one"),

        new("never on the host's own root",
            (settings, _) => settings is
                { Directory: "/", Ephemeral: EphemeralMode.No, Volatile: not (VolatileMode.Yes or VolatileMode.State) },
            "--directory=/ would run the container on the host's own root directory; use --ephemeral, --volatile=yes or --volatile=state"),
    ];

    /// <exception cref="UsageException">The first rule that is broken.</exception>
    public static void Check(Settings settings, IReadOnlySet<string> given)
    {
        foreach (SettingsRule rule in All)
        {
            if (rule.IsBroken(settings, given))
            {
                throw new UsageException(rule.MessageFor(settings));
            }
        }
    }
}
