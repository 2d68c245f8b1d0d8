using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options that say who the container is.</summary>
internal static class IdentityOptions
{
    public static readonly ImmutableArray<Option> Rows =
    [
        Option.Value("machine", 'M', "NAME", "Name; without -D also of the image to find",
            (settings, value) => settings with { Machine = MachineNames.Parse(value) }) with
        {
            Offer = Offer.Machines,
        },
        Option.Value("hostname", null, "NAME", "Host name (default: the machine's name)",
            (settings, value) => settings with { Hostname = MachineNames.Parse(value) }) with
        {
            Key = "Exec.Hostname",
        },
        Option.Value("uuid", null, "UUID", "Machine id, for a tree that has none",
            (settings, value) => settings with { Uuid = MachineIds.Parse(value) }) with
        {
            Key = "Exec.MachineID",
            Privileged = true,
        },
    ];
}
