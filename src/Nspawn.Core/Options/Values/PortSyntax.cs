using System.Globalization;

namespace Nspawn.Core;

/// <summary><c>[tcp:|udp:]HOST[:CONTAINER]</c></summary>
public static class PortSyntax
{
    public static ForwardedPort Parse(string text)
    {
        (TransportProtocol protocol, string ports) = text.Split(':', 2) switch
        {
            ["tcp", string rest] => (TransportProtocol.Tcp, rest),
            ["udp", string rest] => (TransportProtocol.Udp, rest),
            _ => (TransportProtocol.Tcp, text),
        };
        return ports.Split(':') switch
        {
            [string host] => new ForwardedPort(protocol, Number(host), Number(host)),
            [string host, string container] => new ForwardedPort(protocol, Number(host), Number(container)),
            _ => throw Refusal(),
        };
    }

    private static ushort Number(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port != 0 ? port : throw Refusal();

    private static UsageException Refusal() => new("expected HOST, HOST:CONTAINER, tcp: or udp: before it, ports from 1 to 65535");
}
