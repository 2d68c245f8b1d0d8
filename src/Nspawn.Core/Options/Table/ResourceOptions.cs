using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options that limit what the payload uses of the host.</summary>
internal static class ResourceOptions
{
    public static readonly ImmutableArray<Option> Rows =
    [
        Option.Value("rlimit", null, "NAME=LIMIT", "Resource limit, SOFT[:HARD] or infinity",
            (settings, value) => settings with { Rlimits = Rlimits.Add(settings.Rlimits, value) }) with
        {
            Key = "Exec.Limit*",
            Privileged = true,
            Merging = Merging.Always,
            Values = Rlimits.Names,
        },
        Option.Value("oom-score-adjust", null, "VALUE", "-1000 (killed last) to 1000 (killed first)",
            (settings, value) => settings with { OomScoreAdjust = OomScore.Parse(value) }) with
        {
            Key = "Exec.OOMScoreAdjust",
            Privileged = true,
        },
        Option.Value("cpu-affinity", null, "CPUS", "Processors to run on, such as 0-3,5",
            (settings, value) => settings with { CpuAffinity = CpuList.Parse(value) }) with
        {
            Key = "Exec.CPUAffinity",
            Privileged = true,
            Joined = true,
        },
        Option.Value("personality", null, "ARCH", "x86 or x86-64: what uname(2) says",
            (settings, value) => settings with { Personality = ModeNames.Personality.Parse(value) }) with
        {
            Key = "Exec.Personality",
            Values = () => ModeNames.Personality.Names,
        },
    ];
}
