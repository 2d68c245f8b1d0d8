using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>What a policy lets a partition be; systemd.image-policy(7).</summary>
[Flags]
public enum PartitionUse
{
    None = 0,
    Verity = 1, Signed = 2, Encrypted = 4, Unprotected = 8, Unused = 16, Absent = 32,
    Open = Verity | Signed | Encrypted | Unprotected | Unused | Absent,
    ReadOnlyOff = 64, ReadOnlyOn = 128, GrowFsOff = 256, GrowFsOn = 512,
}

/// <summary>
/// <c>--image-policy=</c>: what may be used of an image, and how protected it has to be. Partitions it does not name
/// follow the rule with the empty name, and without one are not used.
/// </summary>
public sealed record ImagePolicy(ImmutableSortedDictionary<PartitionRole, PartitionUse> Rules, PartitionUse Default)
{
    /// <summary>Whatever is there is used.</summary>
    public static readonly ImagePolicy Everything = new(ImmutableSortedDictionary<PartitionRole, PartitionUse>.Empty, Completed(PartitionUse.Open));

    private const PartitionUse ReadOnlyFlags = PartitionUse.ReadOnlyOff | PartitionUse.ReadOnlyOn;
    private const PartitionUse GrowFsFlags = PartitionUse.GrowFsOff | PartitionUse.GrowFsOn;

    private static readonly NameTable<PartitionUse> s_names = new(
        ("verity", PartitionUse.Verity), ("signed", PartitionUse.Signed), ("encrypted", PartitionUse.Encrypted),
        ("unprotected", PartitionUse.Unprotected), ("unused", PartitionUse.Unused), ("absent", PartitionUse.Absent),
        ("open", PartitionUse.Open),
        ("read-only-off", PartitionUse.ReadOnlyOff), ("read-only-on", PartitionUse.ReadOnlyOn),
        ("growfs-off", PartitionUse.GrowFsOff), ("growfs-on", PartitionUse.GrowFsOn));

    public static ImagePolicy Parse(string text)
    {
        ImmutableSortedDictionary<PartitionRole, PartitionUse> rules = Everything.Rules;
        PartitionUse? others = null;
        foreach (string rule in Spelled(text).Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = rule.IndexOf('=');
            if (equals < 0)
            {
                throw new UsageException("expected PARTITION=FLAG[+FLAG...], more of them joined by colons, or *, - or ~");
            }

            PartitionUse use = Completed(rule[(equals + 1)..].Split('+', StringSplitOptions.RemoveEmptyEntries)
                .Aggregate(PartitionUse.None, (sum, flag) => sum | s_names.Parse(flag.Trim())));
            string name = rule[..equals].Trim();
            if (name.Length > 0)
            {
                PartitionRole role = PartitionTypes.Names.Parse(name);
                rules = !rules.ContainsKey(role) ? rules.Add(role, use) : throw new UsageException($"two rules for {name}");
            }
            else
            {
                others = others is null ? use : throw new UsageException("two rules for all other partitions");
            }
        }

        return new ImagePolicy(rules, others ?? Completed(PartitionUse.Unused | PartitionUse.Absent));
    }

    public PartitionUse Of(PartitionRole role) => Rules.TryGetValue(role, out PartitionUse use) ? use : Default;

    /// <summary>A rule in the policy's own words.</summary>
    public static string Words(PartitionUse use) =>
        string.Join(" or ", s_names.Rows.Where(row => row.Value != PartitionUse.Open && (use & row.Value) != 0).Select(row => row.Name));

    private static string Spelled(string text) => text.Trim() switch
    {
        "*" => "=open",
        "-" => "=unused+absent",
        "~" => "=absent",
        "" => throw new UsageException("expected a policy, or *, - or ~"),
        string other => other,
    };

    // Nothing said of a kind is everything of it allowed.
    private static PartitionUse Completed(PartitionUse use)
    {
        use |= (use & PartitionUse.Open) == 0 ? PartitionUse.Open : 0;
        use |= (use & ReadOnlyFlags) == 0 ? ReadOnlyFlags : 0;
        return use | ((use & GrowFsFlags) == 0 ? GrowFsFlags : 0);
    }
}
