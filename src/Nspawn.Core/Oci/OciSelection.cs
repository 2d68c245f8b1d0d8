using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Nspawn.Core;

/// <summary>
/// Finds the image for this processor in an OCI image layout, or in an archive of docker's, by reading its documents. All of
/// them are checked against the hashes they are named by.
/// </summary>
/// <param name="read">The whole content behind a name, or null when there is none; it refuses what is larger than the limit.</param>
/// <param name="tag">Which of several images is meant; null: there should be but one.</param>
public sealed class OciSelection(Func<string, int, byte[]?> read, string? tag)
{
    public const string Layout = "oci-layout";
    public const string Index = "index.json";
    public const string DockerManifest = "manifest.json";

    private const int LargestDocument = 4 * 1024 * 1024;
    private const int DeepestIndex = 4;
    private const int MostDescriptors = 1000;
    private const int MostLayers = 500; // what an overlay takes
    private const string RefName = "org.opencontainers.image.ref.name";
    private const string ContainerdName = "io.containerd.image.name";

    /// <summary>The processors whose programs this host runs, the better one first; Go's names.</summary>
    private static readonly ImmutableArray<string> s_architectures = ["amd64", "386"];

    private int _descriptors;

    /// <exception cref="OciException">There is no such image, or something about it is wrong.</exception>
    public OciImage Find()
    {
        // Newer archives of docker's are layouts too; the older form says less.
        if (read(Index, LargestDocument) is byte[] index)
        {
            return FromIndex(Parse(index, Index, OciJson.Default.OciIndex));
        }

        return read(DockerManifest, LargestDocument) is byte[] manifest
            ? FromDocker(Parse(manifest, DockerManifest, OciJson.Default.DockerImageArray))
            : throw new OciException($"there is neither {Index} nor {DockerManifest} in it");
    }

    private OciImage FromIndex(OciIndex index)
    {
        OciDescriptor[] tagged = [.. Descriptors(index).Where(one => tag is null || IsTagged(one))];
        if (tagged.Length == 0)
        {
            throw new OciException(tag is null ? "it holds no image" : $"it holds no image tagged {Message.Printable(tag)}{Tags(index)}");
        }

        List<OciDescriptor> manifests = [];
        Collect(tagged, 0, manifests);
        OciDescriptor[] fitting = [.. s_architectures
            .Select(architecture => manifests.Where(one => one.Platform is { Os: "linux" or null or "" } platform && platform.Architecture == architecture).ToArray())
            .Append([.. manifests.Where(one => one.Platform is null)])
            .FirstOrDefault(group => group.Length > 0, [])];
        return fitting.DistinctBy(one => one.Digest).ToArray() switch
        {
            [] => throw new OciException($"it holds no image for linux on {s_architectures[0]}, but for {string.Join(", ", manifests.Select(Named).Distinct())}"),
            [OciDescriptor one] => FromManifest(one),
            _ => throw new OciException($"it holds several images; name one, as PATH:TAG{Tags(index)}"),
        };
    }

    private void Collect(IEnumerable<OciDescriptor> descriptors, int depth, List<OciDescriptor> manifests)
    {
        foreach (OciDescriptor one in descriptors)
        {
            if (++_descriptors > MostDescriptors)
            {
                throw new OciException($"its indexes name more than {MostDescriptors} manifests");
            }

            if (one.MediaType is "application/vnd.oci.image.index.v1+json" or "application/vnd.docker.distribution.manifest.list.v2+json")
            {
                if (depth == DeepestIndex)
                {
                    throw new OciException("its indexes name each other, or are nested too deep");
                }

                OciIndex nested = Parse(Blob(one, "index"), one.Digest!, OciJson.Default.OciIndex);
                Collect(Descriptors(nested), depth + 1, manifests);
            }
            else if (one.Platform is not { Architecture: "unknown" })
            {
                manifests.Add(one);
            }
        }
    }

    private OciImage FromManifest(OciDescriptor descriptor)
    {
        OciManifest manifest = Parse(Blob(descriptor, "manifest"), descriptor.Digest!, OciJson.Default.OciManifest);
        if (manifest is not { SchemaVersion: 2, Config: OciDescriptor described, Layers: OciDescriptor?[] layers })
        {
            throw new OciException($"the manifest {descriptor.Digest} is none of version 2, or names no configuration and layers");
        }

        OciConfig config = Parse(Blob(described, "configuration"), described.Digest!, OciJson.Default.OciConfig);
        return Image(config, layers.Length, (i, diffId) => layers[i] is OciDescriptor layer
            ? new OciLayer(NameOf(layer, "layer"), layer.Digest, layer.Size, diffId)
            : throw new OciException($"layer {i + 1} of its manifest is null"));
    }

