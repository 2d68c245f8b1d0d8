using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>The launch that a boot test makes of the options it was given.</summary>
public static class TestedLaunch
{
    private const string HiddenValue = "***";

    /// <summary>Options that say themselves what becomes of what is written.</summary>
    private static readonly ImmutableArray<string> s_sparing = ["ephemeral", "volatile", "read-only", "template"];

    /// <summary>A boot that spares the tree, unless the caller says himself what is to become of it.</summary>
    /// <exception cref="UsageException">A value will not do, or it would be no boot.</exception>
    internal static Request Of(IEnumerable<Assignment> given, OptionContext context)
    {
        ImmutableArray<Assignment> launch = [.. given];
        bool Given(params ReadOnlySpan<string> options)
        {
            foreach (Assignment one in launch)
            {
                if (options.Contains(one.Option.Name))
                {
                    return true;
                }
            }

            return false;
        }

        Request request = new(
            [
                Ours("quiet", null), Ours("boot", null),
                .. Given(s_sparing.AsSpan()) ? (Assignment[])[] : [Ours("ephemeral", null)],
                .. Given("console", "pipe") ? (Assignment[])[] : [Ours("console", "read-only")],
                .. launch,
            ],
            context);
        string? contradiction = request.Alone switch
        {
            { CleanUp: true } => "--cleanup",
            { Mode: not StartMode.Boot } => "--as-pid2",
            { User: not null } => "--uid",
            _ => null,
        };
        return contradiction is null
            ? request
            : throw new UsageException($"test boots the tree with its own init: {contradiction} does not go with it");
    }

    /// <summary>
    /// Nothing of what is written while it runs will be there afterwards: it need not be shut down in an orderly way.
    /// </summary>
    public static bool IsDisposable(Settings settings) => settings.SparesTree && settings.Mounts.All(mount => mount switch
    {
        BindCustomMount bind => bind.ReadOnly || bind.Source is null || bind.SourceInTree,
        OverlayCustomMount overlay => overlay.ReadOnly || overlay.Upper is null or { InTree: true },
        _ => true,
    });

    /// <summary>The tree or image, as the caller named it.</summary>
    public static string NameOf(Request launch) =>
        launch.Assignments.LastOrDefault(one => one.Option.Name is "directory" or "image" or "oci-bundle").Value
            ?? launch.Alone.Machine ?? launch.Caller.CurrentDirectory;

    /// <summary>Options as words again.</summary>
    /// <param name="assignments">The options.</param>
    /// <param name="showsSecrets">For a launcher, and not for somebody's eyes.</param>
    public static ImmutableArray<string> Spell(IEnumerable<Assignment> assignments, bool showsSecrets) => [.. assignments.Select(one =>
    {
        string? value = one.Option.Secret && !showsSecrets ? HiddenValue : one.Value;
        return one.Option.ShortOnly ? $"-{one.Option.Short}{value}" : value is null ? $"--{one.Option.Name}" : $"--{one.Option.Name}={value}";
    })];

    private static Assignment Ours(string name, string? value) => new(OptionTable.All.First(option => option.Name == name), value);
}
