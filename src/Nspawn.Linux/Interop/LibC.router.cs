namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const int SO_BROADCAST = 6;
    public const int SO_BINDTODEVICE = 25;
    public const int SO_ATTACH_FILTER = 26;
    public const int IPPROTO_ICMPV6 = 58;
    public const int IPV6_MULTICAST_HOPS = 18;
    public const int IPV6_MULTICAST_LOOP = 19;
    public const int IPV6_JOIN_GROUP = 20;
    public const int ICMP6_FILTER = 1;

    public struct ipv6_mreq
    {
        public fixed byte ipv6mr_multiaddr[16];
        public uint ipv6mr_interface;
    }
}
