using System.Collections.Immutable;
using System.Globalization;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What a container's payload was confined to: the same holds for whoever enters it later.</summary>
public sealed record Confinement
{
    /// <summary>The capabilities it keeps.</summary>
    public required CapabilitySet Bounding { get; init; }
    public bool NoNewPrivileges { get; init; }

    // Its system call filter.
    public ImmutableArray<string> AllowSystemCalls { get; init; } = [];
    public ImmutableArray<string> DenySystemCalls { get; init; } = [];
    public bool SuppressSync { get; init; }
    public AddressFamilies? Families { get; init; }

    /// <summary>Its limits, by number.</summary>
    public ImmutableArray<Rlimit> Limits { get; init; } = [];
    public Personality Personality { get; init; }

    /// <summary>The processors it may use; empty: all.</summary>
    public ImmutableArray<int> Affinity { get; init; } = [];

    /// <summary>The environment it was started with.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>What a plan confines its payload to.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">The launcher's own limits, which hold where the plan sets none.</param>
    public static Confinement Of(Plan plan, ImmutableArray<Rlimit> limits)
    {
        Confinement confinement = new() { Bounding = CapabilitySet.Empty };
        Rlimit[] own = [.. limits];
        foreach (Step step in plan.Leader)
        {
            switch (step)
            {
                case SetRlimit set:
                    own[(int)set.Resource] = set.Limit;
                    break;
                case SetCapabilities set:
                    confinement = confinement with { Bounding = set.Bounding };
                    break;
                case LoadFilter load:
                    confinement = confinement with { AllowSystemCalls = load.Allow, DenySystemCalls = load.Deny, SuppressSync = load.SuppressSync, Families = load.Families };
                    break;
                case SetNoNewPrivileges:
                    confinement = confinement with { NoNewPrivileges = true };
                    break;
                case SetPersonality set:
                    confinement = confinement with { Personality = set.Personality };
                    break;
                case SetAffinity set:
                    confinement = confinement with { Affinity = set.Processors };
                    break;
                case Execute execute:
                    confinement = confinement with { Environment = execute.Environment };
                    break;
            }
        }

        return confinement with { Limits = [.. own] };
    }

    internal void AppendTo(Action<string, string> append)
    {
        append("CAPABILITIES", Bounding.Mask.ToString("x", CultureInfo.InvariantCulture));
        append("LIMITS", string.Join(' ', Limits.Select(limit => $"{limit.Soft}:{limit.Hard}")));
        append("FLAGS", string.Join(' ', ((string[])[NoNewPrivileges ? "no-new-privileges" : "", SuppressSync ? "suppress-sync" : "", Personality == Personality.Default ? "" : Personality.ToString()]).Where(one => one.Length > 0)));
        AppendIfAny(append, "AFFINITY", Affinity.Select(one => one.ToString(CultureInfo.InvariantCulture)));
        AppendIfAny(append, "ALLOW", AllowSystemCalls);
        AppendIfAny(append, "DENY", DenySystemCalls);
        if (Families is not null)
        {
            append("FAMILIES", string.Join(' ', Families.Families.Select(one => one.ToString(CultureInfo.InvariantCulture)).Prepend(Families.Only ? "only" : "but")));
        }

        foreach (string variable in Environment)
        {
            append("ENVIRONMENT", variable);
        }
    }

    internal static Confinement From(Func<string, IReadOnlyList<string>> lines)
    {
        string[] Words(string key) => lines(key) is [string one, ..] ? one.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        string[] flags = Words("FLAGS");
        return new Confinement
        {
            Bounding = Words("CAPABILITIES") is [string mask] && ulong.TryParse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong set)
                ? new CapabilitySet(set) : CapabilitySet.Empty,
            NoNewPrivileges = flags.Contains("no-new-privileges"),
            SuppressSync = flags.Contains("suppress-sync"),
            Personality = flags.Contains(nameof(Personality.X86)) ? Personality.X86
                : flags.Contains(nameof(Personality.X8664)) ? Personality.X8664 : Personality.Default,
            Limits = [.. Words("LIMITS").Select(word => word.Split(':')).Where(pair => pair.Length == 2)
                .Select(pair => new Rlimit(ulong.Parse(pair[0], CultureInfo.InvariantCulture), ulong.Parse(pair[1], CultureInfo.InvariantCulture)))],
            Affinity = [.. Words("AFFINITY").Select(word => int.Parse(word, CultureInfo.InvariantCulture))],
            AllowSystemCalls = [.. Words("ALLOW")],
            DenySystemCalls = [.. Words("DENY")],
            Families = Words("FAMILIES") is [string which, .. string[] numbers]
                ? new AddressFamilies(which == "only", [.. numbers.Select(one => int.Parse(one, CultureInfo.InvariantCulture))]) : null,
            Environment = [.. lines("ENVIRONMENT")],
        };
    }

    private static void AppendIfAny(Action<string, string> append, string key, IEnumerable<string> words)
    {
        string text = string.Join(' ', words);
        if (text.Length > 0)
        {
            append(key, text);
        }
    }
}
