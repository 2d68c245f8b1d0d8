using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nspawn.Core;

/// <summary>What is known of how an image is to be checked with dm-verity, before one has looked into it; veritysetup(8).</summary>
/// <param name="Role">What is checked: the root or /usr.</param>
/// <param name="RootHash">The hash of the whole hash tree, in lower-case hexadecimal digits.</param>
/// <param name="Signature">Its signature, PKCS#7 in DER; empty: none.</param>
/// <param name="HasDataFile">The hash tree is in a file of its own.</param>
public sealed record VerityRequest(PartitionRole Role, string RootHash, ImmutableArray<byte> Signature, bool HasDataFile)
{
    // As many bits as an UUID has.
    private const int UuidDigits = 32;

    /// <summary>A file of this much JSON is no signature.</summary>
    private const ulong LargestSignature = 4 * 1024 * 1024;

    public PartitionRole HashRole => Role == PartitionRole.Usr ? PartitionRole.UsrVerity : PartitionRole.RootVerity;

    /// <summary>
    /// The partition may be the one that the hash speaks of: the first half of it is the data's UUID, the last one the
    /// hash tree's.
    /// </summary>
    public bool Admits(PartitionRole role, Guid uuid) =>
        role == Role ? RootHash.StartsWith(uuid.ToString("N"), StringComparison.Ordinal)
        : role != HashRole || RootHash.EndsWith(uuid.ToString("N"), StringComparison.Ordinal);

    /// <summary>What a partition with a signature says: a JSON object, and zeros behind it; null: nothing of use.</summary>
    public static VerityRequest? FromPartition(PartitionRole role, ImageBytes image, Partition partition)
    {
        byte[]? bytes = partition.Size <= LargestSignature ? image.Exactly(partition.Offset, (int)partition.Size) : null;
        if (bytes is null)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes.AsMemory().TrimEnd((byte)0));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("rootHash", out JsonElement hash) && hash.ValueKind == JsonValueKind.String
                && document.RootElement.TryGetProperty("signature", out JsonElement signature) && signature.TryGetBytesFromBase64(out byte[]? der)
                && RootHashes.Parse(hash.GetString()!) is string digits && digits.Length >= 2 * UuidDigits
                ? new VerityRequest(role, digits, [.. der], HasDataFile: false)
                : null;
        }
        catch (Exception fault) when (fault is JsonException or UsageException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>The hash tree that a file system is checked by as it is read.</summary>
/// <param name="RootHash">What the tree's root has to hash to, in hexadecimal digits.</param>
/// <param name="Offset">Where the tree begins in the image, in bytes.</param>
/// <param name="Size">In bytes; 0: it is in a file of its own.</param>
public sealed record VerityTree(string RootHash, ulong Offset, ulong Size)
{
    [JsonIgnore]
    public ImmutableArray<byte> Signature { get; init; } = [];

    /// <summary>Without a signature that the kernel accepts it is not to be used.</summary>
    public bool MustBeSigned { get; init; }

    /// <summary>Nobody asked for it, and the file system may be used unchecked: where the kernel cannot, it is.</summary>
    public bool MayBeSkipped { get; init; }

    [JsonIgnore]
    public bool IsInFile => Size == 0;
}
