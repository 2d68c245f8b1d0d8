using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Nspawn.Core;

/// <summary>The sockets of a network namespace that wait for others, by the kernel's tables; proc(5), /proc/PID/net.</summary>
public static class ListeningSockets
{
    // enum in linux/net/tcp_states.h; of a UDP socket that is connected to nobody it is TCP_CLOSE.
    private const string Listen = "0A", Unconnected = "07";

    /// <summary>The files below /proc/PID/net.</summary>
    public static readonly string[] Tables = ["tcp", "tcp6", "udp", "udp6"];

    /// <param name="table">Which of the tables it is.</param>
    /// <param name="text">The file.</param>
    /// <returns>Each as <c>tcp 0.0.0.0:22</c> or <c>udp [::]:53</c>.</returns>
    public static IEnumerable<string> Of(string table, string text)
    {
        string protocol = table.TrimEnd('6'), state = protocol == "tcp" ? Listen : Unconnected;
        foreach (string line in text.Split('\n').Skip(1))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 3 && fields[3] == state && Address(fields[1]) is string address)
            {
                yield return $"{protocol} {address}";
            }
        }
    }

    /// <summary>Words of four bytes each, as the host's memory has them, a colon, and the port.</summary>
    private static string? Address(string field)
    {
        int colon = field.IndexOf(':');
        if (colon is not (8 or 32) || !int.TryParse(field.AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int port))
        {
            return null;
        }

        byte[] bytes = new byte[colon / 2];
        for (int i = 0; i < colon; i += 8)
        {
            if (!uint.TryParse(field.AsSpan(i, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint word))
            {
                return null;
            }

            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i / 2), word);
        }

        return new IPEndPoint(new IPAddress(bytes), port).ToString();
    }
}
