using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Nspawn.Core;

// Carried out by the launcher, with the kernel, the service manager and machined, while the leader waits.

/// <summary>Says which ids of the host those of the leader's user namespace are; user_namespaces(7).</summary>
public sealed record WriteIdMap(IdMapping Map) : Step;

/// <summary>A scope of the container's own, with the leader in it; Manager.StartTransientUnit.</summary>
/// <param name="Unit">The scope's name.</param>
/// <param name="Properties">All but those that hold the leader and the launcher's name on the bus.</param>
public sealed record MakeScope(string Unit, ImmutableArray<UnitProperty> Properties) : Step
{
    /// <summary>The socket of the bus, where it is an ordinary user's service manager that starts it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? UserBus { get; init; }
}

/// <summary>
/// The group <c>payload</c> in the scope's, with the leader in it; the scope's controllers are handed down to it.
/// </summary>
/// <param name="Otherwise">The group made below the launcher's own when there is no scope after all.</param>
/// <param name="Devices">The only devices that may be opened or made in it.</param>
public sealed record MakePayloadGroup(string Otherwise, ImmutableArray<DeviceRule> Devices) : Step
{
    /// <summary>The container's root as the host has it: the group is delegated to it; cgroups(7).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint Owner { get; init; }
}

/// <summary>The entry in machined's list of machines; taken out at the end.</summary>
/// <param name="Door">How machined is spoken to.</param>
/// <param name="Machine">The machine's name.</param>
/// <param name="Id">Its identity.</param>
/// <param name="Service">What is said to have started it.</param>
/// <param name="RootDirectory">The tree on the host.</param>
public sealed record RegisterMachine(MachinedDoor Door, string Machine, Guid Id, string Service, string RootDirectory) : Step;
