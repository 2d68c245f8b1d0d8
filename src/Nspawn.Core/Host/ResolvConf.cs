using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>The files of the host that the tree's resolv.conf can be made from; systemd-resolved(8).</summary>
public static class ResolvConf
{
    public static readonly ImmutableArray<ResolvConfSource> Sources =
        [ResolvConfSource.Host, ResolvConfSource.Static, ResolvConfSource.Uplink, ResolvConfSource.Stub];

    public static string PathOf(ResolvConfSource source) => source switch
    {
        ResolvConfSource.Static => "/usr/lib/systemd/resolv.conf",
        ResolvConfSource.Uplink => "/run/systemd/resolve/resolv.conf",
        ResolvConfSource.Stub => "/run/systemd/resolve/stub-resolv.conf",
        _ => "/etc/resolv.conf",
    };
}
