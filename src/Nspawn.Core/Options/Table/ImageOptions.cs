using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options that say which tree is used, and how.</summary>
internal static class ImageOptions
{
    public static readonly ImmutableArray<Option> Rows =
    [
        Option.Value("directory", 'D', "PATH", "Directory with the tree; newest of NAME.v/",
            (settings, value, context) => settings with { Directory = HostPath.Parse(value, context) }) with
        {
            Offer = Offer.Directories,
        },
        Option.Flag("read-only", null, "Mount the tree read-only",
            (settings, on) => settings with { ReadOnly = on }) with
        {
            Key = "Files.ReadOnly",
        },
    ];
}
