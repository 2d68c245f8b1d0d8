using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// The payload's resource limits: those the kernel gives its own PID 1, not those of whoever called the launcher;
/// setrlimit(2), include/asm-generic/resource.h.
/// </summary>
internal static class RlimitSteps
{
    private const ulong Mebibyte = 1024 * 1024;
    private const ulong ServiceNofile = 512 * 1024;

    public static IEnumerable<Step> Of(PlanInput input)
    {
        for (RlimitResource resource = 0; (int)resource < Linux.Limits.Count; resource++)
        {
            Rlimit current = input.Host.Limits[(int)resource];
            bool asked = input.Settings.Rlimits.TryGetValue(resource, out Rlimit limit);
            Rlimit wanted = Attainable(resource, asked ? limit : Default(resource, input.Host), current, input.Host);
            if (wanted != current)
            {
                yield return new SetRlimit(resource, wanted) { Reason = asked ? "--rlimit=" : "the kernel's limits for a PID 1" };
            }
        }
    }

    private static Rlimit Default(RlimitResource resource, HostFacts host) => resource switch
    {
        RlimitResource.Core => new(0, Rlimit.Infinity),
        RlimitResource.Stack => new(8 * Mebibyte, Rlimit.Infinity),
        RlimitResource.Memlock => new(8 * Mebibyte, 8 * Mebibyte),
        RlimitResource.Msgqueue => new(819200, 819200),
        RlimitResource.Nice or RlimitResource.Rtprio => new(0, 0),
        RlimitResource.Nofile => new(1024, Math.Min(host.NrOpen, ServiceNofile)),
        RlimitResource.Nproc => host.InitNproc,
        RlimitResource.Sigpending => host.InitSigpending,
        _ => new(Rlimit.Infinity, Rlimit.Infinity),
    };

    // Without CAP_SYS_RESOURCE no hard limit can be raised, and nobody may have more descriptors than fs.nr_open: the
    // nearest has to do.
    private static Rlimit Attainable(RlimitResource resource, Rlimit wanted, Rlimit current, HostFacts host)
    {
        bool raises = host.Bounding.Contains(Capability.SysResource) && host.OwnIds is null; // of the host's root only
        ulong hard = raises ? wanted.Hard : Math.Min(wanted.Hard, current.Hard);
        hard = resource == RlimitResource.Nofile ? Math.Min(hard, host.NrOpen) : hard;
        return new Rlimit(Math.Min(wanted.Soft, hard), hard);
    }
}
