using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options that widen or narrow what the payload may do.</summary>
internal static class SecurityOptions
{
    private const string Capabilities = "capabilities";

    public static readonly ImmutableArray<Option> Rows =
    [
        Option.Value("capability", null, "CAPS", "Capabilities to keep beside the default ones",
            (settings, value) => settings with
            {
                AddCapabilities = settings.AddCapabilities.Union(CapabilityList.Parse(value)),
            }) with
        {
            Key = "Exec.Capability",
            Kind = Capabilities,
            Merging = Merging.WithOverride,
            Words = true,
            Privileged = true,
            Values = CapabilityList.Names,
        },
        Option.Value("drop-capability", null, "CAPS", "Capabilities to drop; wins over --capability",
            (settings, value) => settings with
            {
                DropCapabilities = settings.DropCapabilities.Union(CapabilityList.Parse(value)),
            }) with
        {
            Key = "Exec.DropCapability",
            Kind = Capabilities,
            Merging = Merging.WithOverride,
            Words = true,
            Values = CapabilityList.Names,
        },
        Option.Value("ambient-capability", null, "CAPS", "Capabilities a user other than root has too",
            (settings, value) => settings with
            {
                AmbientCapabilities = settings.AmbientCapabilities.Union(CapabilityList.ParseNamed(value)),
            }) with
        {
            Key = "Exec.AmbientCapability",
            Kind = Capabilities,
            Merging = Merging.WithOverride,
            Words = true,
            Privileged = true,
            Values = CapabilityList.Names,
        },
        Option.Value("no-new-privileges", null, "BOOL", "No privileges by set-user-ID programs",
            (settings, value) => settings with { NoNewPrivileges = Booleans.Parse(value) }) with
        {
            Key = "Exec.NoNewPrivileges",
        },
        Option.Value("system-call-filter", null, "LIST", "System calls and @groups to allow, or ~ to deny",
            SystemCallList.Add) with
        {
            Key = "Exec.SystemCallFilter",
            Privileged = true,
            Harmless = SystemCallList.OnlyDenies,
        },
        Option.Value("restrict-address-families", null, "LIST", "Address families of sockets, or ~ to deny",
            (settings, value) => settings with { AddressFamilies = AddressFamilyList.Add(settings.AddressFamilies, value) }) with
        {
            Key = "Exec.RestrictAddressFamilies",
            Values = AddressFamilyList.Names,
        },
    ];
}
