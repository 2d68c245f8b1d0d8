using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Whether a port of the host is somebody's.</summary>
internal static class PortProbe
{
    public static bool IsTaken(ForwardedPort port) => InternetSocket.IsTaken(port.Protocol == TransportProtocol.Tcp, port.Host);
}
