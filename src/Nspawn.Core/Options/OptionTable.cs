using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options that are shown together.</summary>
public sealed record OptionGroup(string Title, ImmutableArray<Option> Options);

/// <summary>Every option of a launch, by group, in the order of <c>--help</c>.</summary>
public static class OptionTable
{
    public static readonly ImmutableArray<OptionGroup> Groups =
    [
        new("General", GeneralOptions.Rows),
        new("Image", ImageOptions.Rows),
        new("Execution", ExecutionOptions.Rows),
        new("System identity", IdentityOptions.Rows),
        new("Unit", UnitOptions.Rows),
        new("User namespaces", UserNamespaceOptions.Rows),
        new("Networking", NetworkOptions.Rows),
        new("Security", SecurityOptions.Rows),
        new("Resources", ResourceOptions.Rows),
        new("Integration", IntegrationOptions.Rows),
        new("Mounts", MountOptions.Rows),
        new("Input and output", ConsoleOptions.Rows),
        new("Credentials", CredentialOptions.Rows),
    ];

    public static readonly ImmutableArray<Option> All = [.. Groups.SelectMany(group => group.Options)];
}
