using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Nspawn.Core;

// Carried out by the launcher on the host's network and the container's, while the leader waits.

/// <summary>Opens a network namespace of the host, which the container is then started in.</summary>
public sealed record JoinNetwork(string HostPath) : Step;

/// <summary>
/// A file of the host in which everything that is done to its network is written down first, for the next launch, should
/// nobody be left to undo it.
/// </summary>
public sealed record KeepNetworkLedger(string Directory, string Name) : Step;

/// <summary>A pair of links between host and container.</summary>
/// <param name="HostName">The end on the host.</param>
/// <param name="HostAddress">Its link-layer address; null: the kernel picks one.</param>
/// <param name="Name">The end in the container.</param>
/// <param name="Address">Its link-layer address; null: the kernel picks one.</param>
public sealed record MakeVeth(string HostName, string? HostAddress, string Name, string? Address) : Step
{
    /// <summary>The whole name, where the end on the host has a shortened one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AltName { get; init; }

    /// <summary>The bridge that the end on the host is a port of.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Bridge { get; init; }

    /// <summary>The bridge is the zone's: made when it is not there, removed when its last port goes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsZone { get; init; }
}

public sealed record MakeMacvlan(string Parent, string Name, string? Address) : Step;

public sealed record MakeIpvlan(string Parent, string Name) : Step;

/// <summary>An interface of the host becomes the container's; it comes back under its old name.</summary>
/// <param name="HostName">Its name on the host.</param>
/// <param name="Name">Its name in the container.</param>
/// <param name="Pin">Where the container's network is held on the host until the interface is back.</param>
public sealed record MoveInterface(string HostName, string Name, string Pin) : Step;

/// <summary>
/// The launcher itself gives the host's end an address and hands out the container's, IPv4 by DHCP and IPv6 by router
/// advertisements, with a way out and the host's name servers.
/// </summary>
/// <param name="Link">The host's end of the link, which requests come by.</param>
/// <param name="Bridge">The zone's bridge, which has the address then; null: the link has it.</param>
/// <param name="NameServers">What the container is told to ask.</param>
public sealed record ServeLink(string Link, string? Bridge, ImmutableArray<string> NameServers) : Step;

/// <summary>What comes to the host's ports goes to the container's, whichever address it has.</summary>
public sealed record ForwardPorts(ImmutableArray<ForwardedPort> Ports) : Step
{
    /// <summary>The host is made to forward for it, so that other hosts reach them; otherwise that is left to whoever configures it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Forwards { get; init; }
}
