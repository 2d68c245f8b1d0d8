namespace Nspawn.Core;

/// <summary>The limits of a bundle as properties of a unit; systemd.resource-control(5).</summary>
internal static class BundleProperties
{
    public static IEnumerable<string> Of(BundleResources? resources, List<string> warnings)
    {
        if (resources is null)
        {
            yield break;
        }

        foreach ((string name, string? value) in ((string, string?)[])
        [
            ("MemoryMax", Amount(resources.Memory?.Limit)),
            ("MemoryLow", Amount(resources.Memory?.Reservation)),
            ("MemorySwapMax", Swap(resources.Memory)),
            ("CPUWeight", resources.Cpu?.Shares is ulong shares and > 0 ? $"{Math.Clamp(1 + ((Math.Clamp(shares, 2, 262144) - 2) * 9999 / 262142), 1, 10000)}" : null),
            ("CPUQuota", resources.Cpu is { Quota: long quota and > 0 } cpu ? $"{Math.Max(1, (ulong)quota * 100 / Math.Max(1, cpu.Period ?? 100_000))}%" : null),
            ("AllowedCPUs", string.IsNullOrEmpty(resources.Cpu?.Cpus) ? null : resources.Cpu.Cpus),
            ("TasksMax", resources.Pids?.Limit is long tasks and not 0 ? tasks < 0 ? "infinity" : $"{tasks}" : null),
            ("IOWeight", resources.BlockIO?.Weight is ushort weight and > 0 ? $"{Math.Clamp((int)weight, 1, 10000)}" : null),
        ])
        {
            if (value is not null)
            {
                yield return $"{name}={value}";
            }
        }

        if ((resources.Devices ?? []).Any(rule => rule is { Allow: true }))
        {
            warnings.Add("linux.resources.devices have no effect here: a device is allowed by passing it, in linux.devices");
        }

        foreach (string key in resources.Rest?.Keys ?? (IEnumerable<string>)[])
        {
            warnings.Add($"linux.resources.{Message.Printable(key)} has no effect here");
        }
    }

    private static string? Amount(long? bytes) => bytes is null or 0 ? null : bytes < 0 ? "infinity" : $"{bytes}";

    // There it is the sum of both.
    private static string? Swap(BundleMemory? memory) => memory?.Swap switch
    {
        null or 0 => null,
        < 0 => "infinity",
        long swap => $"{Math.Max(0, swap - Math.Max(0, memory.Limit ?? 0))}",
    };
}
