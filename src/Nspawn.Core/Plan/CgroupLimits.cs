using System.Globalization;

namespace Nspawn.Core;

/// <summary>
/// The limits of <c>--property=</c> where there is no service manager to set them: the files of the container's group
/// that mean the same; the kernel's Documentation/admin-guide/cgroup-v2.rst.
/// </summary>
internal static class CgroupLimits
{
    private const ulong Period = 100_000; // microseconds: the kernel's own default

    private static readonly Dictionary<string, (string Controller, string File)> s_files = new()
    {
        ["MemoryMin"] = ("memory", "memory.min"),
        ["MemoryLow"] = ("memory", "memory.low"),
        ["MemoryHigh"] = ("memory", "memory.high"),
        ["MemoryMax"] = ("memory", "memory.max"),
        ["MemorySwapMax"] = ("memory", "memory.swap.max"),
        ["TasksMax"] = ("pids", "pids.max"),
        ["CPUQuota"] = ("cpu", "cpu.max"),
        ["CPUWeight"] = ("cpu", "cpu.weight"),
        ["IOWeight"] = ("io", "io.weight"),
        ["AllowedCPUs"] = ("cpuset", "cpuset.cpus"),
    };

    public static IEnumerable<Step> Steps(PlanInput input)
    {
        foreach (string assignment in Assignments(input))
        {
            if (Refusal(input, assignment) is null)
            {
                (string name, string value) = Split(assignment);
                yield return new LimitCgroup(s_files[name].File, Value(name, value, input.Host)) { Reason = $"--property={assignment}" };
            }
        }
    }

    /// <summary>What of the assignments has no effect, and why: a line each.</summary>
    public static IEnumerable<string> Refusals(PlanInput input) =>
        Assignments(input).Select(assignment => Refusal(input, assignment)).OfType<string>();

    private static string[] Assignments(PlanInput input) =>
        Citizenship.HasScope(input) || input.Settings.KeepUnit ? [] : [.. input.Settings.Properties];

    private static string? Refusal(PlanInput input, string assignment)
    {
        (string name, string value) = Split(assignment);
        return !s_files.TryGetValue(name, out (string Controller, string File) file)
                ? $"--property={assignment} has no effect: there is no service manager here to set it"
            : !input.Host.Controllers.Contains(file.Controller)
                ? $"--property={assignment} has no effect: the {file.Controller} controller is not available in the launcher's cgroup"
            : name == "TasksMax" && value.EndsWith('%')
                ? $"--property={assignment} has no effect: without a service manager it takes a number"
            : null;
    }

    private static string Value(string name, string value, HostFacts host) => (name, value) switch
    {
        ("CPUQuota", "") => Invariant($"max {Period}"),
        ("CPUQuota", _) => Invariant($"{UnitProperties.Share(value, Period)} {Period}"),
        ("AllowedCPUs", _) => value,
        ("CPUWeight", "idle") => "1",
        (_, "") when name.EndsWith("Weight", StringComparison.Ordinal) => "100",
        ("IOWeight", _) => "default " + value,
        (_, "" or "infinity") => "max",
        (_, [.., '%']) => Invariant($"{UnitProperties.Share(value, host.Memory)}"),
        _ => UnitProperties.Parse($"{name}={value}").Value is UnitValue.Number { Value: var number } ? Invariant($"{number}") : value,
    };

    private static (string Name, string Value) Split(string assignment)
    {
        int equals = assignment.IndexOf('=');
        return (assignment[..equals], assignment[(equals + 1)..].Trim());
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
