using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Chooses the partitions of an image that are mounted; Discoverable Partitions Specification.</summary>
internal sealed class ImageParts(ImageBytes image, ImagePolicy policy, VerityRequest? verity, bool readOnly)
{
    /// <summary>What is mounted, in this order: no mount hides one before it.</summary>
    private static readonly ImmutableArray<PartitionRole> s_order =
    [
        PartitionRole.Root, PartitionRole.Usr, PartitionRole.Home, PartitionRole.Srv, PartitionRole.Var, PartitionRole.Tmp,
        PartitionRole.Xbootldr, PartitionRole.Esp,
    ];

    public List<string> Notices { get; } = [];

    /// <summary>An image without partitions.</summary>
    public ImageMount Whole(Superblock superblock, ulong size)
    {
        VerityTree? tree = verity switch
        {
            null => null,
            { Role: PartitionRole.Root, HasDataFile: true } => TreeOf(verity, 0, 0),
            _ => throw new LaunchException(
                $"it is one file system, and a root hash is given to check it by: --verity-data= has to name the file with its hash tree"),
        };
        Mount(PartitionRole.Root, new Partition(0, 0, size), superblock, tree, "the image is one file system", out ImageMount? mount);
        CheckAbsent([PartitionRole.Root]);
        return mount ?? throw NoRoot([]);
    }

    public ImmutableArray<ImageMount> Of(PartitionTable table)
    {
        Dictionary<PartitionRole, (Partition Partition, string Reason)> chosen = table.Scheme == PartitionScheme.Gpt ? OfGpt(table, verity) : OfMbr(table);
        VerityRequest? check = verity ?? OfSignature(chosen);
        VerityTree? tree = check is null ? null : TreeOf(check, chosen);
        if (!chosen.ContainsKey(PartitionRole.Root) && !chosen.ContainsKey(PartitionRole.Usr) && Generic(table) is (Partition, string) generic)
        {
            chosen.Add(PartitionRole.Root, generic);
        }

        CheckAbsent(chosen.Keys);
        List<ImageMount> mounts = [];
        foreach (PartitionRole role in s_order.Where(chosen.ContainsKey))
        {
            (Partition partition, string reason) = chosen[role];
            if (partition.Fault is string fault)
            {
                throw new LaunchException($"its partition {partition.Number} ({PartitionTypes.Names.NameOf(role)}) {fault}");
            }

            Mount(role, partition, Superblock.Probe(image, partition.Offset, partition.Size), check?.Role == role ? tree : null, reason, out ImageMount? mount);
            if (mount is not null)
            {
                mounts.Add(mount);
            }
        }

        if (!mounts.Any(mount => mount.Role is PartitionRole.Root or PartitionRole.Usr))
        {
            throw NoRoot(table.Partitions);
        }

        CheckOverlaps(mounts);
        return [.. mounts];
    }

    private static Dictionary<PartitionRole, (Partition, string)> OfGpt(PartitionTable table, VerityRequest? verity)
    {
        Dictionary<PartitionRole, (Partition Partition, string)> chosen = [];
        foreach (Partition partition in table.Partitions)
        {
            if (PartitionTypes.RoleOf(partition.Type) is PartitionRole role && !partition.NoAuto && verity?.Admits(role, partition.Uuid) != false
                && (!chosen.TryGetValue(role, out (Partition Partition, string) other) || IsBetter(role, partition, other.Partition)))
            {
                chosen[role] = (partition, Reason(role, partition, table));
            }
        }

        return chosen;
    }

    // The processor's own architecture; then, of the two that are made anew with each version, the newest label.
    private static bool IsBetter(PartitionRole role, Partition one, Partition other)
    {
        bool secondary = PartitionTypes.IsSecondary(one.Type), otherSecondary = PartitionTypes.IsSecondary(other.Type);
        return secondary != otherSecondary
            ? otherSecondary
            : role is PartitionRole.Root or PartitionRole.Usr && VersionOrder.Compare(one.Label, other.Label) > 0;
    }

