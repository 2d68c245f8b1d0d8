using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>What a partition holds, as the Discoverable Partitions Specification has it.</summary>
public enum PartitionRole
{
    Root, Usr, Home, Srv, Var, Tmp, Esp, Xbootldr, Swap,
    RootVerity, RootVeritySignature, UsrVerity, UsrVeritySignature,
}

/// <summary>The types of partitions, by the Discoverable Partitions Specification, as far as this processor can run what is in them.</summary>
public static class PartitionTypes
{
    public static readonly Guid Esp = new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");

    /// <summary>Linux data of no kind that a type says.</summary>
    public static readonly Guid Generic = new("0fc63daf-8483-4772-8e79-3d69d8477de4");

    /// <summary>Of a table with both, those of the processor's own architecture are used.</summary>
    private static readonly ImmutableArray<(string Type, PartitionRole Role, bool Secondary)> s_types =
    [
        ("4f68bce3-e8cd-4db1-96e7-fbcaf984b709", PartitionRole.Root, false),
        ("8484680c-9521-48c6-9c11-b0720656f69e", PartitionRole.Usr, false),
        ("2c7357ed-ebd2-46d9-aec1-23d437ec2bf5", PartitionRole.RootVerity, false),
        ("77ff5f63-e7b6-4633-acf4-1565b864c0e6", PartitionRole.UsrVerity, false),
        ("41092b05-9fc8-4523-994f-2def0408b176", PartitionRole.RootVeritySignature, false),
        ("e7bb33fb-06cf-4e81-8273-e543b413e2e2", PartitionRole.UsrVeritySignature, false),
        ("44479540-f297-41b2-9af7-d131d5f0458a", PartitionRole.Root, true),
        ("75250d76-8cc6-458e-bd66-bd47cc81a812", PartitionRole.Usr, true),
        ("d13c5d3b-b5d1-422a-b29f-9454fdc89d76", PartitionRole.RootVerity, true),
        ("8f461b0d-14ee-4e81-9aa9-049b6fb97abd", PartitionRole.UsrVerity, true),
        ("5996fc05-109c-48de-808b-23fa0830b676", PartitionRole.RootVeritySignature, true),
        ("974a71c0-de41-43c3-be5d-5c5ccd1ad2c0", PartitionRole.UsrVeritySignature, true),
        ("c12a7328-f81f-11d2-ba4b-00a0c93ec93b", PartitionRole.Esp, false),
        ("bc13c2ff-59e6-4262-a352-b275fd6f7172", PartitionRole.Xbootldr, false),
        ("933ac7e1-2eb4-4f13-b844-0e14e2aef915", PartitionRole.Home, false),
        ("3b8f8425-20e0-4f3b-907f-1a25a76f98e8", PartitionRole.Srv, false),
        ("4d21b016-b534-45c2-a9fb-5c16e091fd2d", PartitionRole.Var, false),
        ("7ec6f557-3bc5-4aca-b293-16ef5df639d1", PartitionRole.Tmp, false),
        ("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", PartitionRole.Swap, false),
    ];

    private static readonly ImmutableDictionary<Guid, (PartitionRole Role, bool Secondary)> s_byType =
        s_types.ToImmutableDictionary(row => new Guid(row.Type), row => (row.Role, row.Secondary));

    /// <summary>The names of <c>--image-policy=</c>.</summary>
    public static readonly NameTable<PartitionRole> Names = new(
        ("root", PartitionRole.Root), ("usr", PartitionRole.Usr), ("home", PartitionRole.Home), ("srv", PartitionRole.Srv),
        ("esp", PartitionRole.Esp), ("xbootldr", PartitionRole.Xbootldr), ("swap", PartitionRole.Swap),
        ("root-verity", PartitionRole.RootVerity), ("root-verity-sig", PartitionRole.RootVeritySignature),
        ("usr-verity", PartitionRole.UsrVerity), ("usr-verity-sig", PartitionRole.UsrVeritySignature),
        ("tmp", PartitionRole.Tmp), ("var", PartitionRole.Var));

    /// <summary>Every type that is known, for those who compare them with other lists.</summary>
    public static IEnumerable<(Guid Type, PartitionRole Role, bool Secondary)> All =>
        s_types.Select(row => (new Guid(row.Type), row.Role, row.Secondary));

    /// <summary>What the type is for; null: nothing that is known, or of another processor.</summary>
    public static PartitionRole? RoleOf(Guid type) => s_byType.TryGetValue(type, out (PartitionRole Role, bool) known) ? known.Role : null;

    /// <summary>It is for the 32-bit architecture of the processor.</summary>
    public static bool IsSecondary(Guid type) => s_byType.TryGetValue(type, out (PartitionRole, bool Secondary) known) && known.Secondary;
}