    private OciImage FromDocker(DockerImage?[] images)
    {
        DockerImage[] tagged = [.. images.OfType<DockerImage>().Where(one => tag is null || (one.RepoTags ?? []).Any(IsTag))];
        if (tagged is not [{ Config: string name, Layers: string?[] layers }])
        {
            throw new OciException(tagged.Length > 1 ? "it holds several images; name one, as PATH:TAG" : tag is null ? $"its {DockerManifest} names no image" : $"it holds no image tagged {Message.Printable(tag)}");
        }

        byte[] content = read(name, LargestDocument) ?? throw new OciException($"its configuration {Message.Printable(name)} is missing");
        return Image(Parse(content, name, OciJson.Default.OciConfig), layers.Length, (i, diffId) =>
            new OciLayer(layers[i] ?? throw new OciException($"layer {i + 1} of its {DockerManifest} is null"), null, -1, diffId));
    }

    private static OciImage Image(OciConfig config, int layers, Func<int, string, OciLayer> layer)
    {
        if (config.Os is not (null or "" or "linux") || !(string.IsNullOrEmpty(config.Architecture) || s_architectures.Contains(config.Architecture)))
        {
            throw new OciException($"it is for {Message.Printable($"{config.Os}/{config.Architecture}")}, not for linux on {s_architectures[0]}");
        }

        string?[] diffIds = config.RootFs?.DiffIds ?? [];
        if (layers == 0 || layers > MostLayers || diffIds.Length != layers)
        {
            throw new OciException(layers > MostLayers ? $"it has more than {MostLayers} layers"
                : $"it has {layers} layers, and its configuration names {diffIds.Length}");
        }

        return new OciImage([.. diffIds.Select((id, i) => layer(i, HexOf(id, "layer")))], config.Config ?? new OciExecution());
    }

    private static IEnumerable<OciDescriptor> Descriptors(OciIndex index) => (index.Manifests ?? []).OfType<OciDescriptor>();

    private byte[] Blob(OciDescriptor descriptor, string what)
    {
        string name = NameOf(descriptor, what);
        byte[] content = read(name, LargestDocument) ?? throw new OciException($"its {what} {descriptor.Digest} is missing");
        return content.Length != descriptor.Size ? throw new OciException($"its {what} {descriptor.Digest} has {content.Length} bytes, not {descriptor.Size}")
            : Sha256.HexOf(content) != HexOf(descriptor.Digest, what) ? throw new OciException($"its {what} {descriptor.Digest} has another content than that: the digest does not match")
            : content;
    }

    private static string NameOf(OciDescriptor descriptor, string what) => $"blobs/sha256/{HexOf(descriptor.Digest, what)}";

    /// <summary>The digits of a digest; it becomes a file's name, and is to be nothing else.</summary>
    private static string HexOf(string? digest, string what) =>
        digest is ['s', 'h', 'a', '2', '5', '6', ':', .. string hex] && hex.Length == 2 * Sha256.Size && hex.All(char.IsAsciiHexDigitLower)
            ? hex
            : throw new OciException($"a {what} is named {Message.Printable(digest ?? "null")}: expected sha256: and 64 hexadecimal digits");

    private static T Parse<T>(byte[] content, string name, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(content, type) ?? throw new OciException($"its {Message.Printable(name)} is null");
        }
        catch (JsonException failure)
        {
            string line = failure.LineNumber is long number ? $", line {number + 1}" : "";
            throw new OciException($"its {Message.Printable(name)} is no such document{line}");
        }
    }

    private bool IsTagged(OciDescriptor descriptor) =>
        ((string[])[RefName, ContainerdName]).Any(key => IsTag(descriptor.Annotations?.GetValueOrDefault(key)));

    private bool IsTag(string? name) => name is not null && (name == tag || name.EndsWith(":" + tag, StringComparison.Ordinal));

    private static string Tags(OciIndex index)
    {
        string[] tags = [.. Descriptors(index).Select(one => one.Annotations?.GetValueOrDefault(RefName)).OfType<string>().Distinct().Take(5).Select(Message.Printable)];
        return tags.Length == 0 ? "" : $" (there are {string.Join(", ", tags)})";
    }

    private static string Named(OciDescriptor descriptor) => Message.Printable($"{descriptor.Platform?.Os}/{descriptor.Platform?.Architecture}");
}
