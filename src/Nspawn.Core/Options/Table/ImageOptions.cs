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
        Option.Value("image", 'i', "PATH", "Disk image with the tree; newest of NAME.v/",
            (settings, value, context) => settings with { Image = HostPath.Parse(value, context) }) with
        {
            Offer = Offer.Files,
        },
        Option.Value("image-policy", null, "POLICY", "What of the image may be used, and how protected",
            (settings, value) => settings with { ImagePolicy = ImagePolicy.Parse(value) }),
        Option.Value("root-hash", null, "HASH", "Check the image with dm-verity, by this hash",
            (settings, value) => settings with { RootHash = RootHashes.Parse(value) }),
        Option.Value("root-hash-sig", null, "SIGNATURE", "Signature of the hash: PATH or base64:DATA",
            (settings, value, context) => settings with { RootHashSignature = RootHashes.ParseSignature(value, context) }) with
        {
            Offer = Offer.Files,
        },
        Option.Value("verity-data", null, "PATH", "File with the image's dm-verity data",
            (settings, value, context) => settings with { VerityData = HostPath.Parse(value, context) }) with
        {
            Offer = Offer.Files,
        },
        Option.Flag("read-only", null, "Mount the tree read-only",
            (settings, on) => settings with { ReadOnly = on }) with
        {
            Key = "Files.ReadOnly",
        },
    ];
}