    private static string Reason(PartitionRole role, Partition partition, PartitionTable table)
    {
        int rivals = table.Partitions.Count(other => !other.NoAuto && PartitionTypes.RoleOf(other.Type) == role) - 1;
        string label = partition.Label.Length > 0 ? $" \"{partition.Label}\"" : "";
        string choice = rivals == 0 ? ""
            : role is PartitionRole.Root or PartitionRole.Usr ? $", the newest of {rivals + 1} by its label"
            : $", the first of {rivals + 1}";
        return $"partition {partition.Number}{label} has the type of {PartitionTypes.Names.NameOf(role)}{choice}";
    }

    private static Dictionary<PartitionRole, (Partition, string)> OfMbr(PartitionTable table) =>
        table.Partitions.FirstOrDefault(one => one.MbrType == Mbr.Xbootldr) is Partition boot
            ? new() { [PartitionRole.Xbootldr] = (boot, $"partition {boot.Number} has the type of xbootldr") }
            : [];

    private static (Partition, string)? Generic(PartitionTable table)
    {
        bool isGpt = table.Scheme == PartitionScheme.Gpt;
        Partition[] candidates = [.. table.Partitions.Where(one =>
            isGpt ? one.Type == PartitionTypes.Generic && !one.NoAuto : one is { MbrType: Mbr.Linux, Bootable: true })];
        string kind = isGpt ? "generic Linux" : "bootable Linux";
        return candidates.Length > 1
            ? throw new LaunchException($"which of its {candidates.Length} {kind} partitions is the root? Give it the type of root, or keep one only")
            : candidates is [Partition only] ? (only, $"partition {only.Number} is the only {kind} one") : null;
    }

    // An image with a signature of its own asks to be checked, if it is whole and nobody forbids it.
    private VerityRequest? OfSignature(Dictionary<PartitionRole, (Partition Partition, string)> chosen)
    {
        foreach ((PartitionRole role, PartitionRole signature) in
            ((PartitionRole, PartitionRole)[])[(PartitionRole.Root, PartitionRole.RootVeritySignature), (PartitionRole.Usr, PartitionRole.UsrVeritySignature)])
        {
            if (chosen.TryGetValue(role, out (Partition Partition, string) data) && chosen.TryGetValue(signature, out (Partition Partition, string) signed)
                && (policy.Of(role) & (PartitionUse.Verity | PartitionUse.Signed)) != 0 && signed.Partition.Fault is null
                && VerityRequest.FromPartition(role, image, signed.Partition) is VerityRequest request
                && request.Admits(role, data.Partition.Uuid)
                && chosen.TryGetValue(request.HashRole, out (Partition Partition, string) hashes) && request.Admits(request.HashRole, hashes.Partition.Uuid))
            {
                return request;
            }
        }

        return null;
    }

    private VerityTree TreeOf(VerityRequest request, Dictionary<PartitionRole, (Partition Partition, string)> chosen)
    {
        string name = PartitionTypes.Names.NameOf(request.Role);
        if (request.HasDataFile)
        {
            throw new LaunchException("it has partitions: --verity-data= is for an image that is one file system");
        }

        return !chosen.ContainsKey(request.Role) ? throw new LaunchException($"it has no partition for {name} whose UUID is that of the root hash")
            : !chosen.TryGetValue(request.HashRole, out (Partition Partition, string) hashes)
            ? throw new LaunchException($"it has no partition for {name}-verity whose UUID is that of the root hash")
            : hashes.Partition.Fault is string fault ? throw new LaunchException($"its partition {hashes.Partition.Number} ({name}-verity) {fault}")
            : TreeOf(request, hashes.Partition.Offset, hashes.Partition.Size);
    }

    private VerityTree TreeOf(VerityRequest request, ulong offset, ulong size) => new(request.RootHash, offset, size)
    {
        Signature = request.Signature,
        MustBeSigned = (policy.Of(request.Role) & PartitionUse.Verity) == 0,
        MayBeSkipped = verity is null && (policy.Of(request.Role) & PartitionUse.Unprotected) != 0,
    };

    private static PartitionUse ProtectionOf(Superblock? superblock, VerityTree? tree) =>
        tree is not null ? tree.Signature.IsEmpty ? PartitionUse.Verity : PartitionUse.Verity | PartitionUse.Signed
        : superblock is { IsEncrypted: true } ? PartitionUse.Encrypted
        : PartitionUse.Unprotected;

