namespace Nspawn.Linux;

/// <summary>A resource limit by its number in asm-generic/resource.h; getrlimit(2).</summary>
public enum RlimitResource
{
    Cpu, Fsize, Data, Stack, Core, Rss, Nproc, Nofile, Memlock, As, Locks, Sigpending, Msgqueue, Nice, Rtprio, Rttime,
}

/// <summary>A soft and a hard limit; <see cref="Infinity"/> is no limit.</summary>
public readonly record struct Rlimit(ulong Soft, ulong Hard)
{
    public const ulong Infinity = ulong.MaxValue;
}
