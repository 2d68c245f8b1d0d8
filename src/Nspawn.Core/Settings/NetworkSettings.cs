namespace Nspawn.Core;

/// <summary>An interface of the host, and what it or its other end is called in the container.</summary>
/// <param name="Host">The name on the host.</param>
/// <param name="Container">The name in the container; null: the one that is usual for its kind.</param>
public sealed record InterfacePair(string Host, string? Container);

public enum TransportProtocol { Tcp, Udp }

/// <summary><c>--port=</c>; what comes to a port of the host goes to one of the container.</summary>
public sealed record ForwardedPort(TransportProtocol Protocol, ushort Host, ushort Container)
{
    /// <summary>As the option takes it.</summary>
    public override string ToString() => $"{(Protocol == TransportProtocol.Tcp ? "tcp" : "udp")}:{Host}:{Container}";
}

/// <summary><c>--network-manage=</c>; who gives the container's link addresses, routes and a way out.</summary>
public enum NetworkManageMode
{
    /// <summary>The launcher, unless systemd-networkd runs on the host.</summary>
    Auto,

    /// <summary>The launcher.</summary>
    Yes,

    /// <summary>Whoever configures the host's network.</summary>
    No,
}
