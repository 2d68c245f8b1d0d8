using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options that mount something into the container.</summary>
internal static class MountOptions
{
    public static readonly ImmutableArray<Option> Rows =
    [
        Mount("bind", "SRC[:DST[:OPTS]]", "Bind mount from the host, +SRC from the tree", "Files.Bind",
            (value, context) => MountSyntax.Bind(value, readOnly: false, context)) with
        {
            Offer = Offer.Files,
        },
        Mount("bind-ro", "SRC[:DST[:OPTS]]", "The same, read-only", "Files.BindReadOnly",
            (value, context) => MountSyntax.Bind(value, readOnly: true, context)) with
        {
            Offer = Offer.Files,
        },
        Mount("overlay", "PATH:...:DST", "Mount directories on top of each other", "Files.Overlay",
            (value, context) => MountSyntax.Overlay(value, readOnly: false, context)) with
        {
            Offer = Offer.Files,
        },
        Mount("overlay-ro", "PATH:...:DST", "The same, read-only", "Files.OverlayReadOnly",
            (value, context) => MountSyntax.Overlay(value, readOnly: true, context)) with
        {
            Offer = Offer.Files,
        },
        Mount("inaccessible", "PATH", "Cover a path with a node nobody may open", "Files.Inaccessible",
            (value, _) => MountSyntax.Inaccessible(value)),
        Mount("tmpfs", "PATH[:OPTS]", "Mount an empty tmpfs", "Files.TemporaryFileSystem",
            (value, _) => MountSyntax.Tmpfs(value)),
    ];

    private static Option Mount(
        string name, string metavar, string help, string key, Func<string, OptionContext, CustomMount> parse) =>
        Option.Value(name, null, metavar, help,
            (settings, value, context) => settings with { Mounts = [.. settings.Mounts, parse(value, context)] }) with
        {
            Key = key,
            Privileged = true,
            Kind = "mounts",
        };
}
