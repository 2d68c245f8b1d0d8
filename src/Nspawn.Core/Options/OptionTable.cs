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
        new("Networking", NetworkOptions.Rows),
        new("Security", SecurityOptions.Rows),
        new("Resources", ResourceOptions.Rows),
        new("Integration", IntegrationOptions.Rows),
        new("Mounts", MountOptions.Rows),
        new("Input and output", ConsoleOptions.Rows),
        new("Credentials", CredentialOptions.Rows),
    ];

    public static readonly ImmutableArray<Option> All = [.. Groups.SelectMany(group => group.Options)];

    /// <summary>What stands behind the options: a command, or arguments for init.</summary>
    public static Option Operands => ExecutionOptions.Operands;

    /// <summary>Everything a settings file can say.</summary>
    public static IEnumerable<Option> Keyed => All.Append(Operands).Where(option => option.Key is not null);

    /// <summary>The option behind a key of a settings file; null: there is none.</summary>
    /// <param name="section">Without brackets.</param>
    /// <param name="key">Without its equals sign.</param>
    /// <param name="name">Of a key that stands for many: what the value is for; otherwise empty.</param>
    public static Option? ByKey(string section, string key, out string name)
    {
        string whole = $"{section}.{key}";
        foreach (Option option in Keyed)
        {
            bool many = option.Key!.EndsWith('*');
            string prefix = option.Key.TrimEnd('*');
            if (many ? whole.StartsWith(prefix, StringComparison.Ordinal) && whole.Length > prefix.Length : whole == prefix)
            {
                name = whole[prefix.Length..];
                return option;
            }
        }

        name = "";
        return null;
    }
}