    private void Mount(PartitionRole role, Partition partition, Superblock? superblock, VerityTree? tree, string reason, out ImageMount? mount)
    {
        mount = null;
        string subject = partition.Number == 0 ? "it" : $"its partition {partition.Number} ({PartitionTypes.Names.NameOf(role)})";
        PartitionUse use = policy.Of(role), protection = ProtectionOf(superblock, tree);
        if ((use & protection) == 0)
        {
            _ = (use & PartitionUse.Unused) != 0
                ? use
                : throw new LaunchException($"--image-policy= wants {PartitionTypes.Names.NameOf(role)} to be {ImagePolicy.Words(use & PartitionUse.Open)}: {subject} is {ImagePolicy.Words(protection)}");
            return;
        }

        CheckFlags(role, partition, use);
        if (superblock is null && role is PartitionRole.Esp or PartitionRole.Xbootldr)
        {
            Notices.Add($"{subject} holds no file system: the container goes without it");
            return;
        }

        bool encrypted = superblock is { IsEncrypted: true } && tree is null;
        superblock = encrypted ? superblock! : Superblock.Usable(superblock, partition.Size, subject);
        mount = ImageMount.Of(role, partition.Number, partition.Offset, partition.Size, superblock, readOnly || partition.ReadOnly || tree is not null, reason) with
        {
            Verity = tree,
        };
        mount = mount with { Grows = partition.GrowsFileSystem && !mount.ReadOnly && superblock.Size < partition.Size };
    }

    private static void CheckFlags(PartitionRole role, Partition partition, PartitionUse use)
    {
        PartitionUse asItIs = (partition.ReadOnly ? PartitionUse.ReadOnlyOn : PartitionUse.ReadOnlyOff)
            | (partition.GrowsFileSystem ? PartitionUse.GrowFsOn : PartitionUse.GrowFsOff);
        if (partition.Number > 0 && (use & asItIs) != asItIs)
        {
            throw new LaunchException(
                $"--image-policy= does not want {PartitionTypes.Names.NameOf(role)} to be {ImagePolicy.Words(asItIs & ~use)}, as partition {partition.Number} is");
        }
    }

    private void CheckAbsent(IReadOnlyCollection<PartitionRole> present)
    {
        foreach (PartitionRole role in Enum.GetValues<PartitionRole>())
        {
            PartitionUse use = policy.Of(role);
            bool isData = s_order.Contains(role);
            // What verity is for follows what is protected, unless the policy names it.
            if (!isData && role != PartitionRole.Swap && !policy.Rules.ContainsKey(role))
            {
                continue;
            }

            if (!present.Contains(role) && (use & PartitionUse.Absent) == 0)
            {
                throw new LaunchException($"--image-policy= wants {PartitionTypes.Names.NameOf(role)} to be {ImagePolicy.Words(use & PartitionUse.Open)}: it has no such partition");
            }

            if (!isData && present.Contains(role) && (use & PartitionUse.Open) == PartitionUse.Absent)
            {
                throw new LaunchException($"--image-policy= wants {PartitionTypes.Names.NameOf(role)} to be absent: it has such a partition");
            }
        }
    }

    private static void CheckOverlaps(List<ImageMount> mounts)
    {
        ImageMount[] inOrder = [.. mounts.OrderBy(mount => mount.Offset)];
        for (int i = 1; i < inOrder.Length; i++)
        {
            if (inOrder[i - 1].Offset + inOrder[i - 1].Size > inOrder[i].Offset)
            {
                throw new LaunchException($"its partitions {inOrder[i - 1].Partition} and {inOrder[i].Partition} overlap: one would destroy the other");
            }
        }
    }

    private static LaunchException NoRoot(IReadOnlyCollection<Partition> partitions) => new(
        "it has no partition to use as the root: neither one with the type of root or usr for this processor, nor a single generic (GPT) or bootable (MBR) Linux one"
        + (partitions.Count == 0 ? "" : $"; there are {partitions.Count} others"));
}
