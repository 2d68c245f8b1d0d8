using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Nspawn.Core;

/// <summary>
/// All that one launch will do, in order, decided before anything is done. Made by <see cref="Planner"/> from the
/// settings and the facts alone, so that it can be shown, compared and tested without root.
/// </summary>
public sealed record Plan
{
    /// <summary>The machine's name.</summary>
    public required string Machine { get; init; }

    /// <summary>The machine's identity: what $container_uuid says.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>What the payload's standard input, output and error are; never Default or Autopipe.</summary>
    public required ConsoleMode Console { get; init; }

    /// <summary>The signal that asks the payload's PID 1 to end; 0: it is killed.</summary>
    public required int KillSignal { get; init; }

    /// <summary>The settings file that was read; null: none was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SettingsFile { get; init; }

    /// <summary>The namespaces that are the container's own.</summary>
    public required Linux.CloneFlags Namespaces { get; init; }

    /// <summary>On the host, undone at the end.</summary>
    public required ImmutableArray<Step> Host { get; init; }

    /// <summary>In the tree, by the launcher, in a mount namespace of its own.</summary>
    public required ImmutableArray<Step> Tree { get; init; }

    /// <summary>In the tree, once the leader has a copy of its mounts that is more restricted: each comes to it as its own to remove.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<Step>? Pins { get; init; }

    /// <summary>On the host's network and the container's, once the leader exists; it waits until these are done.</summary>
    public ImmutableArray<Step> Network { get; init; } = [];

    /// <summary>About the leader, from outside, once it exists; it waits until these are done.</summary>
    public ImmutableArray<Step> Unit { get; init; } = [];

    /// <summary>In the container, by the process that becomes the payload.</summary>
    public required ImmutableArray<Step> Leader { get; init; }

    /// <summary>What was asked for and will not be so: one line each, said whatever is to be quiet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? Warnings { get; init; }

    /// <summary>What the user may want to know: one line each.</summary>
    public ImmutableArray<string> Notices { get; init; } = [];
}
