using System.Text.Json.Serialization;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>A file system of an image, and where it goes.</summary>
/// <param name="Target">The place in the tree.</param>
/// <param name="Partition">Its number; 0: the whole image is one file system.</param>
/// <param name="Offset">Where it begins in the image, in bytes.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Type">As in /proc/filesystems.</param>
/// <param name="Flags">What the mount forbids.</param>
/// <param name="Options">The file system's own options, comma separated.</param>
public sealed record ImageMount(
    string Target, int Partition, ulong Offset, ulong Size, string Type, MountFlags Flags, string Options)
{
    private const string Discard = "discard";

    /// <summary>Which rule chose it.</summary>
    [JsonPropertyOrder(100)]
    public required string Reason { get; init; }

    /// <summary>What checks it as it is read; null: nothing does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VerityTree? Verity { get; init; }

    /// <summary>It is to be made as large as its partition, which is marked so.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Grows { get; init; }

    /// <summary>It is in an encrypted partition (LUKS). Until that is open, the type says no more, and there are no options.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Encrypted { get; init; }

    [JsonIgnore]
    public PartitionRole Role { get; init; }

    /// <summary>A device of the host's device-mapper stands between it and the image.</summary>
    [JsonIgnore]
    public bool IsMapped => Verity is not null || Encrypted;

    [JsonIgnore]
    public bool ReadOnly => (Flags & MountFlags.ReadOnly) != 0;

    /// <summary>A container boots without it: its kernel is the host's.</summary>
    [JsonIgnore]
    public bool IsForBootLoader => Role is PartitionRole.Esp or PartitionRole.Xbootldr;

    public static ImageMount Of(PartitionRole role, int number, ulong offset, ulong size, Superblock superblock, bool readOnly, string reason)
    {
        bool boot = role is PartitionRole.Esp or PartitionRole.Xbootldr;
        string driver = superblock.Driver ?? (superblock.IsEncrypted ? superblock.Name : throw new ArgumentException(superblock.Name, nameof(superblock)));
        readOnly |= superblock.IsReadOnly;
        // Devices are those of /dev alone.
        MountFlags flags = MountFlags.NoDev | (readOnly ? MountFlags.ReadOnly : 0)
            | (boot ? MountFlags.NoSuid | MountFlags.NoExec | MountFlags.NoSymfollow : 0)
            | (role == PartitionRole.Tmp ? MountFlags.NoSuid : 0);
        return new ImageMount(TargetOf(role), number, offset, size, driver, flags, OptionsOf(superblock.Name, driver, readOnly, boot))
        {
            Role = role,
            Reason = reason,
            Encrypted = superblock.IsEncrypted,
        };
    }

    /// <summary>An encrypted one, once it is open.</summary>
    /// <param name="inside">What is in it.</param>
    /// <param name="size">The bytes in it.</param>
    public ImageMount Decrypted(Superblock inside, ulong size)
    {
        ImageMount mount = Of(Role, Partition, Offset, size, inside, ReadOnly, Reason);
        return mount with
        {
            Target = Target,
            Encrypted = true,
            Grows = Grows && !mount.ReadOnly && inside.Size < size,
            // What is free of an encrypted file system is nobody's business.
            Options = string.Join(',', mount.Options.Split(',').Where(option => option != Discard)),
        };
    }

    private static string TargetOf(PartitionRole role) => role switch
    {
        PartitionRole.Root => "/",
        PartitionRole.Usr => "/usr",
        PartitionRole.Home => "/home",
        PartitionRole.Srv => "/srv",
        PartitionRole.Var => "/var",
        PartitionRole.Tmp => "/var/tmp",
        PartitionRole.Xbootldr => "/boot",
        PartitionRole.Esp => "/efi",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    // A journal is replayed, and so written, even when a file system is mounted read-only: not unless it is told so.
    // Two copies of an XFS have one identity, which alone is no reason to refuse the second. What is deleted in an
    // image is to be given back to the host.
    private static string OptionsOf(string name, string driver, bool readOnly, bool boot) => string.Join(',', ((string[])
    [
        readOnly ? "ro" : "",
        driver == "xfs" ? "nouuid" : "",
        (readOnly, name, driver) switch
        {
            (true, "ext2", _) => "",
            (true, _, "ext4") => "noload",
            (true, _, "xfs") => "norecovery",
            (true, _, "btrfs") => "rescue=nologreplay",
            (false, _, "ext4" or "xfs" or "btrfs") => Discard,
            _ => "",
        },
        boot && driver == "vfat" ? "umask=0077" : "",
    ]).Where(option => option.Length > 0));
}
