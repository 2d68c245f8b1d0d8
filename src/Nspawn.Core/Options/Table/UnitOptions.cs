using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options about the container's unit on the host and its entry in machined.</summary>
internal static class UnitOptions
{
    public static readonly ImmutableArray<Option> Rows =
    [
        Option.Value("slice", 'S', "SLICE", "Slice for the container's scope",
            (settings, value) => settings with { Slice = UnitSyntax.Slice(value) }),
        Option.Value("property", null, "NAME=VALUE", "Property of the scope, such as MemoryMax=1G",
            (settings, value) => settings with { Properties = [.. settings.Properties, UnitSyntax.Property(value)] }),
        Option.Value("register", null, "BOOL|auto", "Whether to register with machined",
            (settings, value) => settings with
            {
                Register = ModeNames.Register.ParseOrBoolean(value, RegisterMode.Yes, RegisterMode.No),
            }),
        Option.Flag("keep-unit", null, "Stay in the caller's unit, make no scope",
            (settings, on) => settings with { KeepUnit = on }),
    ];
}
