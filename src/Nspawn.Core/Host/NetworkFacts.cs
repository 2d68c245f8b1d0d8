using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What the launch has to know about the host's network; read only where the container gets one of its own.</summary>
public sealed record NetworkFacts
{
    public ImmutableArray<Link> Links { get; init; } = [];

    /// <summary>Which network of the host's it is; the inode of its namespace.</summary>
    public ulong Namespace { get; init; }

    /// <summary>systemd-networkd runs: it configures what it finds under the names that systemd gives.</summary>
    public bool HasNetworkd { get; init; }

    /// <summary>Kinds of links that were asked for, and that this kernel cannot make.</summary>
    public ImmutableArray<string> MissingKinds { get; init; } = [];

    /// <summary>Interfaces that are another's side of a radio, and cannot be moved alone.</summary>
    public ImmutableArray<string> Wireless { get; init; } = [];

    /// <summary>Why the namespace that was asked for cannot be joined; null: it can.</summary>
    public string? NamespaceFault { get; init; }

    /// <summary>$SYSTEMD_NSPAWN_NETWORK_MAC: the container's link-layer address instead of the usual one.</summary>
    public string? ContainerAddress { get; init; }

    /// <summary>Ports that are to be forwarded and are somebody's already.</summary>
    public ImmutableArray<ForwardedPort> TakenPorts { get; init; } = [];

    /// <summary>Name servers the host itself uses, without those that only the host can reach.</summary>
    public ImmutableArray<string> NameServers { get; init; } = [];

    public Link? LinkOf(string name) => Links.FirstOrDefault(link => link.HasName(name));
}
