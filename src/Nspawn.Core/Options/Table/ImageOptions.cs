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
        Option.Value("template", null, "PATH", "Copy this directory if the tree is missing",
            (settings, value, context) => settings with { Template = HostPath.Parse(value, context) }) with
        {
            Offer = Offer.Directories,
        },
        new()
        {
            Name = "ephemeral", Short = 'x', Form = ArgumentForm.Optional, Metavar = "memory|disk",
            Help = "Keep what is written only while it runs",
            Key = "Exec.Ephemeral",
            Privileged = true,
            Values = () => ModeNames.Ephemeral.Names,
            Apply = (settings, value, _) => settings with
            {
                Ephemeral = value is null
                    ? EphemeralMode.Yes
                    : ModeNames.Ephemeral.ParseOrBoolean(value, EphemeralMode.Yes, EphemeralMode.No),
            },
        },
        Option.Flag("read-only", null, "Mount the tree read-only",
            (settings, on) => settings with { ReadOnly = on }) with
        {
            Key = "Files.ReadOnly",
        },
        new()
        {
            Name = "volatile", Form = ArgumentForm.Optional, Metavar = "MODE",
            Help = "Start from /usr alone, or without /var",
            Key = "Files.Volatile",
            Values = () => ModeNames.Volatile.Names,
            Apply = (settings, value, _) => settings with
            {
                Volatile = value is null ? VolatileMode.Yes : ModeNames.Volatile.ParseOrBoolean(value, VolatileMode.Yes, VolatileMode.No),
            },
        },
        Option.Value("pivot-root", null, "NEW[:OLD]", "Use a directory of the tree as the root",
            (settings, value) => settings with { PivotRoot = MountSyntax.PivotRoot(value) }) with
        {
            Key = "Exec.PivotRoot",
        },
    ];
}
